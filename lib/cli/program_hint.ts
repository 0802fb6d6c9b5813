/**
 * The hint for a program in the place of a function.
 *
 * @module
 */

import { isOnPath } from "../worker/command/find_program.ts";

/** Returns the way to run a program, when a name is that of one; undefined otherwise. */
export function programHint(name: string): string | undefined {
  return /^[\w.+-]+$/.test(name) && isOnPath(name)
    ? `to run the program ${name}, write it after --, as in dl_jobs map -- ${name} {} ::: VALUES`
    : undefined;
}
