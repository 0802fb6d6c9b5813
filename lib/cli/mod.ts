/**
 * The command line: finds the command, runs it, and says in one line what went wrong.
 *
 * @module
 */

import { firstError, UsageError } from "../util/errors.ts";
import type { Command, Commands } from "./args.ts";

/** The commands, each loaded when it is asked for. */
const COMMANDS: Commands = {
  run: async () => (await import("./run.ts")).runCommand,
  map: async () => (await import("./map.ts")).mapCommand,
  test: async () => (await import("./selftest.ts")).testCommand,
  jobs: async () => (await import("./jobs.ts")).jobsCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  results: async () => (await import("./results.ts")).resultsCommand,
  logs: async () => (await import("./logs.ts")).logsCommand,
  resume: async () => (await import("./resume.ts")).resumeCommand,
  retry: async () => (await import("./resume.ts")).retryCommand,
  cancel: async () => (await import("./cancel.ts")).cancelCommand,
  replay: async () => (await import("./replay.ts")).replayCommand,
  ui: async () => (await import("./ui.ts")).uiCommand,
  report: async () => (await import("./report.ts")).reportCommand,
  repl: async () => (await import("./repl.ts")).replCommand,
  config: async () => (await import("./config.ts")).configCommand,
  completions: async () => (await import("./completions.ts")).completionsCommand(COMMANDS),
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
  } catch (thrown) {
    const error = firstError(thrown);
    if (error instanceof Deno.errors.BrokenPipe) return PIPE_CLOSED;
    console.error(await errorText(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    console.error(await mainHelp());
    return 2;
  }
  if (["help", "--help", "-h"].includes(name)) {
    console.log(rest[0] === undefined ? await mainHelp() : await commandHelp(rest[0]));
    return 0;
  }
  if (name === "--version") {
    console.log(await versionText());
    return 0;
  }
  if (name === "worker") return await (await import("./worker.ts")).runWorker(rest);
  const [command, { parseCommand }] = await Promise.all([findCommand(name), import("./args.ts")]);
  const call = await parseCommand(command, rest);
  if (!call.flags.help) return await command.run(call);
  console.log(await commandHelp(name));
  return 0;
}

async function mainHelp(): Promise<string> {
  const { mainHelp } = await import("./args.ts");
  return mainHelp(await Promise.all(Object.values(COMMANDS).map((load) => load())));
}

async function commandHelp(name: string): Promise<string> {
  const { helpText } = await import("./args.ts");
  return helpText(await findCommand(name));
}

async function versionText(): Promise<string> {
  const { default: { version } } = await import("../../deno.json", { with: { type: "json" } });
  const { deno, v8 } = Deno.version;
  return `dl_jobs ${version}\ndeno ${deno}\nv8 ${v8}`;
}

async function findCommand(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return await COMMANDS[name]!();
  if (name.startsWith("-")) {
    throw new UsageError(`Cannot use option "${name}": write it behind a command, see --help`);
  }
  const { nearest } = await import("../util/nearest.ts");
  const known = await nearest(name, Object.keys(COMMANDS));
  throw new UsageError(`Cannot find command "${name}": the commands are ${known}`);
}

/** What went wrong, and where in the user's own code, if it went wrong there. */
async function errorText(error: unknown): Promise<string> {
  const { toTaskError } = await import("../journal/task_error.ts");
  const { message, type, stack = "" } = toTaskError(error);
  const isUsage = error instanceof UsageError;
  const behind = stack.slice(stack.indexOf(message) + message.length);
  // The cause of wrong usage is in the message already.
  const frames = (isUsage ? behind.replace(/\nCaused by .*/s, "") : behind)
    .split("\n").filter((line) => !line.includes(DOOR)).join("\n");
  if (!/\n\s+at .*(file|https?):/.test(frames)) return `Error: ${message}`;
  return `Error: ${isUsage || type === "Error" ? "" : `${type}: `}${message}${frames}`;
}

const DOOR = new URL("../../cli.ts", import.meta.url).href;
