/**
 * Changes a job that runs, from any process.
 *
 * @module
 */

import { parseOption } from "../../config/load.ts";
import { camelCase, type Config, OPTIONS } from "../../config/options.ts";
import { appendControl, type ControlChange } from "../../job_dir/control.ts";
import { jobFiles, jobIdOf } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { type JobRecord, readRecord } from "../../job_dir/record.ts";
import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { changeText } from "./change_text.ts";
import { changeNotes } from "./change_notes.ts";
import { checkChange, SETTABLE } from "./check_change.ts";

/** A change that a user asks for. */
export interface SteerRequest {
  /** The new values by the names of options, in the form that a user writes. @default {none} */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** True to begin no more tasks, false to continue. @default {as it is} */
  readonly isPaused?: boolean | undefined;
}

/** The answer to a change. */
export interface SteerAnswer {
  /** The job's id. */
  readonly id: string;
  /** True when the process that runs the job has applied and recorded the change. */
  readonly isApplied: boolean;
  /** The change as text. */
  readonly text: string;
  /** The parts of the job that the change does not reach, or reaches later. */
  readonly notes: readonly string[];
}

/** The wait for the process that runs a job. */
export interface SteerWait {
  /**
   * The longest wait, in milliseconds. A process on a shared file system may see the request late.
   *
   * @default {10_000}
   */
  readonly limitMs?: number | undefined;
  /** Called when the process has not answered after a second, with the job's id. */
  readonly onSlow?: ((id: string) => void) | undefined;
}

const POLL_MS = 50, SLOW_MS = 1_000;

/**
 * Changes a job. The process that runs it applies the change within a second; without one, the next
 * process does.
 *
 * @param folder the job's folder
 * @param request the change
 * @param wait the wait for the answer
 * @throws {UsageError} when an option cannot change, its value is invalid, or the job has ended.
 */
export async function steerJob(
  folder: string,
  request: SteerRequest,
  wait: SteerWait = {},
): Promise<SteerAnswer> {
  checkTrusted(jobFiles(folder).record);
  const record = readRecord(folder), set = request.set && await parseSet(request.set, record);
  const isRunning = holderOf(folder) !== undefined;
  if (!isRunning) checkPending(record);
  const change: ControlChange = { set, isPaused: request.isPaused };
  const end = appendControl(folder, change, record);
  const isApplied = isRunning && await untilApplied(folder, end, wait), text = changeText(change);
  const { id } = record;
  if (isApplied) return { id, isApplied, text, notes: changeNotes(record, change) };
  const isLate = holderOf(folder) !== undefined, notes = [laterText(id, isLate)];
  return { id, isApplied, text: isLate ? `Not applied yet: ${text}` : text, notes };
}

async function parseSet(
  given: Readonly<Record<string, unknown>>,
  { id, engine }: JobRecord,
): Promise<Partial<Config>> {
  const set: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const known = SETTABLE.find((one) => one === name.replaceAll("-", "_"));
    if (known === undefined) throw await notSettable(name, value, id);
    set[camelCase(known)] = await parseOption(known, value, `set ${name}`);
  }
  checkChange(set, engine);
  return set;
}

async function notSettable(name: string, value: unknown, id: string): Promise<UsageError> {
  const flag = `--${name.replaceAll("_", "-")}`;
  const isOption = OPTIONS.some((one) => one.name === name.replaceAll("-", "_"));
  const { nearestOption } = await import("../../config/option_synonyms.ts");
  const near = isOption ? undefined : await nearestOption(name, SETTABLE);
  const others = isOption ? `, others with dl_jobs resume ${id} ${flag} ${value}` : "";
  const way = near !== undefined
    ? `did you mean ${near}?`
    : `these can change while a job runs: ${SETTABLE.join(", ")}${others}`;
  return new UsageError(`Cannot set ${name}: ${way}`);
}

/** @throws {UsageError} when no task of the job is left. */
function checkPending({ id, isRead, counts }: JobRecord): void {
  if (!isRead || !counts || counts.total > counts.succeeded + counts.failed) return;
  const way = counts.failed > 0 ? `, dl_jobs retry ${id} runs the failed ones again` : "";
  throw new UsageError(`Cannot change job ${id}: all of its tasks have ended${way}`);
}

async function untilApplied(
  folder: string,
  end: number,
  { limitMs = 10_000, onSlow }: SteerWait,
): Promise<boolean> {
  const isDone = () => (readRecord(folder).controlled ?? 0) >= end;
  for (let waited = 0; waited < limitMs && !isDone(); waited += POLL_MS) {
    if (!holderOf(folder)) break;
    if (waited === SLOW_MS) onSlow?.(jobIdOf(folder));
    await delay(POLL_MS, []);
  }
  return isDone();
}

function laterText(id: string, isRunning: boolean): string {
  return isRunning
    ? `the process that runs job ${id} has not answered: it applies the change when it can, unless ` +
      "its version of dl_jobs knows no changes"
    : `no process runs job ${id}: dl_jobs resume ${id} runs it with the change`;
}
