/**
 * The logs of platform jobs, which are read in the background. A log never decides about a result:
 * it may be missing, refused, endless or slow.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";
import { Slots } from "../shared/slots.ts";
import { statusOf } from "./http.ts";
import type { Platform } from "./platform.ts";

// The limits of one log, in bytes and milliseconds.
const MAX_BYTES = 8 * 1024 * 1024, MAX_MS = 60_000;
const MAX_READS = 4;
// The number of logs in a row that take too long after which no more logs are read.
const MAX_LATE = 4;
// A log usually arrives together with the result.
const BRIEF_MS = 500;

/** A log that is being read. */
export interface JobLog {
  /** The text of the log; `undefined` while it is read, and when it cannot be read. */
  readonly text: string | undefined;
  /** True when no more text will arrive. */
  readonly isOver: boolean;
  /** Resolves when no more text will arrive. */
  readonly over: Promise<void>;
}

/** Reads the logs of the platform jobs of one job. */
export class JobLogs {
  #slots = new Slots(MAX_READS);
  #late = 0;

  /**
   * Creates a reader of logs.
   *
   * @param platform the platform with the logs
   * @param warn receives messages for the user
   * @param signal ends all reading
   * @param limitMs the time after which a log is given up, in milliseconds
   */
  constructor(
    readonly platform: Pick<Platform, "jobLog">,
    readonly warn: (text: string) => void,
    readonly signal: AbortSignal,
    readonly limitMs: number = MAX_MS,
  ) {}

  /** Starts to read the log of a job; the log is empty when there is no job. */
  read(id: string | undefined): JobLog {
    const log = { text: undefined as string | undefined, isOver: false, over: Promise.resolve() };
    log.over = this.#slots.run(() => this.#text(id)).then((text) => {
      log.text = text;
      log.isOver = true;
    });
    return log;
  }

  async #text(id: string | undefined): Promise<string | undefined> {
    if (id === undefined || this.#late >= MAX_LATE) return undefined;
    const late = AbortSignal.timeout(this.limitMs);
    try {
      const signal = AbortSignal.any([this.signal, late]);
      const text = await this.platform.jobLog(id, { signal, maxBytes: MAX_BYTES });
      this.#late = 0;
      if (text && text.length >= MAX_BYTES) this.#warnOf("is too long and ends early");
      return text;
    } catch (error) {
      if (late.aborted) this.#late++;
      if (!this.signal.aborted) this.#warnOf(`cannot be read (${reasonOf(error)})`);
      return undefined;
    }
  }

  #warnOf(state: string): void {
    this.warn(`Warning: the log of a platform job ${state}; results do not depend on it`);
  }
}

/** Waits a moment for logs that are nearly there. */
export async function waitBriefly(logs: readonly JobLog[], signal: AbortSignal): Promise<void> {
  const open = logs.filter(({ isOver }) => !isOver);
  if (open.length === 0) return;
  await delay(BRIEF_MS, [signal], Promise.all(open.map(({ over }) => over)));
}

function reasonOf(error: unknown): string {
  const status = statusOf(error);
  return status ? `status ${status}` : (error as Error).message;
}
