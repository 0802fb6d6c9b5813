/**
 * The commands `resume` and `retry`: they run the pending tasks of a job, or also the failed ones.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import { readRecord } from "../job_dir/record.ts";
import type { TaskError } from "../journal/format.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";
import { stdoutSink, untilSignal } from "./signals.ts";

/** The flags for messages. The options of the job apply where they are not given. */
const MESSAGE_FLAGS: readonly OptionSpec[] = OPTIONS
  .filter(({ name }) => name === "quiet" || name === "progress")
  .map((option) => ({ ...option, default: null }));

/** `dl_jobs resume`. */
export const resumeCommand: Command = {
  name: "resume",
  usage: "resume [JOB] [options]",
  doc: `Run the pending tasks of a job that stopped or died. ${JOB_NAMES}`,
  examples: ["dl_jobs resume", "dl_jobs resume 20261123T062803 -q"],
  options: [...MESSAGE_FLAGS, JSON_FLAG],
  config: false,
  run: (call) => runResume(call),
};

/** `dl_jobs retry`. */
export const retryCommand: Command = {
  name: "retry",
  usage: "retry [JOB] [options]",
  doc: `Run the failed tasks of a job again, and its pending ones. ${JOB_NAMES}`,
  examples: ["dl_jobs retry", "dl_jobs retry last --failed-with 'timeout|oom'"],
  options: [
    {
      name: "failed_with",
      type: "text",
      default: null,
      doc: "Run only failures whose message, type or class matches this regular expression.",
    },
    ...MESSAGE_FLAGS,
    JSON_FLAG,
  ],
  config: false,
  run: (call) => runResume(call, retryFilter(call.flags.failed_with)),
};

/** A test for the failures to run again. */
type RetryFilter = (error: TaskError) => boolean;

async function runResume(call: Call, again?: RetryFilter): Promise<number> {
  const folder = await jobOf(call);
  const { resume } = await import("../job/resume.ts");
  const given = MESSAGE_FLAGS.map(({ name }) => [name, call.flags[name]] as const);
  const reporter = Object.fromEntries(given.filter(([, value]) => value !== null));
  return await untilSignal(async (stops) => {
    const { files } = await readRecord(folder);
    // Results that the job did not save go to stdout, as they did at first.
    const sinks = files.results === undefined && !call.flags.json ? [stdoutSink] : [];
    const summary = await resume(folder, {
      sinks,
      reporter,
      ...stops,
      ...(again ? { again } : {}),
    });
    if (call.flags.json) await print(JSON.stringify(summary) + "\n");
    return [summary];
  });
}

function retryFilter(pattern: unknown): RetryFilter {
  if (typeof pattern !== "string") return () => true;
  const regexp = toRegExp(pattern);
  return ({ message, type, class: kind }) => regexp.test(`${kind} ${type}: ${message}`);
}

function toRegExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new UsageError(`Cannot use --failed-with "${pattern}": ${(error as Error).message}`);
  }
}
