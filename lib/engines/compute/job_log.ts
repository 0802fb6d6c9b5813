/**
 * The logs of platform jobs, which are read in the background. A log never decides about a result:
 * it may be missing, refused, endless or slow.
 *
 * @module
 */

import { rest } from "../batch/patience.ts";
import { statusOf } from "./http.ts";
import type { Platform } from "./platform.ts";

// The limits of one log, in bytes and milliseconds.
const MAX_BYTES = 8 * 1024 * 1024, MAX_MS = 60_000;
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
    log.over = this.#text(id).then((text) => {
      log.text = text;
      log.isOver = true;
    });
    return log;
  }

  async #text(id: string | undefined): Promise<string | undefined> {
    if (id === undefined) return undefined;
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(this.limitMs)]);
    try {
      const text = await this.platform.jobLog(id, { signal, maxBytes: MAX_BYTES });
      if (text && text.length >= MAX_BYTES) this.#warnOf("is too long and ends early");
      return text;
    } catch (error) {
      const status = statusOf(error);
      if (!this.signal.aborted) {
        this.#warnOf(`cannot be read (${status ? `status ${status}` : (error as Error).message})`);
      }
      return undefined;
    }
  }

  #warnOf(state: string): void {
    this.warn(`Warning: the log of a platform job ${state}; its results are complete`);
  }
}

/** Waits a moment for logs that are nearly there. */
export async function waitBriefly(logs: readonly JobLog[], signal: AbortSignal): Promise<void> {
  const open = logs.filter(({ isOver }) => !isOver);
  if (open.length === 0) return;
  await rest(BRIEF_MS, [signal], Promise.all(open.map(({ over }) => over)));
}
