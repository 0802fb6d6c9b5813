/**
 * Displays the progress of a run in a Jupyter notebook.
 *
 * @see https://docs.deno.com/runtime/reference/cli/jupyter/ for how values are displayed.
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data for the message
 * format.
 *
 * @module
 */

import { currentKernel, type Kernel } from "../util/notebook.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import type { Run } from "./run.ts";
import { startLightTimer } from "../util/time/light_timer.ts";
import { type Cancelable, endEntry, stopEntry } from "./runs.ts";

/** The key of the method that a Jupyter kernel calls to display a value. */
export const JUPYTER: unique symbol = Symbol.for("Jupyter.display") as never;

/** One value in several formats, keyed by media type. */
export type MediaBundle = Readonly<Record<string, string>>;

const POLL_MS = 500;

/**
 * Displays the progress of a run in a notebook until the run ends, and lets the stop button cancel
 * the run. Does nothing outside a notebook.
 *
 * @param run the run.
 * @param kernel the notebook's kernel; `undefined` outside a notebook.
 */
export function showProgress(run: Run, kernel: Kernel | undefined = currentKernel()): void {
  if (!kernel) return;
  const transient = { display_id: crypto.randomUUID() };
  const show = (type: string) =>
    kernel.broadcast(type, { data: { "text/plain": run[INSPECT]() }, metadata: {}, transient });
  show("display_data");
  const stop = cancelOnStop(run, kernel);
  const timer = setInterval(() => show("update_display_data"), POLL_MS);
  const end = () => {
    clearInterval(timer);
    stop[Symbol.dispose]();
    // The kernel may end with the cell that awaits the run.
    show("update_display_data");
  };
  run.then(end, end);
}

/**
 * Lets the stop button of a notebook cancel work, until the returned object is disposed. Runs that
 * start in the second after that, as in a loop, are refused. Without a listener, the signal of the
 * button ends the kernel, and all variables are lost. Does nothing outside a notebook.
 */
export function cancelOnStop(
  work: Cancelable,
  kernel: Kernel | undefined = currentKernel(),
): Disposable {
  let isStopped = false;
  const cancel = () => {
    isStopped = true;
    stopEntry();
    work.cancel();
  };
  if (kernel) Deno.addSignalListener("SIGINT", cancel);
  return {
    [Symbol.dispose]() {
      if (kernel) Deno.removeSignalListener("SIGINT", cancel);
      // The kernel does not tell when a cell ends. Its loop would start the next run soon.
      if (isStopped) startLightTimer(endEntry, LOOP_MS);
    },
  };
}

const LOOP_MS = 1000;
