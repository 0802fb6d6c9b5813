/**
 * The program of a job that runs other programs (`--command`). It is the same for all such jobs,
 * except for one constant, the command.
 *
 * @module
 */

import { shortHash } from "../modules/hash.ts";
import type { BuiltProgram } from "./program.ts";
import type { UserModule } from "./user_module.ts";

/** The place of the command in the program. */
export const COMMAND_PLACE = "dl_jobs: the command";

/** The parts of a program that refer to the command. */
export const COMMAND: UserModule = {
  user: `import { commandFunction } from "dl-jobs:worker/command/program";
export default commandFunction(JSON.parse(${JSON.stringify(COMMAND_PLACE)}));`,
  isLibrary: true,
};

/**
 * Puts a constant into a program. The bundler builds only the program of all constants, because
 * starting it takes longer than many commands.
 *
 * @param bundle the program
 * @param place the text of the program that the JSON of the constant replaces
 */
export async function withConstant(
  bundle: BuiltProgram,
  place: string,
  constant: unknown,
): Promise<BuiltProgram> {
  const text = JSON.stringify(JSON.stringify(constant));
  const code = bundle.code.replace(JSON.stringify(place), () => text);
  const end = code.lastIndexOf("//# sourceMappingURL=");
  return { ...bundle, code, file: undefined, hash: await shortHash(code.slice(0, end)) };
}
