import type { TaskError } from "../../journal/format.ts";
import type { InFlight } from "../shared/in_flight.ts";

/** Who is charged with a worker's end, and why. */
export interface Verdict {
  readonly ids: readonly number[];
  readonly error: TaskError;
  /** How long it ran, in milliseconds. */
  readonly ms?: number;
}

/** What a worker may take. */
export interface WatchOptions {
  readonly pid: number;
  /** The longest that one task may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** The most memory that the process may take, in bytes. */
  readonly memory?: number | undefined;
  readonly concurrency: number;
  /** Ends the process. */
  readonly kill: () => void;
  readonly now?: () => number;
}

// The resident size is looked at this often: a task can take more in between.
const MEMORY_MS = 50;
const PAGE = 4096;

/** Ends a worker that takes too long or too much memory, and knows whose fault that was. */
export class Watch implements Disposable {
  /** Why the worker was ended, if it was. */
  verdict: Verdict | undefined;
  #options: WatchOptions;
  #now: () => number;
  #since = new Map<number, number>();
  #isReady = false;
  #looked: number;
  #deaf = 0;
  #deafSince = 0;
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#looked = this.#now();
    const { timeout, memory } = options;
    if (timeout) {
      const ms = Math.min(100, Math.ceil(timeout / 10));
      this.#every(ms, () => {
        this.#forgive(ms);
        this.#checkTime(timeout);
      });
    }
    if (memory) this.#every(MEMORY_MS, () => this.#checkMemory(memory));
  }

  /** Takes note of which tasks run now. The time to load the function is nobody's. */
  running(pending: InFlight, { isReady = this.#isReady } = {}): void {
    this.#isReady = isReady;
    const { timeout, memory, concurrency } = this.#options;
    if (!isReady || (!timeout && !memory)) return;
    const ids = pending.running(concurrency);
    this.#since = new Map(ids.map((id) => [id, this.#since.get(id) ?? this.#now()]));
  }

  /** Waits for who takes the answers: that nobody listens to the worker is no task's fault. */
  async deaf(waiting: Promise<void>): Promise<void> {
    if (this.#deaf++ === 0) this.#deafSince = this.#now();
    await waiting;
    if (--this.#deaf === 0) this.#shift(this.#now() - this.#deafSince);
  }

  [Symbol.dispose](): void {
    this.#timers.forEach(clearInterval);
  }

  #every(ms: number, fn: () => void): void {
    this.#timers.push(setInterval(fn, ms));
  }

  /** Nor is the time that this process was busy itself, or asleep with the whole machine. */
  #forgive(ms: number): void {
    const now = this.#now(), missed = now - this.#looked - ms;
    this.#looked = now;
    if (missed > ms && this.#deaf === 0) this.#shift(missed);
  }

  #shift(ms: number): void {
    this.#since = new Map([...this.#since].map(([id, since]) => [id, since + ms]));
  }

  #checkTime(timeout: number): void {
    if (this.#deaf > 0) return;
    const late = [...this.#since].filter(([, since]) => this.#now() - since > timeout);
    const [first] = late;
    if (!first) return;
    const ms = Math.round(this.#now() - first[1]);
    const message = `it took longer than the timeout of ${timeout / 1000} s, and was ended`;
    this.#end({
      ids: late.map(([id]) => id),
      error: { message, type: "Timeout", class: "timeout" },
      ms,
    });
  }

  #checkMemory(memory: number): void {
    const used = residentSize(this.#options.pid);
    if (used <= memory) return;
    const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    const message = `its worker took ${mb(used)} of memory, ${
      mb(memory)
    } are allowed, and was ended`;
    this.#end({
      ids: [...this.#since.keys()],
      error: { message, type: "OutOfMemory", class: "oom" },
    });
  }

  #end(verdict: Verdict): void {
    if (this.verdict) return;
    this.verdict = verdict;
    this.#options.kill();
  }
}

/** The bytes that a process has in memory, buffers outside the heap included. */
function residentSize(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * PAGE;
  } catch {
    return residentSizeByPs(pid);
  }
}

function residentSizeByPs(pid: number): number {
  try {
    const { stdout } = new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(pid)] })
      .outputSync();
    return Number(new TextDecoder().decode(stdout)) * 1024;
  } catch {
    return 0;
  }
}
