/**
 * The command line: finds the command, runs it, and says in one line what went wrong.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import type { Command } from "./_args.ts";

/** The commands, each loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).runCommand,
  map: async () => (await import("./map.ts")).mapCommand,
  test: async () => (await import("./selftest.ts")).testCommand,
  config: async () => (await import("./config.ts")).configCommand,
};

/** What a process that is ended by SIGPIPE exits with. */
const PIPE_CLOSED = 141;

/**
 * Runs a command line and gives its exit status: 0 all tasks succeeded, 1 some failed, 2 wrong usage
 * or configuration, 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return PIPE_CLOSED;
    console.error(errorText(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  const { helpText, mainHelp, parseCommand } = await import("./_args.ts");
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(mainHelp(await Promise.all(Object.values(COMMANDS).map((load) => load()))));
    return name === undefined ? 2 : 0;
  }
  const command = await findCommand(name);
  const call = await parseCommand(command, rest);
  if (!call.flags.help) return await command.run(call);
  console.log(helpText(command));
  return 0;
}

async function findCommand(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return await COMMANDS[name]!();
  const { nearest } = await import("../locate.ts");
  const known = await nearest(name, Object.keys(COMMANDS));
  throw new UsageError(`Cannot find command "${name}": the commands are ${known}`);
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `Error: ${error}`;
  return `Error: ${error.message}`;
}
