/**
 * The `verify` command: checks the files of a job.
 *
 * @module
 */

import type { RerunOptions } from "../job/resume/rerun.ts";
import type { Finding } from "../job/inspect/finding.ts";
import { type Amount, parseAmount } from "../tasks/amount.ts";
import { textRows } from "../terminal/text_table.ts";
import { UsageError } from "../util/errors.ts";
import { counted } from "../util/text/counted.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { type JsonError, printJson } from "./json_output.ts";
import type { VerifyJson } from "./json_types.ts";
import { forWholeRows, JOB_NAMES, jobOf, JSON_FLAG, print, printLayout } from "./output.ts";
import { ENV_FLAGS, givenEnv, PYTHON_FLAG } from "./rerun_flags.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs verify`. */
export const verifyCommand: Command = {
  name: "verify",
  usage: "verify [JOB] [options]",
  doc: `${SUMMARIES.verify} The exit status is 1 when a file is damaged or a result differs. ` +
    JOB_NAMES,
  examples: ["dl_jobs verify", "dl_jobs verify last --run 1%"],
  options: [
    {
      name: "run",
      type: "text",
      label: "N|N%",
      default: null,
      doc: "Also run some successful tasks again and compare their results.",
      example: "1%",
    },
    {
      name: "seed",
      type: "integer",
      default: null,
      min: 0,
      doc: "Choose the tasks for --run by this number, which an earlier call printed.",
      example: "7",
    },
    PYTHON_FLAG,
    ...ENV_FLAGS,
    JSON_FLAG,
  ],
  run: runVerify,
};

async function runVerify(call: Call): Promise<number> {
  const folder = jobOf(call), { run, seed, json } = call.flags;
  const sample = typeof run === "string" ? parseSample(run) : undefined;
  const { verifyJob } = await import("../job/inspect/verify.ts");
  const findings = await Array.fromAsync(verifyJob(folder));
  const isSound = findings.every((finding) => finding.isSound);
  if (!json) await printLayout(findingsText(findings));
  const rerun = sample && isSound
    ? await runSample(folder, sample, {
      seed: typeof seed === "number" ? seed : Date.now() % 2 ** 31,
      env: await givenEnv(call),
      python: call.flags.python as string | null,
    })
    : undefined;
  const isSame = (rerun?.differences.length ?? 0) === 0;
  if (json) await printJson<VerifyJson>({ findings, rerun }, verifyError(isSound, isSame));
  else if (rerun) await print(rerunText(rerun));
  return (isSound && isSame ? EXIT.done : EXIT.failed).status;
}

function verifyError(isSound: boolean, isSame: boolean): JsonError | undefined {
  if (!isSound) return { code: "job_damaged", message: "Files of the job are damaged" };
  return isSame ? undefined : { code: "results_differ", message: "Results differ when run again" };
}

function findingsText(findings: readonly Finding[]): string {
  const rows = findings.map(({ file, isSound, text }): [string, string] => [
    file,
    isSound ? `sound: ${text}` : `DAMAGED: ${text}`,
  ]);
  return textRows(rows, forWholeRows()) + "\n";
}

async function runSample(folder: string, sample: Amount, options: RerunOptions) {
  const { rerunSample } = await import("../job/resume/rerun.ts");
  return { seed: options.seed, ...await rerunSample(folder, sample, options) };
}

const MAX_SHOWN = 20;

function rerunText({ seed, count, differences }: Awaited<ReturnType<typeof runSample>>): string {
  const lines = differences.slice(0, MAX_SHOWN).map(({ id, recorded, found }) =>
    `task ${id} differs: the journal has ${recorded}, this run has ${found}\n`
  );
  const total = differences.length === 0 ? "all results are equal" : `${differences.length} differ`;
  return `${lines.join("")}${counted(count, "task")} ran again with --seed ${seed}: ${total}\n`;
}

/** Parses the value of `--run`: a number of tasks, or a percentage. */
function parseSample(text: string): Amount {
  const amount = parseAmount(text);
  if (amount) return amount;
  throw new UsageError(
    `Cannot use --run "${text}": write a number of tasks, such as 20, or a percentage, such as 1%`,
  );
}
