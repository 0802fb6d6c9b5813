/**
 * Command lines that start a worker program (`bundle.js`, `bundle.py`) or `dl_jobs` itself.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists } from "../util/files/fs.ts";
import { bwrapCommand, type SandboxPaths } from "./bwrap.ts";
import { sandboxFlags, sandboxMain } from "./sandbox.ts";

/** The options of {@linkcode workerCommand}. */
export interface WorkerCommandOptions {
  /** Deno's permission flags for the program. */
  readonly permissions: readonly string[];
  /** The program's own options, as JSON. */
  readonly options: string;
  /** The folder for the files of tasks, which they may always read and write. @default {none} */
  readonly files?: string | undefined;
  /** The largest size of the JavaScript heap, in bytes. @default {Deno's own limit} */
  readonly memory?: number | undefined;
  /** Deno's flag with which the program accepts a debugger. @default {none} */
  readonly inspect?: string | undefined;
  /** The command of the interpreter that runs a Python program. @default {python3} */
  readonly python?: readonly string[] | undefined;
  /** The paths that a Python program needs in its sandbox. @default {no sandbox} */
  readonly sandbox?: Pick<SandboxPaths, "socket" | "input" | "files"> | undefined;
}

/** The executable, arguments and environment variables with which `Deno.Command` starts a program. */
export interface WorkerCommand {
  /** The executable. */
  readonly executable: string;
  /** The arguments. */
  readonly args: string[];
  /** Environment variables to add. */
  readonly env: Record<string, string>;
}

/** The URL of the command's main module. */
export const CLI: string = new URL("../../cli.ts", import.meta.url).href;

/**
 * Returns the arguments that make the running executable start the command `dl_jobs`.
 *
 * @param args the arguments of `dl_jobs`
 * @param isCompiled true when `deno compile` made the executable
 */
export function selfCommand(
  args: readonly string[],
  isCompiled: boolean = Deno.build.standalone,
): string[] {
  if (isCompiled) return [...args];
  return ["run", "-A", "--quiet", "--no-lock", "--node-modules-dir=none", CLI, ...args];
}

/**
 * Returns the command that starts a program. The running executable starts a script, and the
 * interpreter of the job starts a Python program.
 *
 * An executable made by `deno compile` has no `deno run`. Its hidden command `worker` runs the
 * program instead, with all permissions, so a program that needs limited permissions is refused.
 *
 * @param bundle the path of the program
 * @param isCompiled true when `deno compile` made the executable
 * @throws {UsageError} when a compiled executable cannot limit or inspect the program.
 */
export function workerCommand(
  bundle: string,
  given: WorkerCommandOptions,
  isCompiled: boolean = Deno.build.standalone,
): WorkerCommand {
  if (bundle.endsWith(".py")) return pythonCommand(bundle, given);
  const { permissions, options, files, memory, inspect } = given;
  const executable = Deno.execPath();
  const heap = memory ? [`--max-old-space-size=${Math.ceil(memory / 2 ** 20)}`] : [];
  if (isCompiled) {
    refuseLimits(permissions, inspect !== undefined);
    const env: Record<string, string> = heap.length > 0 ? { DENO_V8_FLAGS: heap.join() } : {};
    return { executable, args: ["worker", bundle, options], env };
  }
  const store = storeOf(bundle);
  const args = ["run", "--quiet", "--no-lock", "--no-prompt", packagesFlag(bundle, store)];
  if (inspect !== undefined) args.push(inspect);
  const isLimited = permissions.join() !== "--allow-all";
  args.push(...isLimited ? sandboxFlags(permissions, store, files) : permissions);
  args.push(...heap.map((flag) => `--v8-flags=${flag}`));
  args.push(isLimited ? sandboxMain(bundle) : bundle, options);
  return { executable, args, env: {} };
}

function pythonCommand(
  bundle: string,
  { options, python = ["python3"], sandbox }: WorkerCommandOptions,
): WorkerCommand {
  const paths = { ...sandbox, bundle, interpreter: python[0]!, store: storeOf(bundle) };
  const around = sandbox ? bwrapCommand(paths) : [];
  const [executable = "", ...args] = [...around, ...python, bundle, options];
  return { executable, args, env: {} };
}

/**
 * Returns the permission flags that a program needs to connect to a socket, in addition to its
 * other flags. A permission for everything is not repeated, because a path would narrow it.
 *
 * @param permissions the program's other flags
 * @param path the path of the socket
 */
export function channelFlags(permissions: readonly string[], path: string): string[] {
  if (permissions.includes("--allow-all")) return [];
  const needed = { net: `unix:${path}`, read: path, write: path };
  return Object.entries(needed).filter(([name]) => !permissions.includes(`--allow-${name}`))
    .map(([name, value]) => `--allow-${name}=${value}`);
}

/**
 * Returns the flag for packages that a program does not contain, such as those of a file that it
 * starts as a worker. As without the flag, Deno takes those of an npm project from `node_modules`; it
 * installs nothing. The packages that a program itself names may be those of another project.
 */
function packagesFlag(bundle: string, store = ""): string {
  const parts = store.split("/");
  const folders = parts.map((_, depth) => parts.slice(0, depth).join("/"));
  const isThere = (name: string) => folders.some((folder) => exists(`${folder}/${name}`));
  const isNpm = isThere("package.json") && isThere("node_modules") &&
    !Deno.readTextFileSync(bundle).includes('"npm:');
  return `--node-modules-dir=${isNpm ? "manual" : "none"}`;
}

/** Returns the folder of all jobs that contains a program, if any. */
function storeOf(bundle: string): string | undefined {
  return /^.*\/\.dl_jobs(?=\/)/.exec(bundle)?.[0];
}

function refuseLimits(permissions: readonly string[], inspect: boolean): void {
  if (!inspect && permissions.join() === "--allow-all") return;
  const needed = inspect ? "accept a debugger" : "limit what the function may do";
  throw new UsageError(
    `Cannot ${needed}: the compiled dl_jobs cannot do that; install Deno and run dl_jobs with it` +
      (inspect ? "" : ", or trust the code with --allow-all"),
  );
}
