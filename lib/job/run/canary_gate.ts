/**
 * The wait of a run between its canary and its other tasks.
 *
 * @module
 */

import type { EngineContext } from "../../engines/engine.ts";
import type { Pace } from "../../tasks/pace.ts";
import { parseRate } from "../../tasks/rates.ts";
import type { Activity } from "../../terminal/progress_line.ts";
import { onAbort } from "../../util/on_abort.ts";
import type { ActiveRun } from "./active_run.ts";
import type { EventRecorder } from "./event_recorder.ts";
import { machineSize, suggestedLimits } from "../report/usage_stats.ts";
import { type CanaryOptions, type CanaryPlan, restTime } from "../canary/canary.ts";
import type { CanarySizes } from "../canary/canary_part.ts";
import { planText } from "../canary/canary_text.ts";

/** The parts of a run that a gate looks at. */
export interface GateParts {
  readonly run: ActiveRun;
  readonly events: EventRecorder;
  readonly pace: Pace;
  readonly context: EngineContext;
}

/** Lets the other tasks of a job begin after its canary, or not. */
export class CanaryGate {
  /** The time for which the run waited for the answer, in milliseconds. */
  waitedMs = 0;
  #confirm: CanaryOptions["confirm"];
  #parts: GateParts;
  #look: (() => Activity) | undefined;

  /**
   * Creates the gate of a run.
   *
   * @param confirm decides whether the other tasks run
   */
  constructor(confirm: CanaryOptions["confirm"], parts: GateParts) {
    this.#confirm = confirm;
    this.#parts = parts;
  }

  /** Registers the function of the engine that returns the work in flight, as for the progress. */
  readonly observe: EngineContext["observe"] = (look) => {
    this.#look = look;
    this.#parts.context.observe?.(look);
  };

  /**
   * Waits for the end of the canary, and asks whether the other tasks run.
   *
   * @param sizes the numbers of tasks of the canary, and of other tasks
   * @param stop aborted when no more tasks may begin
   */
  async pass(
    { tasks, rest }: CanarySizes,
    stop: AbortSignal,
  ): Promise<boolean> {
    const { events, run } = this.#parts, { reporter } = run.plan;
    await events.untilEnded(run.counts.read - rest);
    if (stop.aborted) return false;
    const plan = this.#plan({ tasks, rest });
    reporter.info(planText(plan), { type: "canary", ...plan });
    using _hidden = reporter.hideProgress();
    const asked = performance.now(), { promise, resolve } = Promise.withResolvers<false>();
    using _stopped = onAbort(stop, () => resolve(false));
    run.update({ asked: new Date().toISOString() });
    try {
      return await Promise.race([this.#confirm(plan), promise]);
    } finally {
      run.update({ asked: undefined });
      this.waitedMs = performance.now() - asked;
    }
  }

  #plan({ tasks, rest }: CanarySizes): CanaryPlan {
    const { events: { stats, usage: { summary: usage } }, run } = this.#parts;
    const { counts, plan: { engine: { name }, settings: { config } } } = run;
    const parallel = this.#parallel(name), whole = config.rate?.[""];
    const everyMs = whole === undefined ? undefined : parseRate(whole).everyMs;
    return {
      tasks,
      failed: counts.failed,
      rest,
      times: stats.times,
      usage,
      fits: usage && suggestedLimits(usage, machineSize(name)),
      commonErrors: stats.errors,
      parallel,
      restMs: restTime({ rest, mean: stats.mean, parallel, everyMs }),
    };
  }

  /** Returns the number of tasks at a time; `undefined` when the engine does not tell it. */
  #parallel(engine: string): number | undefined {
    const { context: { workers, concurrency }, pace: { auto } } = this.#parts;
    if (engine === "inline") return 1;
    const all = this.#look?.().workers ?? workers;
    const most = all && all * concurrency;
    return most && auto ? Math.min(auto.limit, most) : most;
  }
}
