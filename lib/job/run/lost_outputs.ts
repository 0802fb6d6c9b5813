/**
 * Output files that another process has removed, replaced or cut during a run.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { shownPath } from "../../util/paths.ts";
import type { ActiveRun } from "./active_run.ts";

/**
 * Writes the results and the errors of a run again from its journal, if lines of them are lost.
 *
 * A file that another job writes now is kept, with a warning.
 *
 * @throws {Error} when a file cannot be written. The job can be resumed.
 */
export async function restoreLostOutputs(run: ActiveRun): Promise<void> {
  const { plan, record: { files } } = run, { reporter } = plan;
  const lost = (["results", "errors"] as const).flatMap((name) =>
    plan[name]?.isInPlace === false ? plan[name].path ?? files[name]! : []
  );
  if (lost.length === 0) return;
  const { rewriteOutputs } = await import("./recovery.ts");
  const state = `Warning: ${lost.map(shownPath).join(" and ")} was removed, replaced or cut ` +
    "during the run";
  try {
    await rewriteOutputs(run);
    reporter.warn(`${state}, and is written again`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    reporter.warn(`${state}: ${error.message}`);
  }
}
