/**
 * The far side of a batch system: runs one element's slice of the tasks on a node of the cluster,
 * with the engine `local`, and appends what becomes of them to a file of its own.
 *
 * This is bundled into one program, and needs nothing on the node but the job's folder.
 *
 * @module
 */

import { type EventBatch, eventLine } from "../../journal/format.ts";
import { eachResult, scanEvents, wholeEnd } from "../../journal/scan.ts";
import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/fs.ts";
import { LineBuffer } from "../../util/line_buffer.ts";
import { local } from "../local/local.ts";
import { countOf, readSlice } from "../shared/task_ranges.ts";
import { elementFiles, type ElementLine, readWave, stopFile } from "./job_array.ts";

/** What an element is told on its command line, as JSON. */
export interface ElementOptions {
  /** The folder of its array. */
  readonly wave: string;
}

// A file on a network is seen elsewhere only when it has been written through.
const SYNC_MS = 1000;
const STOP_MS = 1000;
const TERMINATED = 143;

/** Runs the tasks of an element. */
export async function work(
  { wave }: ElementOptions = JSON.parse(Deno.args[0]!),
): Promise<void> {
  const index = Number(Deno.env.get("SLURM_ARRAY_TASK_ID"));
  const { settings, elements } = await readWave(wave);
  const files = elementFiles(wave, index), rows = elements[index]!;
  using events = await EventFile.open(files.events);
  using signals = new Signals(stopFile(wave));
  const tasks = readSlice(files.tasks, rows, (id) => events.answered.has(id));
  const run = local.run(tasks, {
    ...settings,
    folder: wave,
    cpus: 1,
    image: "",
    settings: {},
    tell: console.error,
    stop: signals.stop,
    signal: signals.end,
  });
  try {
    for await (const batch of run) {
      events.write(batch);
      if (events.count > 0) signals.progressed();
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    events.say({ broken: error.message });
  }
  // Whoever ends it knows why: the other side asks.
  if (signals.end.aborted) {
    events.say({ terminated: new Date().toISOString() });
    return events.exit(TERMINATED);
  }
  events.say({ ended: new Date().toISOString(), left: countOf(rows) - events.count });
  events.exit(0);
}

/** What tells an element to begin nothing more, or to end. */
class Signals implements Disposable {
  #stop = new AbortController();
  #end = new AbortController();
  #timer: ReturnType<typeof setInterval>;
  #hasProgressed = false;
  #isTimeNear = false;
  #onTime = () => {
    this.#isTimeNear = true;
    // The signal may come at once: an element that does nothing at all would come again for ever.
    if (this.#hasProgressed) this.#stop.abort();
  };
  #onTerm = () => this.#end.abort();

  constructor(stopFile: string) {
    // The time limit is near.
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

  /** Takes note that a task has an answer. */
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

/** The file with what became of an element's tasks. */
class EventFile implements Disposable {
  /** The tasks that the file had an answer for already, as the cluster began the element again. */
  readonly answered: Set<number>;
  /** How many tasks have an answer. */
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

  /** Goes on with a file behind what is whole of it. */
  static async open(path: string): Promise<EventFile> {
    using file = await Deno.open(path, { read: true, write: true, create: true });
    const bytes = await Deno.readFile(path), end = wholeEnd(bytes);
    await file.truncate(end);
    return new EventFile(path, answeredIn(bytes.subarray(0, end)));
  }

  /** Adds what became of some tasks. */
  write({ lines, succeeded, failures, logs, span }: EventBatch): void {
    this.#lines.write(lines);
    const others = [
      ...failures.map(({ event }) => eventLine(event)),
      ...logs.map((line) => JSON.stringify(line)),
      ...span ? [JSON.stringify({ span } satisfies ElementLine)] : [],
    ];
    this.#lines.write(new TextEncoder().encode(others.map((line) => line + "\n").join("")));
    this.count += succeeded + failures.length;
  }

  /** Adds a line about the element itself. */
  say(line: ElementLine): void {
    this.#lines.write(new TextEncoder().encode(JSON.stringify(line) + "\n"));
  }

  /** Ends the process when all is written. */
  exit(code: number): never {
    this[Symbol.dispose]();
    // A timer that is left must not keep the node.
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

/** The tasks that some events are about. */
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
