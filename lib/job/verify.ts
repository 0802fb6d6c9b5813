/**
 * Verifies the files of a job.
 *
 * @module
 */

import { isSoundProgram } from "../bundle/check_program.ts";
import { checkJournal, checkList, damageText } from "../job_dir/health.ts";
import { jobFiles } from "../job_dir/layout.ts";
import { parseLogLine, parseSpan } from "../job_dir/log_lines.ts";
import { holderOf } from "../job_dir/lock.ts";
import { rebuildResults } from "../job_dir/rebuild.ts";
import { type JobRecord, programsOf, readRecord } from "../job_dir/record.ts";
import { EventChecker } from "../journal/check.ts";
import { JournalReader } from "../journal/reader.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { NEWLINE } from "../util/bytes.ts";
import { crc32 } from "../util/crc32.ts";
import { exists } from "../util/fs.ts";
import { LineFile } from "../util/line_file.ts";

/** The outcome of the check of one file. */
export interface Finding {
  /** The name of the file. */
  readonly file: string;
  /** True when the file contains what was written to it, as far as that is known. */
  readonly isSound: boolean;
  /** The reason, or the numbers that were checked. */
  readonly text: string;
}

/**
 * Verifies the record, the program, the list, the journal and the output files of a job.
 *
 * @param folder the job's folder
 * @returns a finding for each file. A damaged record ends the check, because the other checks need
 * the record.
 */
export async function* verifyJob(folder: string): AsyncGenerator<Finding> {
  const record = tryRecord(folder);
  if (record instanceof Error) return yield damaged("job.json", record.message);
  yield sound(
    "job.json",
    record.format === undefined ? "has no checksum (format 2)" : "its checksum",
  );
  yield* verifyPrograms(folder, record);
  yield await verifyList(folder, record);
  const journal = verifyJournal(folder, record);
  yield journal;
  yield* await verifyLines("logs.ndjson", jobFiles(folder).logs, parseLogLine);
  yield* await verifyLines("spans.ndjson", jobFiles(folder).spans, parseSpan);
  if (journal.isSound) yield* verifyOutputs(folder, record);
}

function tryRecord(folder: string): JobRecord | Error {
  try {
    return readRecord(folder);
  } catch (error) {
    return error as Error;
  }
}

async function* verifyPrograms(folder: string, record: JobRecord): AsyncGenerator<Finding> {
  const hashes = new Map(programsOf(record).map(({ file, hash }) => [file, hash]));
  for (const [file, hash] of hashes) {
    if (await isSoundProgram(`${folder}/${file}`, hash)) yield sound(file, "its hash");
    else yield damaged(file, "it is not the program that the job ran");
  }
}

async function verifyList(folder: string, record: JobRecord): Promise<Finding> {
  const damage = await checkList(folder, record), isChecked = exists(jobFiles(folder).sums);
  if (damage) return damaged("tasks.ndjson", damageText(damage));
  return sound("tasks.ndjson", isChecked ? "its checksums" : "has no checksums (format 2)");
}

function verifyJournal(folder: string, record: JobRecord): Finding {
  const file = "events.ndjson";
  try {
    const damage = checkJournal(folder, record);
    if (damage) return damaged(file, damageText(damage));
    const checker = new EventChecker(record.counts?.total),
      reader = new JournalReader(jobFiles(folder).events, record.id);
    for (const events of reader.all()) {
      checker.check(events);
      if (checker.problem !== undefined) return damaged(file, checker.problem);
    }
    const { succeeded, failed } = checker.state;
    return sound(file, `${succeeded} results, ${failed} failures`);
  } catch (error) {
    return damaged(file, (error as Error).message);
  }
}

/** Counts damaged lines, which are left out wherever the file is read. */
async function verifyLines(
  file: string,
  path: string,
  parse: (line: string) => readonly unknown[],
): Promise<Finding[]> {
  let count = 0, wrong = 0;
  if (!exists(path)) return [];
  for await (const block of readBlocks(path, { torn: "drop" })) {
    for (const line of new TextDecoder().decode(block).split("\n").slice(0, -1)) {
      count++;
      if (parse(line).length === 0) wrong++;
    }
  }
  return [sound(file, `${count} lines${wrong > 0 ? `, ${wrong} damaged ones are left out` : ""}`)];
}

/** Compares the output files with those that the journal yields. */
async function* verifyOutputs(folder: string, record: JobRecord): AsyncGenerator<Finding> {
  const { files, options } = record, paths = Object.values(files);
  if (holderOf(folder) !== undefined || !options.resultsTimestamp) {
    const reason = options.resultsTimestamp ? "the job is running" : "other jobs write to it, too";
    return yield* paths.map((path) => sound(path, `not checked: ${reason}`));
  }
  const aside = `${folder}/verify.new`;
  await Deno.mkdir(aside, { recursive: true });
  try {
    yield* await compareOutputs(aside, folder, record);
  } finally {
    await Deno.remove(aside, { recursive: true });
  }
}

async function compareOutputs(
  aside: string,
  folder: string,
  record: JobRecord,
): Promise<Finding[]> {
  const { files } = record, findings: Finding[] = [];
  {
    using results = files.results ? new LineFile(`${aside}/results`, true) : undefined;
    using errors = files.errors ? new LineFile(`${aside}/errors`, true) : undefined;
    await rebuildResults(folder, record, { results, errors });
  }
  for (const [kind, path] of Object.entries(files)) {
    const [found, expected] = [await linesOf(path), await linesOf(`${aside}/${kind}`)];
    const isSame = found.count === expected.count && found.sum === expected.sum;
    findings.push(
      isSame
        ? sound(path, `${found.count} lines`)
        : damaged(path, `it has not the ${expected.count} lines of the journal`),
    );
  }
  return findings;
}

const MODULUS = 2 ** 48;

/** Returns the number of lines in a file, and a sum that does not depend on their order. */
async function linesOf(path: string): Promise<{ count: number; sum: number }> {
  let count = 0, sum = 0;
  if (!exists(path)) return { count, sum };
  for await (const block of readBlocks(path)) {
    for (let start = 0; start < block.length; count++) {
      const end = block.indexOf(NEWLINE, start) + 1;
      sum = (sum + crc32(block.subarray(start, end))) % MODULUS;
      start = end;
    }
  }
  return { count, sum };
}

function sound(file: string, text: string): Finding {
  return { file, isSound: true, text };
}

function damaged(file: string, text: string): Finding {
  return { file, isSound: false, text };
}
