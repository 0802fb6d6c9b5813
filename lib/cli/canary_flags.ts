/**
 * The flags of a canary: tasks that run first, and the question that follows them.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { CanaryOptions, CanaryPlan } from "../job/canary/canary.ts";
import { UsageError } from "../util/errors.ts";
import { HOUR } from "../util/time/duration.ts";
import { askUser, YES_FLAG } from "./ask.ts";
import type { Call } from "./command.ts";
import { say } from "./output.ts";

/** The flags of a canary, for commands that start jobs. */
export const CANARY_FLAGS: readonly OptionSpec[] = [
  {
    name: "canary",
    type: "integer",
    label: "N",
    min: 1,
    default: null,
    doc: "Run N tasks of the list first, show times, memory and failures, and ask before the rest.",
    example: "20",
  },
  {
    name: "max_hours",
    type: "number",
    label: "HOURS",
    min: 0,
    default: null,
    doc: "Run the rest after a canary without a question when it would take at most this time.",
    example: "3",
  },
  { ...YES_FLAG, doc: "Run the rest after a canary without a question, unless all of it failed." },
];

/**
 * Returns the canary of a command line; `undefined` for none.
 *
 * @throws {UsageError} when no user can answer, or the flags contradict each other.
 */
export function canaryIn({ flags }: Call): CanaryOptions | undefined {
  const { canary, max_hours: hours, yes, dry_run: isDryRun } = flags;
  if (typeof canary !== "number") {
    if (yes !== true && hours === null) return undefined;
    throw new UsageError(
      `Cannot use ${yes ? "--yes" : "--max-hours"} without --canary: there is no question`,
    );
  }
  if (yes && hours !== null) {
    throw new UsageError("Cannot use --yes and --max-hours: write one of them");
  }
  const most = typeof hours === "number" ? hours * HOUR : yes ? Infinity : undefined;
  // A dry run asks nothing.
  if (most === undefined && !isDryRun && !canAsk()) {
    throw new UsageError(
      "Cannot ask after the canary: stdin or stderr is not a terminal, write --yes or --max-hours 3",
    );
  }
  return { tasks: canary, confirm: (plan) => confirm(plan, most) };
}

function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Decides whether the rest runs.
 *
 * @param most the longest time without a question, in milliseconds. @default {always ask}
 */
async function confirm(plan: CanaryPlan, most: number | undefined): Promise<boolean> {
  const concern = concernOf(plan, most);
  if (most !== undefined && concern === undefined) return true;
  if (canAsk()) {
    const { restText } = await import("../job/canary/canary_text.ts");
    return await askUser(`${concern ?? "Run the rest"}: ${restText(plan)}?`, "run the rest");
  }
  say(`Stopped after the canary: ${concern}`);
  return false;
}

/** Returns the reason not to run the rest without a question. */
function concernOf({ tasks, failed, restMs }: CanaryPlan, most: number | undefined) {
  if (failed === tasks) return tasks === 1 ? "its task failed" : `all ${tasks} tasks failed`;
  if (most === undefined || most === Infinity) return undefined;
  if (restMs === undefined) return "the time of the rest is unknown";
  return restMs > most ? "the rest would take more than --max-hours" : undefined;
}
