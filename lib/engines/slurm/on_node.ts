/**
 * The far side of Slurm: runs the slice of one array task on a node of the cluster with the engine
 * `local`, and appends the events to the array task's file.
 *
 * The module is bundled into one program, which needs only Deno and the job's folder on the node.
 *
 * @module
 */

import { type EventBatch, eventLine } from "../../journal/format.ts";
import { eachResult, scanEvents, wholeEnd } from "../../journal/scan.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, PRIVATE_FILE } from "../../util/fs.ts";
import { LineBuffer } from "../../util/line_buffer.ts";
import { createMask } from "../../util/mask.ts";
import { localEngine } from "../local/local.ts";
import { maskEvents } from "../shared/mask_events.ts";
import { countTasks, readSlice } from "../shared/task_ranges.ts";
import {
  arrayTaskFiles,
  type ArrayTaskLine,
  envOfArray,
  jobArrays,
  stopFile,
} from "./job_array.ts";

/** The JSON argument of an array task's program. */
export interface ArrayTaskOptions {
  /** The folder of the array; queued scripts of version 0.1.0 use the same field name. */
  readonly wave: string;
}

// On a network file system, other machines see new lines only after a sync.
const SYNC_MS = 1000;
const STOP_MS = 1000;
const TERMINATED = 143;

/** Runs the slice of an array task. */
export async function runOnNode(
  { wave: dir }: ArrayTaskOptions = JSON.parse(Deno.args[0]!),
): Promise<void> {
  const index = Number(Deno.env.get("SLURM_ARRAY_TASK_ID"));
  const arrays = jobArrays(`${dir}/../..`);
  const { settings, elements } = await arrays.read(dir);
  const env = await envOfArray(arrays.folder, settings);
  const files = arrayTaskFiles(dir, index), ranges = elements[index]!;
  using events = await EventFile.open(files.events);
  using signals = new Signals(stopFile(dir));
  const tasks = readSlice(files.tasks, ranges, (id) => events.answered.has(id));
  const batches = localEngine.run(tasks, {
    ...settings,
    env,
    folder: dir,
    cpus: 1,
    image: "",
    settings: {},
    warn: console.error,
    stop: signals.stop,
    signal: signals.end,
  });
  const mask = createMask(Object.values(env)), run = mask ? maskEvents(batches, mask) : batches;
  try {
    for await (const batch of run) {
      events.write(batch);
      if (events.count > 0) signals.progressed();
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    events.say({ broken: error.message });
  }
  // The controller queries Slurm for the reason.
  if (signals.end.aborted) {
    events.say({ terminated: new Date().toISOString() });
    return events.exit(TERMINATED);
  }
  events.say({ ended: new Date().toISOString(), left: countTasks(ranges) - events.count });
  events.exit(0);
}

/** The signals that tell an array task to start no more tasks, or to end. */
class Signals implements Disposable {
  #stop = new AbortController();
  #end = new AbortController();
  #timer: ReturnType<typeof setInterval>;
  #hasProgressed = false;
  #isTimeNear = false;
  #onTime = () => {
    this.#isTimeNear = true;
    // Slurm may send the signal right after the start. Stopping before the first result could
    // repeat forever, because the next array task would receive all tasks and could also stop at
    // once.
    if (this.#hasProgressed) this.#stop.abort();
  };
  #onTerm = () => this.#end.abort();

  constructor(stopFile: string) {
    // Slurm sends this signal when the time limit is near.
    Deno.addSignalListener("SIGUSR2", this.#onTime);
    Deno.addSignalListener("SIGTERM", this.#onTerm);
    this.#timer = setInterval(() => exists(stopFile) && this.#stop.abort(), STOP_MS);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get end(): AbortSignal {
    return this.#end.signal;
  }

  /** Records that at least one task has ended. */
  progressed(): void {
    this.#hasProgressed = true;
    if (this.#isTimeNear) this.#stop.abort();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGUSR2", this.#onTime);
    Deno.removeSignalListener("SIGTERM", this.#onTerm);
  }
}

/** The event file of an array task. */
class EventFile implements Disposable {
  /** Ids of the tasks that ended before Slurm restarted the array task. */
  readonly answered: Set<number>;
  /** The number of tasks that have ended, including those before a restart. */
  count: number;
  #file: Deno.FsFile;
  #lines: LineBuffer;
  #timer: ReturnType<typeof setInterval>;

  private constructor(path: string, answered: Set<number>) {
    this.answered = answered;
    this.count = answered.size;
    this.#file = Deno.openSync(path, { append: true });
    this.#lines = new LineBuffer(this.#file, path);
    this.#timer = setInterval(() => this.#sync(), SYNC_MS);
    this.say({ begun: new Date().toISOString(), node: Deno.env.get("SLURMD_NODENAME") ?? "" });
    this.#sync();
  }

  /** Opens the file, and removes an incomplete last line. */
  static async open(path: string): Promise<EventFile> {
    const options = { read: true, write: true, create: true, mode: PRIVATE_FILE };
    using file = await Deno.open(path, options);
    const bytes = await Deno.readFile(path), end = wholeEnd(bytes);
    await file.truncate(end);
    return new EventFile(path, answeredIn(bytes.subarray(0, end)));
  }

  /** Appends the events of a batch. */
  write({ lines, succeeded, failures, logs, span }: EventBatch): void {
    this.#lines.write(lines);
    const others = [
      ...failures.map(({ event }) => eventLine(event)),
      ...logs.map((line) => JSON.stringify(line)),
      ...span ? [JSON.stringify({ span } satisfies ArrayTaskLine)] : [],
    ];
    this.#lines.write(new TextEncoder().encode(others.map((line) => line + "\n").join("")));
    this.count += succeeded + failures.length;
  }

  /** Appends a line about the array task itself. */
  say(line: ArrayTaskLine): void {
    this.#lines.write(new TextEncoder().encode(JSON.stringify(line) + "\n"));
  }

  /** Flushes and closes the file, and exits the process. */
  exit(code: number): never {
    this[Symbol.dispose]();
    // A pending timer must not keep the process alive.
    Deno.exit(code);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#sync();
    this.#file.close();
  }

  #sync(): void {
    this.#lines.flush();
    this.#file.syncDataSync();
  }
}

/** Returns the ids of the tasks with a final event in the given lines. */
function answeredIn(bytes: Uint8Array): Set<number> {
  const ids = new Set<number>();
  eachResult(bytes, (id) => ids.add(id));
  scanEvents(bytes, {
    block() {},
    success() {},
    other: (start, end) => {
      const { id, type } = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
      if (type !== undefined) ids.add(id);
    },
  });
  return ids;
}
