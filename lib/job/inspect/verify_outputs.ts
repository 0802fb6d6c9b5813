/**
 * Verifies the output files of a job, by writing them again from its journal.
 *
 * @module
 */

import { decompress } from "../../formats/compressed.ts";
import { outputKind } from "../../formats/output.ts";
import { rebuildResults } from "../../job_dir/rebuild.ts";
import { hasEnded, type JobRecord } from "../../job_dir/record.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { readBlocks } from "../../ndjson/blocks.ts";
import { exists } from "../../util/files/fs.ts";
import { hasSameBytes } from "../../util/bytes/bytes.ts";
import { readFully } from "../../util/files/growing_file.ts";
import { LineSum } from "../../util/files/line_sum.ts";
import { newTemporaryFile } from "../../util/files/temporary_file.ts";
import { counted } from "../../util/text/counted.ts";
import { exportTo, laterWriter } from "../files/output_files.ts";
import { damaged, type Finding, sound } from "./finding.ts";
import { isInPlace } from "../../util/files/new_file.ts";

/**
 * Compares the output files with those that the journal yields.
 *
 * @param folder the job's folder, whose journal is sound
 */
export async function* verifyOutputs(folder: string, record: JobRecord): AsyncGenerator<Finding> {
  const sums: { results?: LineSum; errors?: LineSum } = {};
  for (const [kind, path] of Object.entries(record.files) as ["results" | "errors", string][]) {
    const finding = withoutContent(folder, record, path);
    if (finding) yield finding;
    else if (kind === "results" && record.outputOptions) yield await compareFile(folder, record);
    else sums[kind] = newSum(path, record);
  }
  if (Object.keys(sums).length === 0) return;
  await rebuildResults(folder, record, sums);
  for (const sum of Object.values(sums)) yield await compareLines(sum, record);
}

/** Returns the finding of a file whose content cannot be compared; `undefined` when it can be. */
function withoutContent(folder: string, record: JobRecord, path: string): Finding | undefined {
  try {
    const reason = unchecked(folder, record, path);
    if (reason !== undefined) return sound(path, `not checked: ${reason}`);
    return exists(path) ? undefined : badOutput(path, "it is missing", record);
  } catch (error) {
    return badOutput(path, (error as Error).message, record);
  }
}

/** Returns the reason why the content of a file is unknown; `undefined` when it is known. */
function unchecked(folder: string, record: JobRecord, path: string): string | undefined {
  const { id, options, output, outputOptions, reduce } = record;
  if (holderOf(folder) !== undefined) return "the job is running";
  const isNamed = path === output;
  if (!isNamed && !options.resultsTimestamp) return "other jobs write to it, too";
  if (isInPlace(path)) return "it is a pipe";
  const later = isNamed ? laterWriter(path, folder) : undefined;
  if (later !== undefined) {
    return `job ${later} has written it since, dl_jobs results ${id} prints the results of this job`;
  }
  if (!isNamed || !outputOptions) return undefined;
  if (!hasEnded(record)) return `it is written once the job has ended: dl_jobs resume ${id}`;
  return reduce && `it has the value of ${reduce.name}, dl_jobs results ${id} computes it again`;
}

/** Compares a file that is written at the end of a job, such as a table, with a new one. */
async function compareFile(folder: string, record: JobRecord): Promise<Finding> {
  const name = record.output!, { format, compression } = outputKind(name);
  const again = await newTemporaryFile();
  try {
    await exportTo(again, { format }, folder, record);
    const found = compression ? decompress(readChunks(name), compression, name) : readChunks(name);
    return await hasContent(found, again)
      ? sound(name, `${counted(record.counts!.succeeded, "result")}, as ${format}`)
      : badOutput(name, "it differs from the results of the journal", record);
  } catch (error) {
    return badOutput(name, (error as Error).message, record);
  } finally {
    await Deno.remove(again);
  }
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(256 * 1024);
  for (let chunk; (chunk = readFully(file, buffer, path)).length > 0;) yield chunk;
}

async function hasContent(chunks: AsyncIterable<Uint8Array>, path: string): Promise<boolean> {
  using file = Deno.openSync(path);
  for await (const chunk of chunks) {
    if (!hasSameBytes(chunk, readFully(file, new Uint8Array(chunk.length), path))) return false;
  }
  return file.readSync(new Uint8Array(1)) === null;
}

/** Compares a file with the lines that it should have, in any order. */
async function compareLines({ name, count, sum }: LineSum, record: JobRecord): Promise<Finding> {
  const found = newSum(name, record);
  try {
    for await (const block of readBlocks(name)) found.write(block);
  } catch (error) {
    return badOutput(name, (error as Error).message, record);
  }
  if (found.count === count && found.sum === sum) return sound(name, counted(count, "line"));
  // Lines are written after the journal, so a controller that was killed has not written all.
  if (found.count < count && !hasEnded(record)) {
    const rest = `dl_jobs resume ${record.id} writes the others`;
    return sound(name, `${found.count} of ${count} lines: ${rest}`);
  }
  return badOutput(name, `it has not the ${counted(count, "line")} of the journal`, record);
}

function newSum(path: string, { format }: JobRecord): LineSum {
  return format === undefined ? new EarlierLineSum(path) : new LineSum(path);
}

/**
 * Adds up the lines of a job of version 0.1.0. Its lines about failures had fewer keys, and their
 * arguments were written as JavaScript writes them.
 */
class EarlierLineSum extends LineSum {
  override write(lines: Uint8Array): void {
    const texts = new TextDecoder().decode(lines).split("\n").slice(0, -1).map(earlierLine);
    super.write(new TextEncoder().encode(texts.map((text) => `${text}\n`).join("")));
  }
}

function earlierLine(text: string): string {
  if (!text.startsWith('{"ERROR":')) return text;
  try {
    const { ERROR, ARGS, type, class: kind, stack, task, attempts } = JSON.parse(text);
    return JSON.stringify([ERROR, ARGS, type, kind, stack, task, attempts]);
  } catch {
    return text;
  }
}

function badOutput(file: string, state: string, { id }: JobRecord): Finding {
  return damaged(file, `${state}, dl_jobs results ${id} --rebuild writes it again`);
}
