/**
 * Runs a plan: locks the job, repairs its files if needed, and lets a controller run the tasks.
 *
 * @module
 */

import type { PreparedRun } from "../../engines/engine.ts";
import { writeRecord } from "../../job_dir/record.ts";
import { firstError, UsageError } from "../../util/errors.ts";
import { existsOr, isRawError } from "../../util/files/fs.ts";
import { createMask, maskError } from "../../util/text/mask.ts";
import { OutputFile } from "../../util/files/output_file.ts";
import { type ActiveRun, beginRun } from "./active_run.ts";
import { Controller } from "./controller.ts";
import { engineContext } from "./engine_context.ts";
import { createJob } from "./job_folder.ts";
import { claimOutput } from "../files/output_files.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { Summary } from "../report/summary.ts";

/**
 * Runs the tasks of a plan that have not ended.
 *
 * @param onCreated called when the job has a folder, which a failure may remove again
 * @returns the summary of the run.
 * @throws {UsageError} when another process is running the job.
 * @throws {Error} when the engine fails or a file cannot be written. The job can be resumed.
 */
export async function execute(plan: RunPlan, onCreated = () => {}): Promise<Summary> {
  const started = performance.now();
  const { folder, record, code } = plan;
  let run: ActiveRun | undefined, isCreated = false;
  try {
    using output = plan.results instanceof OutputFile ? plan.results : plan.exported;
    if (output instanceof OutputFile) await output.openPipe();
    if (output) claimOutput(output, folder);
    plan.onBegin?.();
    await using prepared = prepare(plan);
    using created = plan.lock ? undefined : await createJob(plan);
    if (plan.lock) writeRecord(folder, record);
    const lock = plan.lock ?? created!;
    isCreated = true;
    onCreated();
    reportStart(plan);
    // A new job does not need the modules that read and repair files.
    const recovery = code === undefined ? await import("./recovery.ts") : undefined;
    run = await recovery?.recoverRun(plan) ?? beginRun(plan);
    const rebuilt = await recovery?.recoverResults(run);
    using controller = new Controller(run, prepared ?? plan.engine, lock, rebuilt);
    await controller.run();
    return await controller.end(performance.now() - started);
  } catch (thrown) {
    const first = firstError(thrown), mask = createMask(Object.values(plan.settings.config.env));
    const error = isCreated && !existsOr(folder, true)
      ? movedError(folder, record.id, first)
      : withWayOut(folder, record.id, first);
    if (run && await wasRefused(run, error)) await removeRefused(folder);
    throw mask ? maskError(error, mask) : error;
  }
}

/** Returns the error of a job whose folder is gone, whichever of its files was missed first. */
function movedError(folder: string, id: string, cause: unknown): Error {
  return new Error(
    `Cannot continue job ${id}: its folder ${folder} was removed or moved while it ran; where it ` +
      `was moved, dl_jobs resume ${id} runs the rest`,
    { cause },
  );
}

/**
 * Returns the error of a system call on a file of the job as a message that names the job and the way
 * out. The user's own list may throw errors of the same classes, which remain as they are.
 */
function withWayOut(folder: string, id: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isRawError(error.message)) return error;
  const { message } = error;
  // An open file has no name in messages. Errors of disks have no class of their own, unlike those of
  // connections and of a closed stdout.
  const isOwn = message.includes("'")
    ? message.includes(`'${folder}`)
    : error.constructor === Error;
  if (!isOwn) return error;
  return new Error(
    `Cannot continue job ${id}: ${message}, fix this and continue with dl_jobs resume`,
    { cause: error },
  );
}

/** Starts the engine of a new job. Its program has a place in the cache before it has a folder. */
function prepare(plan: RunPlan): PreparedRun | undefined {
  const { cachedProgram, lock, engine } = plan;
  if (cachedProgram === undefined || lock) return undefined;
  return engine.prepare?.(engineContext(plan));
}

/**
 * Returns true when a new job ended before its first task, because its list or its function cannot be
 * used. Such a start leaves no job, unless other machines already have tasks and files of it.
 */
async function wasRefused({ plan, counts, isRefused }: ActiveRun, error: unknown) {
  if (plan.lock) return false;
  // A list may fail only when it is read, such as stdin.
  if (isRefused) return true;
  const { succeeded, failed, retried } = counts;
  if (!(error instanceof UsageError) || succeeded + failed + retried > 0) return false;
  return (await plan.engine.given?.(plan.folder) ?? []).length === 0;
}

/** Removes the folder of a job that was refused. Only the reason for that matters to the user. */
async function removeRefused(folder: string): Promise<void> {
  const { removeFolder } = await import("../files/remove.ts");
  await removeFolder(folder).catch(() => {});
}

/** Reports the start of a run, once the job has a folder and this process has its lock. */
function reportStart({ record: { id, name }, engine, reporter }: RunPlan): void {
  const facts = { type: "start", id, name, engine: engine.name };
  reporter.info(`${name}: job ${id} on ${engine.name}`, facts);
}
