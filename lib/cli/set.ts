/**
 * The commands `set`, `pause` and `continue`, which change a job that another process runs.
 *
 * @module
 */

import { SETTABLE } from "../job/steer/check_change.ts";
import { type SteerAnswer, steerJob, type SteerRequest } from "../job/steer/steer.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { SteerJson } from "./json_types.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs set`. */
export const setCommand: Command = {
  name: "set",
  usage: "set [JOB] NAME=VALUE... [options]",
  doc: `${SUMMARIES.set} ${JOB_NAMES}`,
  examples: ["dl_jobs set workers=8", "dl_jobs set 20261123T062803 timeout=2h halt=none"],
  options: [JSON_FLAG],
  words: SETTABLE.map((name) => `${name}=`),
  run: async (call) => {
    const words = call.positional.filter((word) => !word.includes("="));
    const set = Object.fromEntries(call.positional.filter((word) => word.includes("=")).map(split));
    if (Object.keys(set).length === 0) throw nothingToSet(words);
    return await change(call, jobOf({ ...call, positional: words }), { set });
  },
};

/** The command `dl_jobs pause`. */
export const pauseCommand: Command = {
  name: "pause",
  usage: "pause [JOB] [options]",
  doc: `${SUMMARIES.pause} Running tasks may finish. ${JOB_NAMES}`,
  examples: ["dl_jobs pause", "dl_jobs pause 20261123T062803"],
  options: [JSON_FLAG],
  run: (call) => change(call, jobOf(call), { isPaused: true }),
};

/** The command `dl_jobs continue`. */
export const continueCommand: Command = {
  name: "continue",
  usage: "continue [JOB] [options]",
  doc: `${SUMMARIES.continue} ${JOB_NAMES}`,
  examples: ["dl_jobs continue", "dl_jobs continue 20261123T062803"],
  options: [JSON_FLAG],
  run: (call) => change(call, jobOf(call), { isPaused: false }),
};

async function change(call: Call, folder: string, request: SteerRequest): Promise<number> {
  const onSlow = (id: string) => say(`Waiting for the process that runs job ${id}`);
  const answer = await steerJob(folder, request, { onSlow });
  if (call.flags.json) await printJson<SteerJson>(answer);
  else say(answerText(answer));
  return EXIT.done.status;
}

function answerText({ id, text, notes }: SteerAnswer): string {
  return [`Job ${id}: ${text}`, ...notes.map((note) => `Note: ${note}`)].join("\n");
}

function split(word: string): [name: string, value: string] {
  const at = word.indexOf("=");
  return [word.slice(0, at).replace(/^--/, ""), word.slice(at + 1)];
}

function nothingToSet(words: readonly string[]): UsageError {
  const named = words.length > 0 ? ` of ${words.join(" ")}` : "";
  return new UsageError(`Cannot set options${named}: write NAME=VALUE, such as workers=8`);
}
