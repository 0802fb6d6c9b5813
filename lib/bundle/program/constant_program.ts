/**
 * Programs of the library that differ in one constant: that of a job that runs other programs
 * (`--command`), and that of the cut `where`.
 *
 * @module
 */

import { shortHash } from "../modules/hash.ts";
import type { BuiltProgram } from "./program.ts";
import type { UserModule } from "./user_module.ts";

/** A program without its constant. */
export interface ConstantProgram {
  /** The text of the program that the JSON of the constant replaces. */
  readonly place: string;
  /** The parts of the program that refer to the constant. */
  readonly parts: UserModule;
}

/** The program that runs a command, which is its constant. */
export const COMMAND: ConstantProgram = constantProgram(
  "dl_jobs: the command",
  "commandFunction",
  "worker/command/program",
);

/** The program that evaluates a condition, which is its constant. */
export const CONDITION: ConstantProgram = constantProgram(
  "dl_jobs: the condition",
  "whereFunction",
  "worker/where",
);

function constantProgram(place: string, maker: string, module: string): ConstantProgram {
  const user = `import { ${maker} } from "dl-jobs:${module}";
export default ${maker}(JSON.parse(${JSON.stringify(place)}));`;
  return { place, parts: { user, isLibrary: true } };
}

/**
 * Puts a constant into a program. The bundler builds only the program of all constants, because
 * starting it takes longer than many commands.
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
