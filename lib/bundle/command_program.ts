/**
 * The program of a command, which is the same for all commands, except for one constant.
 *
 * @module
 */

import type { CommandRef } from "../job_dir/record.ts";
import { shortHash } from "./hash.ts";
import type { BuiltProgram } from "./program.ts";
import type { UserModule } from "./user_module.ts";

const PLACE = "dl_jobs: the command";

/** The parts of a program that refer to the command. */
export const COMMAND: UserModule = {
  user: `import { commandFunction } from "dl-jobs:worker/command/program";
export default commandFunction(JSON.parse(${JSON.stringify(PLACE)}));`,
  isLibrary: true,
};

/**
 * Returns the program of a command. The bundler builds only the program of all commands, because
 * starting it takes longer than many commands.
 *
 * @param bundle the program of {@linkcode COMMAND}
 */
export async function withCommand(
  bundle: BuiltProgram,
  command: CommandRef,
): Promise<BuiltProgram> {
  const text = JSON.stringify(JSON.stringify(command));
  const code = bundle.code.replace(JSON.stringify(PLACE), () => text);
  const end = code.lastIndexOf("//# sourceMappingURL=");
  return { ...bundle, code, file: undefined, hash: await shortHash(code.slice(0, end)) };
}
