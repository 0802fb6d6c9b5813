/**
 * The `map` command: a filter that calls a task method for each line of ndjson.
 *
 * @module
 */

import { loadConfig } from "../config/load.ts";
import { UsageError } from "../util/errors.ts";
import { statIfThere } from "../util/fs.ts";
import { isRemote } from "../util/remote.ts";
import type { Call, Command } from "./command.ts";
import { DRY_RUN_FLAG } from "./output.ts";
import { stdoutSink, untilSignal } from "./signals.ts";

/** The command `dl_jobs map`. */
export const mapCommand: Command = {
  name: "map",
  usage: "map TASK [FILE...|-] [options]",
  doc: "Call a task method for each line of ndjson, and print a line for each result.",
  examples: [
    "seq 1 100 | dl_jobs map examples/square.ts#square -",
    "dl_jobs map work.ndvi tiles.ndjson -j4 -o means.ndjson",
    "dl_jobs map work.ndvi tiles.ndjson --engine slurm --dry-run",
  ],
  options: [
    {
      name: "output",
      short: "o",
      type: "text",
      label: "FILE",
      default: null,
      doc: "Write the results to this file, not to stdout.",
    },
    DRY_RUN_FLAG,
  ],
  config: true,
  run: runMap,
};

// A filter prints one line per input line, and writes only files that the user names.
const FILTER = { grouped_results: true, save_results: false };

async function runMap({ positional, flags, config }: Call): Promise<number> {
  const [task, ...files] = positional;
  if (task === undefined) {
    throw new UsageError("Cannot map: no task is named, write dl_jobs map work/tiles.ts#mean -");
  }
  const output = flags.output === null ? undefined : String(flags.output);
  if (output !== undefined) checkOutput(output, files);
  const jobFlags = { ...FILTER, ...config };
  const [loaded, { Job }, { forceEngine }, { locate }] = await Promise.all([
    loadConfig({ flags: jobFlags }),
    import("../api/job.ts"),
    import("../job/settings.ts"),
    import("../bundle/resolve.ts"),
  ]);
  const { module, method } = await locate(task, loaded.values);
  if (loaded.values.envFile.includes("-") && (files[0] ?? "-") === "-") {
    throw new UsageError(
      "Cannot read the list and --env-file from stdin: name a file for one of them",
    );
  }
  const job = new Job({
    moduleName: module,
    methodName: method,
    argsList: toSource(files),
  });
  const ends = output === undefined ? { outputSinks: [stdoutSink] } : { output };
  return await untilSignal(async (stops) => [
    await job.run({
      flags: jobFlags,
      loaded,
      overrides: forceEngine(config),
      isDryRun: flags.dry_run === true,
      ...ends,
      ...stops,
    }),
  ]);
}

/** Throws if the output file is also an input file, by any name. */
function checkOutput(output: string, files: readonly string[]): void {
  const own = identityOf(output), inputs = files.length > 0 ? files : ["-"];
  const isInput = (file: string) => identityOf(file === "-" ? "/dev/stdin" : file) === own;
  if (own === undefined || !inputs.some(isInput)) return;
  throw new UsageError(
    `Cannot write ${output}: it is also the input, write --output with another file`,
  );
}

function identityOf(path: string): string | undefined {
  const file = statIfThere(path);
  return file?.isFile ? `${file.dev} ${file.ino}` : undefined;
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

function toSource(files: readonly string[]): string | ReadableStream<Uint8Array> {
  const [first = "-", ...more] = files;
  if (more.length > 0) {
    files.forEach(checkInput);
    return ReadableStream.from(readAll(files));
  }
  if (files.length === 0 && Deno.stdin.isTerminal()) {
    throw new UsageError("Cannot map: no list is named, write a file, or - to type the lines");
  }
  return first;
}

/** Throws if a file is missing. All files are checked before the job starts. */
function checkInput(file: string): void {
  if (file === "-" || isRemote(file) || realPath(file) !== undefined) return;
  throw new UsageError(`Cannot read ${file}: no such file (relative paths start at ${Deno.cwd()})`);
}

async function* readAll(files: readonly string[]): AsyncGenerator<Uint8Array> {
  const { readBlocks } = await import("../ndjson/blocks.ts");
  for (const file of files) yield* readBlocks(file);
}
