/**
 * Starts a job and reports its start and its end.
 *
 * @module
 */

import { listJobsSync } from "../job_dir/find.ts";
import { STORE } from "../job_dir/layout.ts";
import type { LineFile } from "../util/line_file.ts";
import { contextOf, execute, type RunPlan, type Summary } from "./controller.ts";
import { summaryText } from "./format.ts";
import type { RunHooks, RunOptions, Startable } from "./options.ts";
import { logFile } from "./output_files.ts";
import { makePlan } from "./plan.ts";
import { settle, type Settled } from "./settings.ts";

/** Starts a job: settles what it is told, and runs it. */
export async function start(
  job: Startable,
  options: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const settled = await settle(job, options);
  if (options.isDryRun) return await dryRun(job, settled, options, hooks);
  using log = logFile(job.name, settled.config);
  return await runAndReport(await makePlan(job, settled, log, options, hooks), log);
}

/** Says what would be done, and leaves nothing behind. */
async function dryRun(
  job: Startable,
  settled: Settled,
  { output: _output, ...options }: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const plan = await makePlan(job, settled, undefined, options, hooks);
  const { record: { id, name, length }, engine, folder, reporter } = plan;
  const tasks = length === undefined ? "all tasks of its list" : `${length} tasks`;
  reporter.warn(`${name}: job ${id} would run ${tasks} on ${engine.name}`);
  const preview = await previewOf(plan);
  if (preview) reporter.warn(preview);
  const none = { total: 0, succeeded: 0, failed: 0, failedElements: 0, canceled: 0, reused: 0 };
  return { id, name, ...none, isInterrupted: false, ms: 0, commonErrors: [], paths: { folder } };
}

/** What an engine would do, which looks at the program as if it lay in the job's folder. */
async function previewOf(plan: RunPlan): Promise<string | undefined> {
  const bundle = await Deno.makeTempFile({ prefix: "dl_jobs_", suffix: ".js" });
  try {
    await Deno.writeTextFile(bundle, plan.code!);
    return await plan.engine.preview?.({ ...contextOf(plan), bundle });
  } finally {
    await Deno.remove(bundle);
  }
}

/** Runs a plan, and says how it starts and how it ends. */
export async function runAndReport(plan: RunPlan, log: LineFile | undefined): Promise<Summary> {
  const { record: { id, name }, engine, reporter } = plan;
  reporter.info(`${name}: job ${id} on ${engine.name}`, {
    type: "start",
    ...{ id, name, engine: engine.name },
  });
  const summary = withNext(withLog(await execute(plan), log));
  reporter.info(summaryText(summary), { type: "summary", ...summary });
  return summary;
}

/** A summary with the command that goes on; the newest job is called by a word. */
function withNext(summary: Summary): Summary {
  const { id, failed, canceled, isInterrupted, paths: { folder } } = summary;
  const isOpen = canceled > 0 || isInterrupted;
  if (!isOpen && failed === 0) return summary;
  const cwd = folder.slice(0, folder.lastIndexOf(`/${STORE}/`));
  const called = listJobsSync(cwd).at(-1) === id ? "last" : id;
  return { ...summary, next: `dl_jobs ${isOpen ? "resume" : "retry"} ${called}` };
}

function withLog(summary: Summary, log: LineFile | undefined): Summary {
  return log?.path ? { ...summary, paths: { ...summary.paths, log: log.path } } : summary;
}
