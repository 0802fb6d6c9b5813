/**
 * The sandbox `bwrap` for programs in Python, which Deno cannot limit.
 *
 * @see {@link https://github.com/containers/bubblewrap | bubblewrap}
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { makePrivateFolder } from "../util/files/fs.ts";
import { dirname } from "../util/paths.ts";

/** The paths that a program needs in the sandbox. */
export interface SandboxPaths {
  /** The path of the program. */
  readonly bundle: string;
  /** The executable of the interpreter. */
  readonly interpreter: string;
  /** The folder of all jobs, which is hidden. @default {none} */
  readonly store?: string | undefined;
  /** The path of the controller's socket. @default {none} */
  readonly socket?: string | undefined;
  /** The path of a file that the program reads. @default {none} */
  readonly input?: string | undefined;
  /** The folder for files of the job, the only one that can be written to. @default {none} */
  readonly files?: string | undefined;
}

/**
 * Returns the command that starts a program in the sandbox: a read-only file system, no network, no
 * other processes, and a private `/tmp`.
 */
export function bwrapCommand(
  { bundle, interpreter, store, socket, input, files }: SandboxPaths,
): string[] {
  const cwd = Deno.cwd(), environment = dirname(dirname(interpreter));
  if (files !== undefined) makePrivateFolder(files);
  return [
    ...["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...["--tmpfs", "/tmp"],
    // A project may itself be in /tmp.
    ...readable(cwd),
    ...environment.startsWith("/tmp/") ? readable(environment) : [],
    ...store === undefined ? [] : ["--tmpfs", store],
    ...readable(bundle),
    // The program opens the file for its tracebacks there.
    ...socket === undefined ? [] : ["--bind", dirname(socket), dirname(socket)],
    ...input === undefined ? [] : readable(input),
    ...files === undefined ? [] : ["--bind", files, files],
    ...["--chdir", cwd, "--"],
  ];
}

function readable(path: string): string[] {
  return ["--ro-bind", path, path];
}

/**
 * Checks that the sandbox works on this machine.
 *
 * @throws {UsageError} when `bwrap` is missing, or the kernel does not allow it.
 */
export async function checkBwrap(): Promise<void> {
  const why = await whyNoBwrap();
  if (why === undefined) return;
  throw new UsageError(
    `Cannot use the sandbox: ${why}; leave out --sandbox and the permissions if you trust the code`,
  );
}

/** Returns the reason why the sandbox does not work here; `undefined` when it does. */
export async function whyNoBwrap(): Promise<string | undefined> {
  try {
    const args = ["--unshare-all", "--ro-bind", "/", "/", "true"];
    const { success, stderr } = await new Deno.Command("bwrap", { args }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch {
    return "the program bwrap is missing, install the package bubblewrap";
  }
}
