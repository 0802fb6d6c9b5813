/**
 * The files that a job's results, errors and log go to.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import { Reporter } from "../terminal/reporter.ts";
import { timestamp } from "../util/duration.ts";
import { UsageError } from "../util/errors.ts";
import { LineFile } from "../util/line_file.ts";
import type { RunPlan } from "./controller.ts";

/** The path of the file that was asked for, which is made anew. */
export function newFile(path: string): string {
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  try {
    Deno.writeTextFileSync(absolute, "");
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return absolute;
}

/** Where the results and the errors of a job go. */
export function resultFiles(
  name: string,
  config: Config,
  now: Date,
): Pick<RunPlan, "results" | "errors"> {
  const { saveResults, resultsDir, saveErrors, errorsDir, resultsTimestamp } = config;
  const file = (stem: boolean | string, dir: string) =>
    new LineFile(
      filePath(
        dir,
        stem === true ? name : String(stem),
        resultsTimestamp ? now : undefined,
        "ndjson",
      ),
      !resultsTimestamp,
    );
  return {
    ...(saveResults !== false ? { results: file(saveResults, resultsDir) } : {}),
    ...(saveErrors !== false ? { errors: file(saveErrors, errorsDir) } : {}),
  };
}

/** The file that what is said of a job is kept in, if it is. */
export function logFile(name: string, { log, logDir }: Config): LineFile | undefined {
  if (log === false) return undefined;
  return new LineFile(filePath(logDir, log === true ? name : log, new Date(), "log"));
}

/** Blanks in a file's name become dots; the directory is taken as it is. */
function filePath(dir: string, stem: string, time: Date | undefined, ending: string): string {
  const name = stem.replaceAll(/[\s/\\:]+/g, ".");
  return `${dir}/${name}${time ? `_${timestamp(time)}` : ""}.${ending}`;
}

/** What is said of a job with such options, and where it is kept. */
export function newReporter(config: Config, log: LineFile | undefined): Reporter {
  const { noisy, quiet, progress, suppress } = config;
  return new Reporter({ noisy: noisy && !quiet, progress, suppress, ...(log ? { log } : {}) });
}
