/**
 * The program that `replay` runs.
 *
 * @module
 */

import { assertProgram } from "../../bundle/program/check_program.ts";
import { type JobRecord, programEnding, programFile, programsOf } from "../../job_dir/record.ts";
import { PRIVATE_FILE } from "../../util/files/fs.ts";
import { newTemporaryFile } from "../../util/files/temporary_file.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { changeOf, type ProgramRequest } from "../program/code_choice.ts";
import { buildToday } from "../program/programs.ts";

/** A program in a file, which is removed when it was built only for this run. */
interface ReplayProgram extends Disposable {
  readonly file: string;
}

/**
 * Chooses the program of a task that runs again, as `retry` would: the current one if its sources have
 * changed. The files of the job are kept.
 *
 * @param folder the job's folder
 * @throws {UsageError} when the current sources cannot be built.
 * @throws {Error} when the program of the job is damaged.
 */
export async function replayProgram(
  folder: string,
  record: JobRecord,
  { task, code, warn }: Pick<ProgramRequest, "code" | "warn"> & { readonly task: number },
): Promise<ReplayProgram> {
  const change = await changeOf(programsOf(record).at(-1)!, folder);
  if (code === "original") {
    // The runtime reads the lines that it shows in a stack from the sources.
    if (change) {
      warn(`replay runs the old code: ${change}, but a stack may show lines of the current code`);
    }
    return await kept(folder, { ...record, ...firstOf(record) });
  }
  if (code === undefined && change === undefined) return await kept(folder, record);
  if (record.function === "function") {
    warn(`replay runs the code of the job: ${change ?? "it"}, its function is a value in a script`);
    return await kept(folder, record);
  }
  const { code: text, hash } = await buildToday(record, `replay ${record.id} ${task}`);
  if (hash === record.code) return await kept(folder, record);
  if (code === undefined) {
    warn(`replay runs the current code: ${change}, --code original runs the old code`);
  }
  const file = await newTemporaryFile(programEnding(programFile(folder, record)));
  await Deno.writeTextFile(file, text, { mode: PRIVATE_FILE });
  return { file, [Symbol.dispose]: () => Deno.removeSync(file) };
}

/** Returns the fields of a record that name its first program. */
function firstOf(record: JobRecord): Pick<JobRecord, "code" | "programs"> {
  const [first] = programsOf(record);
  return { code: first!.hash, programs: [first!] };
}

/** Returns a program in the job's folder, after its checks. */
async function kept(folder: string, record: JobRecord): Promise<ReplayProgram> {
  const file = programFile(folder, record);
  checkTrusted(file);
  await assertProgram(folder, record);
  return { file, [Symbol.dispose]() {} };
}
