/**
 * The command line: finds the command, runs it, and prints any error.
 *
 * @module
 */

import { codeOf, firstError, UsageError } from "../util/errors.ts";
import type { Command, Commands } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import type { HelpRequest } from "./help_request.ts";
import type { CommandName } from "./summaries.ts";

/** The commands by name, in the order of the help. Each command is loaded on first use. */
export const COMMANDS: Commands = {
  run: async () => (await import("./run.ts")).runCommand,
  map: async () => (await import("./map.ts")).mapCommand,
  test: async () => (await import("./selftest.ts")).testCommand,
  init: async () => (await import("./init.ts")).initCommand,
  jobs: async () => (await import("./jobs.ts")).jobsCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  results: async () => (await import("./results.ts")).resultsCommand,
  errors: async () => (await import("./errors.ts")).errorsCommand,
  query: async () => (await import("./query.ts")).queryCommand,
  verify: async () => (await import("./verify.ts")).verifyCommand,
  why: async () => (await import("./why.ts")).whyCommand,
  stack: async () => (await import("./stack.ts")).stackCommand,
  logs: async () => (await import("./logs.ts")).logsCommand,
  resume: async () => (await import("./resume.ts")).resumeCommand,
  retry: async () => (await import("./resume.ts")).retryCommand,
  cancel: async () => (await import("./cancel.ts")).cancelCommand,
  rm: async () => (await import("./rm.ts")).rmCommand,
  clean: async () => (await import("./clean.ts")).cleanCommand,
  set: async () => (await import("./set.ts")).setCommand,
  pause: async () => (await import("./set.ts")).pauseCommand,
  continue: async () => (await import("./set.ts")).continueCommand,
  replay: async () => (await import("./replay.ts")).replayCommand,
  ui: async () => (await import("./ui.ts")).uiCommand,
  report: async () => (await import("./report.ts")).reportCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  repl: async () => (await import("./repl.ts")).replCommand,
  config: async () => (await import("./config.ts")).configCommand,
  docs: async () => (await import("./docs.ts")).docsCommand,
  completions: async () => (await import("./completions.ts")).completionsCommand(COMMANDS),
} satisfies { readonly [Name in CommandName]: unknown };

// The character that Deno puts in place of bytes that are not UTF-8. A text may also contain it.
const REPLACED = "\ufffd";

/**
 * Runs a command line. Prints an error to stderr instead of throwing it.
 *
 * @returns the exit status: an entry of {@linkcode EXIT}.
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await readMessageForm(argv);
    if (argv.some((word) => word.includes(REPLACED))) {
      await (await import("./argv_bytes.ts")).checkArgv();
    }
    return await dispatch(argv);
  } catch (thrown) {
    const error = firstError(thrown);
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.pipeClosed.status;
    await printError(error, argv);
    return statusOf(error);
  }
}

/** Sets the form of messages before any other word is parsed, because that may be an error. */
async function readMessageForm(argv: readonly string[]): Promise<void> {
  if (!argv.some((word) => word.startsWith("--progress"))) return;
  const { progressIn, setMessageForm } = await import("./message_form.ts");
  setMessageForm(progressIn(argv));
}

function statusOf(error: unknown): number {
  if (codeOf(error) === "interrupted") return EXIT.interrupted.status;
  return (error instanceof UsageError ? EXIT.usage : EXIT.failed).status;
}

async function printError(error: unknown, argv: readonly string[]): Promise<void> {
  const [{ say }, { docsOf }, { asksJson, printJsonError }] = await Promise.all([
    import("./output.ts"),
    import("./error_docs.ts"),
    import("./json_output.ts"),
  ]);
  const text = await errorText(error), docs = docsOf(codeOf(error), text);
  say(docs ? `${text}\nMore: dl_jobs docs ${docs}` : text);
  // A stdout that cannot be written may be the error itself, which stderr has.
  if (asksJson(argv)) await printJsonError(error, text.replace(/^Error: /, "")).catch(() => {});
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "worker") return await (await import("./worker.ts")).runWorker(rest);
  if (name === "python-job") {
    return await (await import("./python_job.ts")).runPythonJob(rest);
  }
  if (name === undefined) {
    console.error(await mainHelp("common"));
    return EXIT.usage.status;
  }
  const text = await helpFor(name, rest);
  if (text === undefined) return await runCommand(name, rest);
  console.log(text);
  return EXIT.done.status;
}

/** Returns the help if the command line requests it, and `undefined` otherwise. */
async function helpFor(name: string, rest: readonly string[]): Promise<string | undefined> {
  const { HELP_WORDS, helpRequest } = await import("./help_request.ts");
  const isWord = HELP_WORDS.includes(name);
  const request = helpRequest(isWord ? ["--help", ...rest] : rest);
  if (request === undefined) return undefined;
  const called = isWord ? rest.find((word) => !word.startsWith("-")) : name;
  return called === undefined ? await mainHelp(request) : await commandHelp(called, request);
}

async function runCommand(name: string, rest: readonly string[]): Promise<number> {
  const [command, { parseCommand, UnknownFlag }] = await Promise.all([
    findCommand(name),
    import("./args.ts"),
  ]);
  const call = await parseCommand(command, rest).catch(async (error) => {
    throw error instanceof UnknownFlag ? await withOwners(error, error.flag, name) : error;
  });
  if (!call.flags.help) return await command.run(call);
  console.log(await commandHelp(name, "common"));
  return EXIT.done.status;
}

/** Names the commands that have a flag, if others than the called one have it. */
async function withOwners(error: UsageError, flag: string, name: string): Promise<UsageError> {
  const { flagName, flagsOf } = await import("./command.ts");
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const owners = commands.filter((one) => flagsOf(one).some((own) => flagName(own) === flag));
  const isCommand = Object.hasOwn(COMMANDS, flag);
  if (owners.length === 0 && !isCommand) return error;
  const option = `--${flag.replaceAll("_", "-")}`, names = owners.map(({ name }) => name);
  const way = flag === "json" && ["run", "map", "test"].includes(name)
    ? "write --progress json for messages as JSON"
    : owners.length === 0
    ? `it is a command, write dl_jobs ${flag}`
    : `it belongs to ${names.join(", ")}`;
  return new UsageError(`Cannot use option "${option}" with ${name}: ${way}`);
}

async function mainHelp(request: HelpRequest): Promise<string> {
  if (request === "common") return (await import("./main_help.ts")).mainHelp();
  return await (await import("./help.ts")).fullMainHelp();
}

async function commandHelp(name: string, request: HelpRequest): Promise<string> {
  const command = await findCommand(name);
  const { helpText } = await import("./help.ts");
  return await helpText(command, { isFull: request === "all" });
}

async function findCommand(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return await COMMANDS[name]!();
  const { nearestWord } = await import("../util/text/nearest.ts");
  if (name.startsWith("-")) {
    // A letter is too short to be similar to a word.
    const near = name === "-v" ? "version" : await nearestWord(name.slice(2), ["help", "version"]);
    const way = near === undefined
      ? "write it after a command, see --help"
      : `did you mean --${near}?`;
    throw new UsageError(`Cannot use option "${name}": ${way}`);
  }
  const isFunction = /#|\.(?:[mc]?[jt]sx?|py)$/.test(name);
  if (isFunction) {
    throw new UsageError(`Cannot find command "${name}": write dl_jobs map ${name} for a function`);
  }
  const { meantCommand } = await import("./synonyms.ts");
  const words = [...Object.keys(COMMANDS), "help", "version"];
  const near = meantCommand(name) ?? await nearestWord(name, words);
  if (near !== undefined) {
    throw new UsageError(`Cannot find command "${name}": did you mean ${near}?`);
  }
  throw new UsageError(`Cannot find command "${name}": dl_jobs --help lists the commands`);
}

/** Formats an error. Adds stack frames when the error comes from the user's own code. */
async function errorText(error: unknown): Promise<string> {
  const { toTaskError } = await import("../journal/task_error.ts");
  const { message, type, stack = "" } = toTaskError(error);
  const isUsage = error instanceof UsageError;
  // The stack of a message that contains frames, such as that of another process, has none of them.
  const at = stack.indexOf(message), tail = at < 0 ? "" : stack.slice(at + message.length);
  // The message of a UsageError already contains its cause.
  const frames = (isUsage ? tail.replace(/\nCaused by .*/s, "") : tail)
    .split("\n").filter((line) => !isOwnFrame(line)).join("\n");
  if (!/\n\s+at .*(file|https?):/.test(frames)) return `Error: ${message}`;
  return `Error: ${isUsage || type === "Error" ? "" : `${type}: `}${message}${frames}`;
}

/** Returns true for a frame of the file that starts the command, or of the command's program. */
function isOwnFrame(line: string): boolean {
  // Frames are in the program when its source map cannot be read, as without open files.
  const own = ["../../cli.ts", "../../.dl_jobs/cache/"]
    .map((path) => new URL(path, import.meta.url).href);
  // A link to the library's folder gives the file that runs another address.
  return [...own, Deno.mainModule].some((address) => line.includes(address));
}
