/**
 * The error of a process whose interpreter cannot be started.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/**
 * Returns the user's error for an interpreter that does not exist or is not a program; any other
 * error as it is.
 *
 * @param action the action that failed, such as `run tiles.py`
 * @param program the name or the path of the interpreter
 * @param cause the error of the start of the process
 */
export function interpreterError(action: string, program: string, cause: unknown): unknown {
  const { NotFound, PermissionDenied } = Deno.errors;
  if (cause instanceof NotFound) {
    return new UsageError(
      `Cannot ${action}: there is no interpreter "${program}"; install Python 3.8 or newer, or ` +
        "set --python to its path",
      { cause },
    );
  }
  if (!(cause instanceof PermissionDenied)) return cause;
  return new UsageError(
    `Cannot ${action}: its interpreter "${program}" is not a program; set --python to the path of ` +
      "Python 3.8 or newer",
    { cause },
  );
}
