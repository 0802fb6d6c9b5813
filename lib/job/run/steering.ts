/**
 * Applies the changes that users ask for while a job runs.
 *
 * @module
 */

import { type ControlLine, readControl } from "../../job_dir/control.ts";
import type { Holder, JobLock } from "../../job_dir/lock.ts";
import { controlEvent } from "../../journal/control_event.ts";
import type { Amount } from "../../tasks/amount.ts";
import type { Attempts } from "../../tasks/attempts.ts";
import { parseHalt } from "../../tasks/halt.ts";
import type { LiveOptions, LiveValues } from "../../tasks/live_options.ts";
import type { Pace, TaskKey } from "../../tasks/pace.ts";
import { parsePolicy } from "../../tasks/retry.ts";
import { startLightInterval } from "../../util/time/light_timer.ts";
import type { ActiveRun } from "./active_run.ts";
import { toTaskKey } from "../options/rate_keys.ts";
import { workerCount } from "../options/worker_count.ts";
import { changeText } from "../steer/change_text.ts";
import { checkChange } from "../steer/check_change.ts";

/** The parts of a run that changes reach. */
export interface SteeredParts {
  /** The lock of the job. */
  readonly lock: JobLock;
  /** The options that the engine follows. */
  readonly live: LiveOptions;
  /** The pace at which tasks begin. */
  readonly pace: Pace;
  /** The stream of tasks. */
  readonly attempts: Attempts;
  /** Called after each change. */
  readonly onChange: () => void;
}

// A user waits for the answer to a change, so it comes within a second.
const LOOK_MS = 250;

/** Reads `control.ndjson` while a job runs, and applies its lines. */
export class Steering implements Disposable {
  /** The number or share of failures after which no more tasks start. */
  halt: Amount | undefined;
  #run: ActiveRun;
  /** The parts that the engine follows. */
  readonly parts: Pick<SteeredParts, "live" | "pace">;
  #parts: SteeredParts;
  #asked = new AbortController();
  /**
   * Aborted when another process asks for the job. This process must then begin no more tasks, and
   * end with those that run.
   */
  readonly asked: AbortSignal = this.#asked.signal;
  #failed = new AbortController();
  /** Aborted when a change cannot be recorded, for example because the disk is full. */
  readonly failed: AbortSignal = this.#failed.signal;
  #stopTimer: () => void;

  /** Applies the changes that an earlier process has left, and begins to look for others. */
  constructor(run: ActiveRun, parts: SteeredParts) {
    this.#run = run;
    this.#parts = parts;
    this.parts = { live: parts.live, pace: parts.pace };
    this.halt = run.plan.settings.halt;
    parts.pace.isPaused = run.record.isPaused === true;
    const { rate } = run.record.options;
    if (rate) parts.pace.setRates(rate, this.#toKey);
    this.#look();
    if (parts.pace.isPaused) run.plan.reporter.warn(pausedText(run.record.id));
    this.#stopTimer = startLightInterval(() => this.#lookLater(), LOOK_MS);
  }

  [Symbol.dispose](): void {
    this.#stopTimer();
  }

  // A timer has no caller that could catch the error.
  #lookLater(): void {
    try {
      this.#look();
    } catch (error) {
      this.#stopTimer();
      this.#failed.abort(error);
    }
  }

  #look(): void {
    const { plan: { folder }, record: { controlled = 0 } } = this.#run;
    const { lines, end } = readControl(folder, controlled);
    if (end === controlled) return;
    const texts: string[] = [];
    for (const line of lines) {
      if (line.leave) this.#leaveFor(line.leave);
      else texts.push(this.#take(line));
    }
    // The journal and the record have the changes before the user is told so.
    this.#run.journal.flush();
    this.#run.update({ controlled: end });
    for (const text of texts) this.#run.plan.reporter.warn(text);
    this.#parts.onChange();
  }

  /** A wrong name in a key would divide nothing, and slow all tasks down to the rate of one key. */
  #toKey = (template: string): TaskKey =>
    toTaskKey(template, (reason) => {
      this.#run.plan.reporter.warn(
        `Warning: tasks without a value for the key ${template} of the rate share one: ${reason}`,
      );
    });

  /** Lets another process have the job. An earlier process may have been meant. */
  #leaveFor({ pid, since }: Pick<Holder, "pid" | "since">): void {
    const { holder } = this.#parts.lock;
    if (pid === holder.pid && since === holder.since) this.#asked.abort();
  }

  /**
   * Applies a change, unless it is damaged, or the job has moved to an engine that cannot follow it.
   *
   * @returns the text for the user
   */
  #take(line: ControlLine): string {
    try {
      checkChange(line.set ?? {}, this.#run.plan.engine.name);
    } catch (error) {
      return `Left out a change of control.ndjson: ${(error as Error).message}`;
    }
    this.#apply(line);
    return changeText(line);
  }

  #apply({ at, set, isPaused }: ControlLine): void {
    const { record } = this.#run, paused = isPaused ?? record.isPaused;
    this.#run.journal.append(controlEvent(at, { set, isPaused }));
    this.#run.update({
      options: { ...record.options, ...set },
      isPaused: paused || undefined,
    });
    this.#parts.pace.isPaused = paused === true;
    this.#adapt();
  }

  #adapt(): void {
    const { record: { options }, plan: { engine } } = this.#run, { live, attempts } = this.#parts;
    const { retry, maxAttempts, backoff, halt, timeout, memory, workers, rate } = options;
    this.#parts.pace.setRates(rate ?? {}, this.#toKey);
    this.halt = halt === null ? undefined : parseHalt(halt);
    const limits = { timeout: timeout || undefined, memory: memory || undefined };
    const isFollowed = engine.follows?.includes("timeout") === true;
    const isSame = limits.timeout === live.values.timeout && limits.memory === live.values.memory;
    const policy = parsePolicy(retry, maxAttempts);
    attempts.change({ policy, backoff, ...isSame ? {} : { limits } }, isFollowed);
    live.change({ ...limits, workers: workerCount(workers) } satisfies LiveValues);
  }
}

function pausedText(id: string): string {
  return `The job is paused: dl_jobs continue ${id} lets more tasks begin`;
}
