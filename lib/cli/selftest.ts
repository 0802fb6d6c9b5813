/**
 * The `test` command: runs a job whose tasks return their arguments, to check the installation.
 *
 * The file is not called `test.ts` because `deno test` loads any file of that name.
 *
 * @module
 */

import { loadConfig } from "../config/load.ts";
import { camelCase, OPTIONS } from "../config/options.ts";
import { UsageError } from "../util/errors.ts";
import { parseBool } from "../util/text/parse_bool.ts";
import type { Call, Command } from "./command.ts";
import { setMessageForm } from "./message_form.ts";
import { stdoutSink, untilSignal } from "./signals.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs test`. */
export const testCommand: Command = {
  name: "test",
  usage: "test NB_JOBS [ARGS] [k=v] [k:=json] [options]",
  doc: SUMMARIES.test,
  examples: ["dl_jobs test 2 a b c hello=world", "dl_jobs test 1 --engine inline"],
  options: [],
  config: true,
  keywords: true,
  run: runTest,
};

async function runTest({ positional, keywords, config }: Call): Promise<number> {
  const [text, ...args] = positional;
  const count = parseCount(text);
  const loaded = await loadConfig({ flags: config });
  setMessageForm(loaded.values.progress);
  const call = { args, kwargs: keywords, options: givenOptions(config) };
  const { Job } = await import("../api/job.ts");
  const job = new Job({
    fn: echo,
    name: "test",
    platformJob: parseBool(String(keywords.platform)) === true,
    argsList: count === 1
      ? [call]
      : [...Array(count).keys()].map((id) => ({ ...call, task_id: id })),
  });
  const overrides = { log: false, ...engineOf(config) };
  return await untilSignal(async (stops) => [
    await job.run({ flags: config, loaded, overrides, noisySinks: [stdoutSink], ...stops }),
  ]);
}

/** Returns its argument. This function is the task of the job. */
function echo(call: unknown): unknown {
  return call;
}

// The list is in memory.
const MAX_TASKS = 10_000_000;

function parseCount(text: string | undefined): number {
  const count = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  if (count <= MAX_TASKS) return count;
  const what = text === undefined
    ? "no number is given"
    : count > MAX_TASKS
    ? `${text} is more than ${MAX_TASKS}`
    : `"${text}" is not a whole number`;
  throw new UsageError(`Cannot test: ${what}, write a number of tasks, such as dl_jobs test 2`);
}

function givenOptions(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Results are stored, and the values of variables may be secrets.
  const names = OPTIONS.filter(({ type }) => type !== "env").map(({ name }) => name)
    .filter((name) => name in config);
  return Object.fromEntries(names.map((name) => [camelCase(name), config[name]]));
}

function engineOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return "engine" in config ? { engine: config.engine } : {};
}
