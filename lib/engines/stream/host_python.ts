/**
 * The Python interpreter on a host.
 *
 * @module
 */

import { exists } from "../../util/files/fs.ts";
import { isOnPath } from "../../worker/command/find_program.ts";

/** The command of an interpreter, and a notice when it is not the one of the controller. */
export interface HostPython {
  /** The command. */
  readonly command: readonly string[];
  /** A text for the user. @default {the controller's interpreter is used} */
  readonly notice?: string | undefined;
}

const USUAL = ["python3", "python"];

/**
 * Returns the interpreter of the controller if the host has it, and otherwise the one on the `PATH`
 * of the host.
 *
 * @param wanted the command of the controller's interpreter
 */
export function findPython(wanted: readonly string[]): HostPython {
  const [program = "python3"] = wanted;
  if (program.includes("/") ? exists(program) : isOnPath(program)) return { command: wanted };
  const found = USUAL.find(isOnPath);
  // The engine reports a program that does not exist.
  if (!found) return { command: wanted };
  return { command: [found], notice: `there is no ${program}, so ${found} runs the function` };
}
