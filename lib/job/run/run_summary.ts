/**
 * The summary of a run, from what its recorders have counted.
 *
 * @module
 */

import { mayGoOn } from "../../job_dir/record.ts";
import { CheckedList } from "../../tasks/checked_list.ts";
import { cutsText } from "../../tasks/cuts/cuts.ts";
import { defined } from "../../util/defined.ts";
import type { ActiveRun } from "./active_run.ts";
import type { EventRecorder } from "./event_recorder.ts";
import type { ListRecorder } from "./list_recorder.ts";
import type { CutSummary, Summary } from "../report/summary.ts";
import { machineSize, suggestedLimits } from "../report/usage_stats.ts";

/** The facts about the end of a run. */
interface RunEnd {
  /** The duration of the run, in milliseconds. */
  readonly ms: number;
  /** True when the run began no more tasks although others were pending. */
  readonly isStopped: boolean;
  /** True when too many tasks had failed. */
  readonly isHalted: boolean;
}

/** Returns the summary of a run that has ended. */
export function summaryOf(
  { plan, record, counts, isDone }: ActiveRun,
  { stats: { times, errors }, usage: { summary: usage }, failedElements, invalid }: EventRecorder,
  { reused }: ListRecorder,
  { ms, isStopped, isHalted }: RunEnd,
): Summary {
  const { read: total, succeeded, failed } = counts, { list, folder } = plan;
  const { id, name, files, cuts, elements, setup } = record;
  const { results, errors: errorsFile } = files;
  return defined<Summary>({
    id,
    name,
    total,
    isPartial: mayGoOn(record, { total }) || undefined,
    cut: cuts && defined<CutSummary>({ flags: cutsText(cuts), elements }),
    succeeded,
    failed,
    canceled: isStopped ? total - succeeded - failed : 0,
    ms,
    isInterrupted: plan.stop.aborted && !isDone,
    isHalted: isHalted || undefined,
    failedElements,
    reused,
    skipped: list instanceof CheckedList ? list.skipped : undefined,
    invalid,
    times,
    usage,
    fits: usage && suggestedLimits(usage, machineSize(plan.engine.name)),
    setup,
    commonErrors: errors,
    paths: defined<Summary["paths"]>({ folder, results, errors: errorsFile }),
  });
}
