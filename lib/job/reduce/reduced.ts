/**
 * The value of a reduce, as the results of a job.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import type { OutputRow, OutputSource } from "../../formats/output.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import { reducedTexts, type ReduceRecord } from "../../job_dir/reduce_state.ts";
import { currentScreen } from "../../terminal/screen.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { readEnv } from "../options/env_values.ts";
import { recordSettings, type Settings } from "../options/settings.ts";
import type { ReduceHost } from "./context.ts";
import { reduceResults } from "./fold.ts";

/**
 * Computes the value of a reduce, and opens it for a writer: one row, or a row for each group.
 *
 * @throws {Error} when the function throws, or the reduce is stopped.
 */
export async function openReduced(
  folder: string,
  reduce: ReduceRecord,
  host: ReduceHost,
  name = "the results",
): Promise<OutputSource> {
  const texts = reducedTexts(reduce, await reduceResults(folder, reduce, host));
  const all: OutputRow[] = texts.map((result, id) => ({ id, result }));
  return { name, rows: () => ReadableStream.from(all.length > 0 ? [all] : []) };
}

/** Returns the host of a reduce that prints to the terminal. */
export function reduceHost(
  settings: ReduceHost["settings"],
  warn: (text: string) => void,
  signal: AbortSignal = new AbortController().signal,
): ReduceHost {
  return { settings, warn, signal, log: (text) => currentScreen().print(text) };
}

/**
 * Reads the settings with which an earlier job calls its functions.
 *
 * @param env variables that override those that the job can read again
 * @throws {UsageError} when the value of an environment variable is not available.
 */
export async function settingsOf(
  folder: string,
  record: JobRecord,
  env: Config["env"] = {},
): Promise<Settings> {
  // The record has the permissions of the function.
  checkTrusted(jobFiles(folder).record);
  return recordSettings(record, await readEnv(folder, record, env));
}
