/**
 * The far side of the platform: runs the slice of one platform job with the engine `local`, and writes
 * the events to a result archive, which the platform returns to the controller.
 *
 * The module is bundled into one program, which the Python entry point starts.
 *
 * @module
 */

import { brokenText } from "../shared/start_error.ts";
import type { EventBatch } from "../../journal/format.ts";
import { dirname } from "../../util/paths.ts";
import { startLongTimer } from "../../util/time/long_timer.ts";
import { localEngine } from "../local/local.ts";
import { ResultArchive } from "./result_archive.ts";
import { countTasks, readSlice } from "../shared/task_ranges.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { parseJson } from "../../util/parse_json.ts";
import { addBatch } from "./add_batch.ts";
import type { SliceEnd, SliceLine, SliceSettings } from "./compute_part.ts";
import { ChangedFiles } from "../shared/task_files.ts";

/** The JSON that the Python module writes to stdin. */
interface SliceInput {
  readonly settings: SliceSettings;
  /** The task ranges of the slice. */
  readonly ranges: readonly TaskRange[];
  /** The arguments of the tasks, one per line, as gzip in Base64. */
  readonly packed: string;
  /** The path of the bundle with the user's function. */
  readonly bundle: string;
  /** The path at which to write the result archive. */
  readonly answers: string;
}

/** Runs the tasks of a slice. */
export async function runOnPlatform(): Promise<void> {
  const input: SliceInput = parseJson(await new Response(Deno.stdin.readable).text());
  say({ begun: new Date().toISOString() });
  const { seconds, grace } = input.settings;
  using limits = new TimeLimit(seconds * 1000, grace);
  const archive = new ResultArchive(say);
  const end = await runSlice(input, archive, limits);
  await Deno.writeFile(input.answers, await archive.close(end));
  // A pending timer must not keep the process alive.
  Deno.exit(0);
}

async function runSlice(
  { settings, ranges, packed, bundle, answers }: SliceInput,
  archive: ResultArchive,
  limits: TimeLimit,
): Promise<SliceEnd> {
  const full = new AbortController();
  const files = new ChangedFiles(`${dirname(answers)}/files`, console.error);
  let left = countTasks(ranges);
  const run = localEngine.run(readSlice(unpack(packed), ranges, () => false), {
    ...settings,
    bundle,
    files: `${dirname(answers)}/files`,
    env: {},
    warn: console.error,
    stop: limits.near,
    signal: AbortSignal.any([limits.over, full.signal]),
  });
  try {
    for await (const batch of run) {
      left -= batch.succeeded + batch.failures.length;
      await addBatch(archive, files, batch, left);
      log(batch);
      if (archive.isFull) full.abort();
    }
  } catch (error) {
    return { broken: brokenText(error) };
  }
  if (archive.isFull) return { full: new Date().toISOString() };
  if (limits.over.aborted) return { terminated: new Date().toISOString() };
  return { ended: new Date().toISOString() };
}

/** Prints logs and spans to the platform job's log, because the archive has limited space. */
function log({ logs, span }: EventBatch): void {
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

// A platform job that reaches its time limit returns nothing, so the program exits shortly before
// the limit.
const LEAST_MS = 15_000, SHARE = 0.1;

/** Aborts signals shortly before a platform job's time limit. */
class TimeLimit implements Disposable {
  #near = new AbortController();
  /** A signal that is aborted when no more tasks should start. */
  readonly near: AbortSignal = this.#near.signal;
  #over = new AbortController();
  /** A signal that is aborted when running calls must end. */
  readonly over: AbortSignal = this.#over.signal;
  #stops: readonly (() => void)[];

  constructor(ms: number, grace: number) {
    const last = Math.min(LEAST_MS, ms * SHARE);
    // Calls that react to the end have `grace` before the last moment.
    const end = last + Math.min(grace, 2 * ms * SHARE);
    // Running calls get some time to finish.
    const early = Math.min(ms / 2, Math.max(4 * last, 2 * end, ms * SHARE));
    this.#stops = [
      startLongTimer(() => this.#near.abort(), ms - early),
      startLongTimer(() => this.#over.abort(), ms - end),
    ];
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}
