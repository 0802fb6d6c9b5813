/**
 * What a notebook shows.
 *
 * @module
 */

import type { Run } from "./job.ts";
import { INSPECT } from "../job/format.ts";

/** What a Jupyter kernel asks a value that is to be shown. */
export const JUPYTER = Symbol.for("Jupyter.display");

/** The same in several forms, by their media types. */
export type MediaBundle = Readonly<Record<string, string>>;

/** What is used of Deno's kernel. */
export interface Kernel {
  broadcast(type: string, content: Readonly<Record<string, unknown>>): Promise<void>;
}

const POLL_MS = 500;

/** In a notebook, shows how far a run is until it ends. */
export function showProgress(run: Run, kernel: Kernel | undefined = kernelHere()): void {
  if (!kernel) return;
  const transient = { display_id: crypto.randomUUID() };
  const show = (type: string) =>
    kernel.broadcast(type, { data: { "text/plain": run[INSPECT]() }, metadata: {}, transient });
  show("display_data");
  const timer = setInterval(() => {
    show("update_display_data");
    if (run.hasEnded) clearInterval(timer);
  }, POLL_MS);
}

function kernelHere(): Kernel | undefined {
  try {
    return (Deno as { jupyter?: Kernel }).jupyter;
  } catch {
    // Outside of a notebook even asking is an error.
    return undefined;
  }
}
