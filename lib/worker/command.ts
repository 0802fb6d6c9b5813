/**
 * Command lines that start a worker program (`bundle.js`) or `dl_jobs` itself.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** The options of {@linkcode workerCommand}. */
export interface WorkerCommandOptions {
  /** Deno's permission flags for the program. */
  readonly permissions: readonly string[];
  /** The program's own options, as JSON. */
  readonly options: string;
  /** The largest size of the JavaScript heap, in bytes. @default {Deno's own limit} */
  readonly memory?: number | undefined;
  /** True when the program waits for a debugger. @default {false} */
  readonly inspect?: boolean | undefined;
}

/** The arguments and environment variables with which `Deno.Command` starts `Deno.execPath()`. */
export interface WorkerCommand {
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
 * Returns the command that makes the running executable start a program.
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
  { permissions, options, memory, inspect = false }: WorkerCommandOptions,
  isCompiled: boolean = Deno.build.standalone,
): WorkerCommand {
  const heap = memory ? [`--max-old-space-size=${Math.ceil(memory / 2 ** 20)}`] : [];
  if (isCompiled) {
    refuseLimits(permissions, inspect);
    const env: Record<string, string> = heap.length > 0 ? { DENO_V8_FLAGS: heap.join() } : {};
    return { args: ["worker", bundle, options], env };
  }
  const args = ["run", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"];
  if (inspect) args.push("--inspect-brk");
  args.push(...permissions, ...heap.map((flag) => `--v8-flags=${flag}`), bundle, options);
  return { args, env: {} };
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

function refuseLimits(permissions: readonly string[], inspect: boolean): void {
  if (!inspect && permissions.join() === "--allow-all") return;
  const needed = inspect ? "wait for a debugger" : "limit what the function may do";
  throw new UsageError(
    `Cannot ${needed}: the compiled dl_jobs cannot do that; install Deno and run dl_jobs with it` +
      (inspect ? "" : ", or trust the code with --allow-all"),
  );
}
