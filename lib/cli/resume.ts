/**
 * The commands `resume` and `retry`: a job goes on, or what failed in it is tried again.
 *
 * @module
 */

import { OPTIONS } from "../config/options.ts";
import { readRecord } from "../job_dir/record.ts";
import type { TaskError } from "../journal/format.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command, Flag } from "./args.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";
import { stdoutSink, untilSignal } from "./signals.ts";

/** What the job said about it holds, unless something else is said now. */
const TALK_FLAGS: readonly Flag[] = OPTIONS
  .filter(({ name }) => name === "quiet" || name === "progress")
  .map((option) => ({ ...option, default: null }));

/** `dl_jobs resume`. */
export const resumeCommand: Command = {
  name: "resume",
  usage: "resume [JOB] [options]",
  doc: `Run what has no end yet of a job that stopped or died. ${JOB_NAMES}`,
  options: [...TALK_FLAGS, JSON_FLAG],
  config: false,
  run: (call) => goOn(call),
};

/** `dl_jobs retry`. */
export const retryCommand: Command = {
  name: "retry",
  usage: "retry [JOB] [options]",
  doc: `Run again what failed in a job, and what has no end yet. ${JOB_NAMES}`,
  options: [
    {
      name: "failed_with",
      type: "text",
      default: null,
      doc: "Only failures whose message, type or class matches this regular expression.",
    },
    ...TALK_FLAGS,
    JSON_FLAG,
  ],
  config: false,
  run: (call) => goOn(call, matcher(call.flags.failed_with)),
};

async function goOn(call: Call, retryFilter?: (error: TaskError) => boolean): Promise<number> {
  const folder = jobOf(call);
  const { resumeJob } = await import("../job/resume.ts");
  const given = TALK_FLAGS.map(({ name }) => [name, call.flags[name]] as const);
  const reporter = Object.fromEntries(given.filter(([, value]) => value !== null));
  return await untilSignal(async (stops) => {
    const { files } = readRecord(folder);
    // What has no file goes where it would have gone.
    const outputSinks = files.results === undefined && !call.flags.json ? [stdoutSink] : [];
    const summary = await resumeJob(folder, {
      outputSinks,
      reporter,
      ...stops,
      retryFilter,
    });
    if (call.flags.json) await print(JSON.stringify(summary) + "\n");
    return [summary];
  });
}

function matcher(pattern: unknown): (error: TaskError) => boolean {
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
