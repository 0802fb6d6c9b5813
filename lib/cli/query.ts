/**
 * The `query` command: runs SQL over the tasks of jobs.
 *
 * @module
 */

import { OUTPUT_FORMATS } from "../formats/output.ts";
import { damagedJobs, listJobs } from "../job_dir/find.ts";
import { jobFolder, jobIdOf } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { counted } from "../util/text/counted.ts";
import { UsageError } from "../util/errors.ts";
import type { SqlDatabase } from "../util/sqlite.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { formatIn, RAW_FLAG } from "./output_flags.ts";
import { folderOf, JSON_FLAG, say } from "./output.ts";
import { type JsonError, printJsonField } from "./json_output.ts";
import { printRows, rowTexts, writeRows } from "./rows.ts";
import { SUMMARIES } from "./summaries.ts";

const EXAMPLE = "select class, count(*) from tasks group by class";

/** The command `dl_jobs query`. */
export const queryCommand: Command = {
  name: "query",
  usage: "query SQL [JOB...] [options]",
  doc: `${SUMMARIES.query} The table is tasks(job, task, state, attempts, ms, worker, memory, ` +
    "cpu, class, error, args, result). SQL is one select; - reads it from stdin. JOB is an id, a " +
    "unique part of one, a name, or last, which is the default.",
  examples: [
    `dl_jobs query "select avg(ms), max(ms) from tasks"`,
    `dl_jobs query "select result->>'$.sum' from tasks"`,
    "dl_jobs query --diff JOB last",
  ],
  options: [
    {
      name: "format",
      type: "text",
      default: null,
      choices: ["table", ...OUTPUT_FORMATS.filter((format) => format !== "lines")],
      doc: "Format of the output; by default, that of the file's ending, or a table on stdout.",
    },
    JSON_FLAG,
    {
      name: "output",
      short: "o",
      type: "text",
      label: "FILE",
      isPath: true,
      default: null,
      doc: "Write the rows to this file, whose ending states the format, such as .csv.",
      example: "means.csv",
    },
    RAW_FLAG,
    { name: "all", type: "boolean", default: false, doc: "Read all jobs of this folder." },
    {
      name: "diff",
      type: "boolean",
      default: false,
      doc:
        "Compare two jobs by the arguments of their tasks. Prints counts; with --format, prints " +
        "the tasks that differ. SQL reads the table diff.",
    },
  ],
  run: runQuery,
};

async function runQuery({ positional, flags }: Call): Promise<number> {
  const { sql, jobs } = readArguments(positional, flags.diff === true);
  let leftOut = 0;
  const leaveOut = (id: string, reason: string) => {
    leftOut++;
    say(`Warning: job ${id} is left out: ${reason}`);
  };
  const folders = flags.all
    ? allJobs(jobs, leaveOut)
    : [...new Set(jobs.map((job) => folderOf(job)))];
  if (flags.output !== null) await assertNoInputs(String(flags.output), folders);
  const { lockTables, openTables } = await import("../job/query/open_tables.ts");
  const db = await openTables(
    folders,
    flags.all ? (folder, { message }) => leaveOut(jobIdOf(folder), message) : undefined,
  );
  try {
    if (flags.diff) await addDiff(db, folders);
    lockTables(db);
    await answer(db, sql ?? await diffQuery(flags), flags, leftOutError(leftOut));
    return (leftOut > 0 ? EXIT.failed : EXIT.done).status;
  } finally {
    db.close();
  }
}

/** Checks that the file to write is not one that a job reads. */
async function assertNoInputs(output: string, folders: readonly string[]): Promise<void> {
  const { assertNoInput } = await import("../job/files/job_inputs.ts");
  for (const folder of folders) assertNoInput(output, readRecord(folder));
}

function leftOutError(count: number): JsonError | undefined {
  if (count === 0) return undefined;
  const message = `${counted(count, "damaged job")} could not be read`;
  return { code: "jobs_left_out", message, next: "dl_jobs jobs" };
}

/** Separates the SQL from the jobs. A comparison needs no SQL. */
function readArguments(
  positional: readonly string[],
  isDiff: boolean,
): { sql: string | undefined; jobs: readonly string[] } {
  const isSql = !isDiff || positional.length > 2;
  const [sql, jobs] = isSql
    ? [positional[0], positional.slice(1)]
    : [undefined, positional] as const;
  if (isDiff && jobs.length !== 2) {
    throw new UsageError("Cannot compare jobs: name two, such as query --diff JOB last");
  }
  const late = jobs.find((job) => /^\s*(?:select|with)\s/i.test(job));
  if (late !== undefined) {
    throw new UsageError(
      `Cannot find job "${late}": write the SQL before the jobs, such as query "${EXAMPLE}" last`,
    );
  }
  if (isSql && sql === undefined) {
    throw new UsageError(`Cannot run a query: write its SQL, such as query "${EXAMPLE}"`);
  }
  return { sql, jobs: jobs.length > 0 ? jobs : ["last"] };
}

/** Returns the folders of all jobs that have a readable record. */
function allJobs(
  named: readonly string[],
  leaveOut: (id: string, reason: string) => void,
): string[] {
  const [job] = named;
  if (job !== undefined && job !== "last") {
    throw new UsageError(`Cannot use --all with "${job}": it already reads all jobs`);
  }
  for (const { id, reason } of damagedJobs("")) leaveOut(id, reason);
  const ids = listJobs();
  return ids.length > 0 ? ids.map((id) => jobFolder(id)) : [folderOf("last")];
}

async function addDiff(db: SqlDatabase, folders: readonly string[]): Promise<void> {
  const [a, b] = folders;
  if (a === undefined || b === undefined) {
    throw new UsageError("Cannot compare a job with itself: name two jobs");
  }
  const { addDiff } = await import("../job/query/diff_tables.ts");
  await addDiff(db, [a, b]);
}

/** Returns the query for the tasks that differ, or for their counts in a table. */
async function diffQuery({ format, json, output }: Call["flags"]): Promise<string> {
  const { DIFF_COUNTS, DIFF_ROWS } = await import("../job/query/diff_tables.ts");
  return format || json || output ? DIFF_ROWS : DIFF_COUNTS;
}

async function answer(
  db: SqlDatabase,
  sql: string,
  flags: Call["flags"],
  error: JsonError | undefined,
): Promise<void> {
  const { querySql } = await import("../job/query/sql_rows.ts");
  const query = querySql(db, sql === "-" ? await readStdin() : sql);
  const { json, output } = flags, format = formatIn(flags);
  if (output === null && json) return await printJsonField("rows", rowTexts(query, "json"), error);
  const raw = flags.raw === true;
  if (output === null) return await printRows(query, format ?? "table", raw);
  await writeRows(query, String(output), format, raw);
}

async function readStdin(): Promise<string> {
  return await new Response(Deno.stdin.readable).text();
}
