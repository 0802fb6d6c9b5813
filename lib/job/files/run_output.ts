/**
 * The destinations of the output of a run.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { ResultSink } from "../../job_dir/result_writer.ts";
import { UsageError } from "../../util/errors.ts";
import type { RunOptions } from "../options/options.ts";
import { checkOutput, reducedFile } from "./output_files.ts";
import { isWrittenAtEnd, tableFlag } from "./writers.ts";

/** The sinks of a run. */
export interface RunSinks {
  /** Sinks for the lines of the results file. */
  readonly outputSinks: readonly ResultSink[];
  /** Sinks for the result of each task, one line per task. */
  readonly resultSinks: readonly ResultSink[];
  /** Sinks for the value of a reduce, instead of the other ones. @default {none} */
  readonly reducedSinks?: readonly (readonly ResultSink[])[] | undefined;
}

/** The facts about a new job that determine its results file. */
interface OutputFacts {
  readonly config: Config;
  readonly started: Date;
  /** True when the file contains the value of a reduce. */
  readonly isReduced: boolean;
}

/**
 * Returns the results file that the user named, after its check. The value of a reduce is written to
 * such a file, too, when the user has named none.
 *
 * @param name the name of the job
 * @throws {UsageError} when the file cannot be written, its format has no such option, or an option
 * for a file has none.
 */
export function recordedOutput(
  name: string,
  { output: named, outputOptions = {}, isDryRun = false }: RunOptions,
  { config, started, isReduced }: OutputFacts,
): Pick<JobRecord, "output" | "outputOptions"> {
  if (isReduced && outputOptions.withArgs) {
    throw new UsageError("Cannot use --with-args with --reduce: its value has no arguments");
  }
  const extra = outputOptions.withArgs ? "--with-args" : tableFlag(outputOptions);
  if (extra !== undefined && named === undefined && !isReduced) {
    throw new UsageError(`Cannot use ${extra} without --output: name a file, such as x.csv`);
  }
  const isOwn = isReduced && !isDryRun && named === undefined;
  const output = isOwn ? reducedFile(name, config, started) : named;
  if (output === undefined) return {};
  const path = checkOutput(output, outputOptions);
  const isAtEnd = isReduced || isWrittenAtEnd(output, outputOptions);
  return { output: path, outputOptions: isAtEnd ? outputOptions : undefined };
}

/** Returns the sinks of a run. With a reduce, they receive its value instead of results. */
export function sinksOf(
  { reduce, options: { noisy } }: JobRecord,
  { outputSinks = [], noisySinks = [] }: Pick<RunOptions, "outputSinks" | "noisySinks">,
  resultSinks: readonly ResultSink[],
): RunSinks {
  const sinks = noisy ? [...outputSinks, ...noisySinks] : outputSinks;
  if (!reduce) return { outputSinks: sinks, resultSinks };
  return { outputSinks: [], resultSinks: [], reducedSinks: [sinks, resultSinks] };
}
