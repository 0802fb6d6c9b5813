/**
 * The plan after a canary, as text for a user.
 *
 * @module
 */

import { counted } from "../../util/text/counted.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { commonErrorText, durationsText, titledRows, withRows } from "../report/format.ts";
import { usageText } from "../report/usage_stats.ts";
import type { CanaryPlan } from "./canary.ts";
import { canaryPlaces } from "./canary_part.ts";

/** Formats the plan after a canary. */
export function planText(plan: CanaryPlan): string {
  const { tasks, failed, rest, times, usage, fits, commonErrors } = plan;
  const rows = [
    ["times", times && durationsText(times)],
    ["memory", usage && usageText(usage)],
    ...titledRows("failed", commonErrors.map(commonErrorText)),
    ["limits", fits && `${fits} would fit`],
    ["rest", restText(plan)],
  ] as const;
  const head = `Canary of ${tasks} of ${tasks + rest} tasks: ${tasks - failed} succeeded`;
  return withRows(failed > 0 ? `${head}, ${failed} failed` : head, rows);
}

/** Formats the estimate of the other tasks. */
export function restText({ rest, restMs, parallel }: CanaryPlan): string {
  if (restMs === undefined) return `${counted(rest, "task")} more`;
  return `${counted(rest, "task")} in about ${formatDuration(restMs)}, ${parallel} at a time`;
}

const MOST_IDS = 20;

/**
 * Formats the canary of a job that has not started.
 *
 * @param most the number of tasks of the canary
 * @param all the number of tasks of the list. @default {unknown until the list is read}
 */
export function futureText(most: number, all: number | undefined): string {
  const first = "would run before the rest";
  if (all === undefined) return `Canary: ${counted(most, "task")}, spread over the list, ${first}`;
  if (most >= all) return `Canary: the whole list, no other task is left for later`;
  const ids = most > MOST_IDS ? "" : `: ${canaryPlaces(most, all).join(", ")}`;
  return `Canary: ${most} of ${all} tasks, spread over the list, ${first}${ids}`;
}
