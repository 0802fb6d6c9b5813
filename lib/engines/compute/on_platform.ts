/**
 * The far side of the platform: runs the slice of the tasks that one platform job has, with the
 * engine `local`, and leaves what becomes of them in a file that the platform hands back.
 *
 * This is bundled into one program, which a few lines of Python start.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { EventBatch } from "../../journal/format.ts";
import { localEngine } from "../local/local.ts";
import { Parcel } from "./result_archive.ts";
import { readSlice, type TaskRange } from "../shared/task_ranges.ts";
import type { SliceEnd, SliceLine, SliceSettings } from "./slice.ts";

/** What it is told on stdin, as JSON. */
interface SliceRequest {
  readonly settings: SliceSettings;
  readonly rows: readonly TaskRange[];
  /** The arguments, a line each, compressed. */
  readonly packed: string;
  /** The user's function, as a program. */
  readonly bundle: string;
  /** Where what became of the tasks goes to. */
  readonly answers: string;
}

/** Runs the tasks of a slice. */
export async function work(): Promise<void> {
  const request: SliceRequest = JSON.parse(await new Response(Deno.stdin.readable).text());
  say({ begun: new Date().toISOString() });
  using limits = new TimeLimit(request.settings.seconds * 1000);
  const parcel = new Parcel();
  const end = await runSlice(request, parcel, limits);
  await Deno.writeFile(request.answers, await parcel.close(end));
  // A timer that is left must not keep the machine.
  Deno.exit(0);
}

async function runSlice(
  { settings, rows, packed, bundle, answers }: SliceRequest,
  parcel: Parcel,
  limits: TimeLimit,
): Promise<SliceEnd> {
  const full = new AbortController();
  const run = localEngine.run(readSlice(unpack(packed), rows, () => false), {
    ...settings,
    bundle,
    folder: answers.slice(0, answers.lastIndexOf("/")),
    env: {},
    cpus: 1,
    gpus: 0,
    image: "",
    settings: {},
    warn: console.error,
    stop: limits.near,
    signal: AbortSignal.any([limits.over, full.signal]),
  });
  try {
    for await (const batch of run) {
      await parcel.add(batch);
      tell(batch);
      if (parcel.isFull) full.abort();
    }
  } catch (error) {
    if (error instanceof UsageError) return { broken: error.message };
    throw error;
  }
  if (limits.over.aborted) return { terminated: new Date().toISOString() };
  return { ended: new Date().toISOString() };
}

/** What is no answer goes the way of all that is said, which has no such narrow limit. */
function tell({ logs, span }: EventBatch): void {
  for (const line of logs) say(line);
  if (span) say({ span });
}

function say(line: SliceLine): void {
  console.log(JSON.stringify(line));
}

function unpack(packed: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.fromBase64(packed);
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
}

// What the platform ends it says nothing any more: its time is over a little before.
const LEAST_MS = 15_000, SHARE = 0.1;

/** The time that the platform gives. */
class TimeLimit implements Disposable {
  #near = new AbortController();
  #over = new AbortController();
  #timers: readonly ReturnType<typeof setTimeout>[];

  constructor(ms: number) {
    const last = Math.min(LEAST_MS, ms * SHARE);
    // What runs then has some time to end.
    const early = Math.min(ms / 2, Math.max(4 * last, ms * SHARE));
    this.#timers = [
      setTimeout(() => this.#near.abort(), ms - early),
      setTimeout(() => this.#over.abort(), ms - last),
    ];
  }

  /** Aborted when nothing more shall be begun. */
  get near(): AbortSignal {
    return this.#near.signal;
  }

  /** Aborted when what runs must end. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
