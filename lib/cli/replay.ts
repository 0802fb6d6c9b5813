/**
 * The `replay` command: runs one task of a job again, optionally under a debugger.
 *
 * @module
 */

import { withInterpreter } from "../bundle/function/interpreter.ts";
import { permissionFlags } from "../config/permissions.ts";
import { valuePolicy } from "../config/value_policy.ts";
import type { CodeChoice } from "../job/program/code_choice.ts";
import { programFile, readRecord } from "../job_dir/record.ts";
import { jobFiles } from "../job_dir/layout.ts";
import { isBadRecord, reasonIn } from "../formats/format.ts";
import { argsText } from "../tasks/batch.ts";
import { UsageError } from "../util/errors.ts";
import { newTemporaryFile } from "../util/files/temporary_file.ts";
import { interpreterError } from "../util/process/interpreter_error.ts";
import { exitStatusOf } from "../util/process/process_status.ts";
import { checkTrusted } from "../util/files/trust.ts";
import { workerCommand } from "../worker/command.ts";
import type { WorkerOptions } from "../worker/protocol.ts";
import type { Call, Command } from "./command.ts";
import { folderOf, JOB_NAMES, say } from "./output.ts";
import { CODE_FLAG, ENV_FLAGS, givenEnv, PYTHON_FLAG } from "./rerun_flags.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs replay`. */
export const replayCommand: Command = {
  name: "replay",
  usage: "replay [JOB] TASK [options]",
  doc: `${SUMMARIES.replay} Sources that have changed since then run as they are today. The ` +
    `output goes to the terminal, and nothing is recorded. ${JOB_NAMES}`,
  examples: ["dl_jobs replay last 17", "dl_jobs replay last 17 --inspect-brk"],
  options: [
    {
      name: "inspect_brk",
      type: "boolean",
      default: false,
      doc: "Wait for a debugger before the first line runs.",
    },
    CODE_FLAG,
    PYTHON_FLAG,
    ...ENV_FLAGS,
  ],
  run: runReplay,
};

async function runReplay(call: Call): Promise<number> {
  const { positional, flags } = call;
  const [called, text] = positional.length > 1 ? positional : ["last", positional[0]];
  if (text === undefined || !/^\d+$/.test(text) || positional.length > 2) {
    throw new UsageError(
      "Cannot replay: no task is named, write a job and the number of a task, such as " +
        "dl_jobs replay last 17",
    );
  }
  const folder = folderOf(called);
  const record = readRecord(folder), { options } = record;
  const { readEnv } = await import("../job/options/env_values.ts");
  const variables = await readEnv(folder, record, await givenEnv(call));
  const task = Number(text), line = await lineOf(folder, task);
  for (const file of [programFile(folder, record), jobFiles(folder).record]) checkTrusted(file);
  const inspect = flags.inspect_brk === true;
  const used = withInterpreter(record, flags.python as string | null), { python } = used;
  const code = flags.code as CodeChoice | null ?? undefined;
  const { replayProgram } = await import("../job/resume/replay_program.ts");
  using program = await replayProgram(folder, used, { task, code, warn: say });
  const bundle = program.file;
  // The debugger of Python reads stdin, so the arguments are in a file.
  const input = bundle.endsWith(".py") ? await newTemporaryFile() : undefined;
  try {
    const { files } = jobFiles(folder);
    const values = valuePolicy(options), job = record.id;
    const plain: WorkerOptions = { plain: true, job, task, files, input, inspect, values };
    const { executable, args, env } = workerCommand(bundle, {
      permissions: permissionFlags(options.permissions),
      options: JSON.stringify(plain),
      python,
      files,
      inspect: inspect ? "--inspect-brk" : undefined,
      sandbox: options.sandbox === "bwrap" ? { input, files } : undefined,
    });
    // Deno colours the stack of an error even when stderr is a file or a pipe.
    const colours = Deno.stderr.isTerminal() ? undefined : { NO_COLOR: "1" };
    const given = { args, env: { ...colours, ...env, ...variables } };
    return await runProcess(executable, given, line, input);
  } catch (error) {
    throw python ? interpreterError("replay the task", python[0]!, error) : error;
  } finally {
    if (input !== undefined) await Deno.remove(input);
  }
}

/**
 * Runs a process that reads a line from a file or from its stdin.
 *
 * @returns its exit code
 */
async function runProcess(
  executable: string,
  options: Deno.CommandOptions,
  line: Uint8Array,
  input: string | undefined,
): Promise<number> {
  if (input !== undefined) {
    await Deno.writeFile(input, line);
    return (await exitStatusOf(new Deno.Command(executable, options).spawn())).code;
  }
  const process = new Deno.Command(executable, { ...options, stdin: "piped" }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(line);
  await writer.close();
  return (await exitStatusOf(process)).code;
}

async function lineOf(folder: string, id: number): Promise<Uint8Array> {
  const { argumentsOf } = await import("../job/inspect/history.ts");
  const line = await argumentsOf(folder, id), text = line && argsText(line).trim();
  if (text && isBadRecord(text)) {
    throw new UsageError(`Cannot replay task ${id}: ${reasonIn(text)}`);
  }
  if (line) return line;
  throw new UsageError(
    `Cannot find task ${id}: the job has no such task, dl_jobs status shows the number of tasks`,
  );
}
