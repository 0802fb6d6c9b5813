/**
 * Programs that lead a session and a process group of their own.
 *
 * @module
 */

import { exists, statIfThere } from "../files/fs.ts";

/** The command of a program, for `Deno.Command`. */
interface SessionCommand {
  /** The program to start. */
  readonly executable: string;
  /** The arguments of the program. */
  readonly args: string[];
  /** True when Deno itself must create the session. */
  readonly detached: boolean;
}

// `detached` makes Deno fork, which copies the memory map of this process: 2 to 8 ms on the main
// thread, for each process. Without it, the system starts a program in half a millisecond.
const SETSID = "/usr/bin/setsid";
let hasSetsid: boolean | undefined;

/**
 * Returns the command that starts a program in a session of its own. Its id is that of the started
 * process. For a moment after the start, the process is still in the group of this process.
 *
 * @param executable the program; where it is not the absolute path of a program, Deno itself starts
 * it, and reports what is wrong
 * @see https://man7.org/linux/man-pages/man1/setsid.1.html
 */
export function inOwnSession(executable: string, args: readonly string[]): SessionCommand {
  if (!isProgram(executable) || !(hasSetsid ??= maySetsid())) {
    return { executable, args: [...args], detached: true };
  }
  return { executable: SETSID, args: [executable, ...args], detached: false };
}

const EXECUTABLE = 0o111;

function isProgram(path: string): boolean {
  if (!path.startsWith("/")) return false;
  const { isFile = false, mode } = statIfThere(path) ?? {};
  return isFile && ((mode ?? 0) & EXECUTABLE) !== 0;
}

function maySetsid(): boolean {
  const { state } = Deno.permissions.querySync({ name: "run", command: SETSID });
  return Deno.build.os === "linux" && state === "granted" && exists(SETSID);
}
