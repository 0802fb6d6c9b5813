/**
 * Plans and journals for tests of the controller's parts.
 *
 * @module
 */

import type { Engine } from "../../../lib/engines/engine.ts";
import type { JobRecord } from "../../../lib/job_dir/record.ts";
import type { RunPlan } from "../../../lib/job/plan/plan.ts";
import { recordSettings } from "../../../lib/job/options/settings.ts";
import { Reporter } from "../../../lib/terminal/reporter.ts";
import { TerminalScreen } from "../../../lib/terminal/screen.ts";
import { recordFor } from "../job_dir/record_for.ts";

const UNUSED: Engine = {
  name: "unused",
  run() {
    throw new Error("the engine is not used here");
  },
};

/** A plan, and what it reports. */
export interface TestPlan extends RunPlan {
  /** The messages so far. */
  readonly said: string[];
}

/** Creates a plan of a run in a folder, with a reporter that keeps its messages. */
export function planFor(
  folder: string,
  more: Partial<RunPlan> = {},
  record: Partial<JobRecord> = {},
): TestPlan {
  const said: string[] = [];
  const screen = new TerminalScreen({ isMoving: false, write: (text) => said.push(text) });
  const own = recordFor("x", record);
  return {
    record: own,
    settings: recordSettings(own),
    folder,
    engine: UNUSED,
    reporter: new Reporter({ noisy: false, suppress: [], screen }),
    outputSinks: [],
    resultSinks: [],
    stop: new AbortController().signal,
    signal: new AbortController().signal,
    said,
    ...more,
  };
}

/** The text of a journal of the job `x`. */
export function journalOf(...lines: string[]): string {
  return ['{"journal":2,"job":"x"}', ...lines].map((line) => line + "\n").join("");
}

/** The journal line of a failed attempt. */
export function failedLine(id: number, message = "no", type = "failed", attempt = 1): string {
  const error = { message, type: "Error", class: "error" };
  return JSON.stringify({ id, attempt, type, ms: 1, error });
}

/** The bytes of some lines. */
export function bytesOf(...lines: string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
}
