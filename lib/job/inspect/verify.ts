/**
 * Verifies the files of a job.
 *
 * @module
 */

import { isSoundProgram } from "../../bundle/program/check_program.ts";
import { checkJournal, checkList, damageText } from "../../job_dir/health.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { parseLogLine, parseSpan } from "../../job_dir/log_lines.ts";
import { type JobRecord, programsOf, readRecord } from "../../job_dir/record.ts";
import { EventChecker } from "../../journal/check.ts";
import { JournalReader } from "../../journal/reader.ts";
import { readBlocks } from "../../ndjson/blocks.ts";
import { codeOf } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";
import { counted } from "../../util/text/counted.ts";
import { damaged, type Finding, sound } from "./finding.ts";
import { verifyOutputs } from "./verify_outputs.ts";

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
  const list = await verifyList(folder, record), journal = verifyJournal(folder, record);
  yield* [list, journal];
  yield* await verifyLines("logs.ndjson", jobFiles(folder).logs, parseLogLine);
  yield* await verifyLines("spans.ndjson", jobFiles(folder).spans, parseSpan);
  // The output files are made of both.
  if (list.isSound && journal.isSound) yield* verifyOutputs(folder, record);
}

const NEW_JOB = "a new job with --reuse keeps its results";

function tryRecord(folder: string): JobRecord | Error {
  try {
    return readRecord(folder);
  } catch (error) {
    if (codeOf(error) === "job_newer") throw error;
    return error as Error;
  }
}

async function* verifyPrograms(folder: string, record: JobRecord): AsyncGenerator<Finding> {
  const hashes = new Map(programsOf(record).map(({ file, hash }) => [file, hash]));
  for (const [file, hash] of hashes) {
    yield await isSoundProgram(`${folder}/${file}`, hash).then(
      (isSound) =>
        isSound
          ? sound(file, "its hash")
          : damaged(file, `it is not the program that the job ran, ${NEW_JOB}`),
      (error: Error) => damaged(file, error.message),
    );
  }
}

async function verifyList(folder: string, record: JobRecord): Promise<Finding> {
  const file = "tasks.ndjson";
  try {
    const isChecked = exists(jobFiles(folder).sums);
    const damage = await checkList(folder, record);
    if (damage) {
      return damaged(file, `${damageText(damage)}, dl_jobs resume ${record.id} reads it again`);
    }
    return sound(file, isChecked ? "its checksums" : "has no checksums (format 2)");
  } catch (error) {
    return damaged(file, (error as Error).message);
  }
}

function verifyJournal(folder: string, record: JobRecord): Finding {
  const file = "events.ndjson";
  try {
    const damage = checkJournal(folder, record);
    if (damage) {
      return damaged(
        file,
        `${damageText(damage)}, dl_jobs resume ${record.id} runs these tasks again`,
      );
    }
    const checker = new EventChecker(record.counts?.total),
      reader = new JournalReader(jobFiles(folder).events, record.id);
    for (const events of reader.all()) {
      checker.check(events);
      if (checker.problem !== undefined) return damaged(file, checker.problem);
    }
    const { succeeded, failed } = checker.state;
    return sound(file, `${counted(succeeded, "result")}, ${counted(failed, "failure")}`);
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
  try {
    if (!exists(path)) return [];
    for await (const block of readBlocks(path, { torn: "drop" })) {
      for (const line of new TextDecoder().decode(block).split("\n").slice(0, -1)) {
        count++;
        if (parse(line).length === 0) wrong++;
      }
    }
  } catch (error) {
    return [damaged(file, (error as Error).message)];
  }
  return [
    sound(
      file,
      `${counted(count, "line")}${wrong > 0 ? `, ${counted(wrong, "damaged line")} left out` : ""}`,
    ),
  ];
}
