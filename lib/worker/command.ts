/**
 * How a program with a function in it (`bundle.js`) becomes a process of its own.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** What a process is given. */
export interface LaunchOptions {
  /** What it may do, as flags of Deno. */
  readonly permissions: readonly string[];
  /** What the program is told, as JSON. */
  readonly options: string;
  /** The most that JavaScript may have, in bytes. @default {as Deno has it} */
  readonly memory?: number | undefined;
  /** Whether it waits for a debugger. @default {false} */
  readonly inspect?: boolean;
}

/** What `Deno.Command` takes. */
export interface Launch {
  readonly args: string[];
  readonly env: Record<string, string>;
}

const CLI = new URL("../../cli.ts", import.meta.url).href;

/** What the executable that runs this must be called with to be the command `dl_jobs`. */
export function launchSelf(
  args: readonly string[],
  isCompiled: boolean = Deno.build.standalone,
): string[] {
  if (isCompiled) return [...args];
  return ["run", "-A", "--quiet", "--no-lock", "--node-modules-dir=none", CLI, ...args];
}

/**
 * What the executable that runs this must be called with to run a program.
 *
 * Made by `deno compile` it is no Deno: it runs the program by its hidden command `worker`, always
 * with all permissions, so a program that may do less is refused.
 *
 * @param isCompiled whether `deno compile` made it
 * @throws {UsageError} when it cannot run it that way.
 */
export function launch(
  bundle: string,
  { permissions, options, memory, inspect = false }: LaunchOptions,
  isCompiled: boolean = Deno.build.standalone,
): Launch {
  const heap = memory ? [`--max-old-space-size=${Math.ceil(memory / 2 ** 20)}`] : [];
  if (isCompiled) {
    const needed = inspect ? "wait for a debugger" : "limit what the function may do";
    if (inspect || permissions.join() !== "--allow-all") {
      throw new UsageError(
        `Cannot ${needed}: only Deno itself can, install it and run dl_jobs with it` +
          (inspect ? "" : ", or trust the code with --allow-all"),
      );
    }
    return {
      args: ["worker", bundle, options],
      env: heap.length > 0 ? { DENO_V8_FLAGS: heap.join() } : {},
    };
  }
  return {
    args: [
      ...["run", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"],
      ...(inspect ? ["--inspect-brk"] : []),
      ...permissions,
      ...heap.map((flag) => `--v8-flags=${flag}`),
      ...[bundle, options],
    ],
    env: {},
  };
}
