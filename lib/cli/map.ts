/**
 * The `map` command: a filter that calls a task method, or runs a program, for each line of ndjson.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import type { JobOptions } from "../job/options/options.ts";
import { UsageError } from "../util/errors.ts";
import { missingFile } from "../formats/disk_file.ts";
import type { InputOptions } from "../formats/format.ts";
import { ListFiles } from "../tasks/list_files.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import type { ArgsList } from "../tasks/source.ts";
import { statIfThere } from "../util/files/fs.ts";
import { shellWord } from "../util/shell.ts";
import type { Call, Command } from "./command.ts";
import { INPUT_FLAGS, inputOptions } from "./input_flags.ts";
import { JOB_FLAGS, runOptionsIn } from "./job_flags.ts";
import { setMessageForm } from "./message_form.ts";
import { stdoutSink, stdoutTexts, untilSignal } from "./signals.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs map`. */
export const mapCommand: Command = {
  name: "map",
  usage: "map [TASK] [FILE...|-] [options] [-- PROGRAM [ARGUMENTS]] [::: VALUES...]",
  doc: `${SUMMARIES.map} TASK is a function in TypeScript or Python: FILE#FUNCTION, such as ` +
    "tiles.ts#mean, or module.function. With --command, or after --, a program runs for each " +
    "record instead. In its arguments, {} is the record, {key} a value in it, {#} the id of the " +
    "task, and {path|stem} a part of a path: name, stem, dir or ext.",
  examples: [
    "seq 1 100 | dl_jobs map examples/square.ts#square -",
    "dl_jobs map cities.py#size cities.csv -o sizes.csv",
    "dl_jobs map work.ndvi tiles.ndjson -j4 -o means.ndjson",
    "dl_jobs map work.ndvi tiles.ndjson --engine slurm --dry-run",
    "dl_jobs map work.ndvi --grid year=2020..2024 month=1..12 band=nir,red",
    "dl_jobs map -- convert {} '{|stem}.png' ::: *.tif",
    "dl_jobs map tiles.ndjson -- gdalwarp -te {bbox} {path} 'out/{path|stem}.tif'",
  ],
  options: [
    {
      name: "command",
      type: "text",
      label: "TEXT",
      default: null,
      doc: "Run this program instead of a task method, without a shell.",
      example: "'gdalinfo {path}'",
    },
    {
      name: "shell",
      type: "boolean",
      default: false,
      doc: "Run the command with sh, which receives each value in quotes.",
    },
    {
      name: "stdout",
      type: "text",
      default: "text",
      choices: ["text", "json", "lines", "none"],
      doc: "Form of the result that the program prints.",
    },
    {
      name: "name",
      type: "text",
      default: null,
      doc: "Name of the job and its files; by default, that of the function or the program.",
      example: "thumbnails",
    },
    {
      name: "grid",
      type: "text",
      default: null,
      label: "NAME=VALUES...",
      takesWords: true,
      doc: "A task for each combination of values, such as year=2020..2024 band=nir,red.",
      example: "year=2020..2024",
    },
    {
      name: "zip",
      type: "text",
      default: null,
      label: "NAME=VALUES...",
      takesWords: true,
      doc: "As --grid, but the first values belong together, then the second ones, and so on.",
      example: "day=1..3",
    },
    {
      name: "data",
      type: "list",
      label: "FILE,FILE",
      isPath: true,
      default: [],
      doc: "Files to send with the function to other machines, as paths or patterns.",
      example: "'tables/*.csv'",
    },
    ...INPUT_FLAGS,
    ...JOB_FLAGS,
    {
      name: "format",
      type: "text",
      default: null,
      choices: ["ndjson", "lines"],
      advice: "the ending of the file that --output names states other formats",
      doc: "Form of results on stdout: ndjson, by default, or lines, where strings have no quotes.",
    },
  ],
  config: true,
  takesProgram: true,
  takesLists: true,
  run: runMap,
};

// A filter prints one line per input line, and writes only files that the user names.
const FILTER = { grouped_results: true, save_results: false };

async function runMap(call: Call): Promise<number> {
  const { flags, config } = call, { task, files, command } = toRequest(call);
  const options = runOptionsIn(call, files);
  if (options.output !== undefined && flags.format !== null) {
    throw new UsageError(
      `Cannot use --format with --output: the ending of ${options.output} states its format`,
    );
  }
  const jobFlags = { ...FILTER, ...config };
  const [loaded, { Job }, { forceEngine }] = await Promise.all([
    loadConfig({ flags: jobFlags }),
    import("../api/job.ts"),
    import("../job/options/settings.ts"),
  ]);
  setMessageForm(loaded.values.progress);
  const target = command ?? await locateTask(task, loaded.values);
  if (!command) checkFirstFile(task, files[0]);
  const isStdinUsed = readsStdin(call, files);
  if (loaded.values.envFile.includes("-") && isStdinUsed) {
    throw new UsageError(
      "Cannot read the list and --env-file from stdin: name a file for one of them",
    );
  }
  const data = flags.data as readonly string[], name = flags.name as string | null ?? undefined;
  const job = new Job({ ...target, argsList: await toList(call, files), data, name });
  return await untilSignal(async (stops) => [
    await job.run({
      ...options,
      flags: jobFlags,
      loaded,
      overrides: forceEngine(config),
      outputSinks: options.output === undefined ? [sinkOf(flags)] : undefined,
      ...stops,
    }),
  ]);
}

function sinkOf({ format }: Call["flags"]): ResultSink {
  return format === "lines" ? stdoutTexts : stdoutSink;
}

/** The request of a command line. */
interface MapRequest {
  /** The name of the task method; unused with a command. */
  readonly task: string;
  readonly files: readonly string[];
  readonly command?: Pick<JobOptions, "command" | "shell" | "stdout"> | undefined;
}

function toRequest({ positional, program, flags }: Call): MapRequest {
  const { command, shell, stdout } = flags, [task, ...files] = positional;
  if (program && command !== null) {
    throw new UsageError("Cannot run two commands: write --command, or a program after --");
  }
  if (program || command !== null) {
    const given = { command: program ?? command, shell, stdout };
    return { task: "", files: positional, command: given as MapRequest["command"] };
  }
  if (shell || stdout !== "text") {
    throw new UsageError("Cannot use --shell or --stdout without a program: write --command");
  }
  if (task !== undefined) {
    checkOrder(task, files);
    return { task, files };
  }
  throw new UsageError(
    "Cannot map: no task is named, write dl_jobs map work/tiles.ts#mean - for a function, or " +
      "dl_jobs map - -- convert {} '{|stem}.png' for a program",
  );
}

const CODE = /\.(?:[mc]?[jt]sx?|py)(?:#[\w$]*)?$/i;

/** Refuses a list in the place of the function. */
function checkOrder(task: string, files: readonly string[]): void {
  const code = files.find((file) => CODE.test(file));
  if (code === undefined || CODE.test(task) || !isList(task)) return;
  throw new UsageError(
    `Cannot map: ${task} is a list, write the function first: dl_jobs map ${code} ` +
      shellWord(task),
  );
}

function isList(word: string): boolean {
  return word === "-" || statIfThere(word)?.isFile === true;
}

/** Refuses a word in the place of a file that is a value, a range or the name of a function. */
function checkFirstFile(task: string, file: string | undefined): void {
  if (file === undefined || !/^(?:[\w$]+|:+|-?\d+(?:\.\.|[.:-])-?\d+)$/.test(file)) return;
  if (statIfThere(file)) return;
  throw new UsageError(`${missingFile(file).message}; ${wayFor(file, task)}`);
}

function wayFor(file: string, task: string): string {
  const [, first, last] = /^(-?\d+)(?:\.\.|[:-])(-?\d+)$/.exec(file) ?? [];
  if (file === ":") return "the header of a CSV file is read without a word for it";
  if (first !== undefined) return `for numbers, write seq ${first} ${last} | dl_jobs map ${task} -`;
  const isFunction = CODE.test(task) && !task.includes("#") && /^[a-z_$]/i.test(file);
  if (isFunction) return `for a function of the module, write ${task}#${file}`;
  return `for values, write dl_jobs map ${task} ::: 1 2`;
}

async function locateTask(
  task: string,
  config: Config,
): Promise<Pick<JobOptions, "moduleName" | "methodName">> {
  const { locate } = await import("../bundle/function/resolve.ts");
  const isOnlyList = !CODE.test(task) && isList(task);
  // A name without a slash may be one of a function, although there is such a file.
  if (isOnlyList && task.includes("/")) throw new UsageError(noFunction(task));
  try {
    const { module, method } = await locate(task, config);
    return { moduleName: module, methodName: method };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (isOnlyList) throw new UsageError(noFunction(task));
    const { programHint } = await import("./program_hint.ts");
    const hint = /\s/.test(task)
      ? `to run a program, write --command '${task}'`
      : programHint(task);
    throw hint === undefined ? error : new UsageError(`${error.message}; ${hint}`);
  }
}

function noFunction(list: string): string {
  return `Cannot map: ${list} is a list, write a function before it, as in dl_jobs map ` +
    `work/tiles.ts#mean ${shellWord(list)}, or a program after --, as in dl_jobs map ` +
    `${shellWord(list)} -- echo {}`;
}

/** Returns true when the list is read from stdin. */
function readsStdin({ flags, lists = [] }: Call, files: readonly string[]): boolean {
  const hasParameters = flags.grid !== null || flags.zip !== null || lists.length > 0;
  return files.includes("-") || (files.length === 0 && !hasParameters);
}

async function toList(call: Call, files: readonly string[]): Promise<ArgsList> {
  const { flags, lists = [] } = call, options = inputOptions(flags);
  if (flags.grid === null && flags.zip === null && lists.length === 0) {
    return toFiles(files, options);
  }
  const { parameterList } = await import("./parameters.ts");
  return await parameterList(call, files, options);
}

function toFiles(files: readonly string[], options: InputOptions): ListFiles {
  if (files.length === 0 && Deno.stdin.isTerminal()) {
    throw new UsageError("Cannot map: no list is named, write a file, or - to type the lines");
  }
  return new ListFiles(files.length > 0 ? files : ["-"], options);
}
