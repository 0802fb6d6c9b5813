/**
 * The table `tasks` of SQLite, filled from the files of a job.
 *
 * @see https://www.sqlite.org/json1.html for the functions that read `args` and `result`.
 *
 * @module
 */

import { parseEvent } from "../journal/format.ts";
import { readJournal } from "../journal/reader.ts";
import { scanEvents, toEvent } from "../journal/scan.ts";
import { parseUpdate, type TaskUsage } from "../journal/task_update.ts";
import { GrowingFile } from "../util/files/growing_file.ts";
import { argsJson } from "./error_line.ts";
import type { SqlDatabase, SqlValue } from "../util/sqlite.ts";
import { jobFiles, jobIdOf } from "./layout.ts";
import { ListLines } from "./list_lines.ts";
import { parseSpan } from "./log_lines.ts";
import { type JobRecord, readRecord } from "./record.ts";
import { TableWriter } from "./table_writer.ts";

/** The columns of the table `tasks`, in their order. */
export const TASK_COLUMNS: readonly string[] = [
  "job",
  "task",
  "state",
  "attempts",
  "ms",
  "worker",
  "memory",
  "cpu",
  "class",
  "error",
  "args",
  "result",
];

const COLUMNS = "job text, task integer primary key, state text, attempts integer, ms real, " +
  "worker text, memory integer, cpu integer, class text, error text, args text, result text";

/** The cells of a task between its id and its arguments, and its result. */
interface TaskCells {
  readonly state: "pending" | "succeeded" | "failed";
  readonly attempts: number;
  readonly ms?: number | undefined;
  /** The machine of a failed attempt, for a worker that is unknown. */
  readonly host?: string | undefined;
  readonly class?: string | undefined;
  readonly error?: string | undefined;
  readonly result?: string | undefined;
}

/**
 * Creates the table `tasks` of a job, with a row for each task that has been read from its list.
 *
 * Arguments and results are the JSON text of the job's files, so their numbers keep all digits. A
 * line of the list that is not JSON becomes a JSON text.
 *
 * @param db a database that is open for writing
 * @param folder the job's folder, whose files must be sound
 * @param schema the name of the database in the connection. @default {"main"}
 */
export async function fillTasks(db: SqlDatabase, folder: string, schema = "main"): Promise<void> {
  const record = readRecord(folder);
  db.exec(`begin; create table ${schema}.tasks(${COLUMNS})`);
  using lines = await ListLines.open(folder, record);
  const rows = new TaskRows(db, `${schema}.tasks`, jobIdOf(folder), lines);
  for await (const events of readJournal(jobFiles(folder).events, record.id)) rows.add(events);
  rows.end();
  fillWorkers(db, schema, folder, record, rows.hosts);
  db.exec("commit");
}

/** Writes the rows of tasks. A later event of a task replaces its row. */
class TaskRows {
  /** The hosts of the last failures, by task. */
  readonly hosts: Map<number, string> = new Map();
  #table: TableWriter;
  #seen: Uint8Array;
  /** The usage of the tasks whose ends follow. */
  #usage = new Map<number, TaskUsage>();

  constructor(db: SqlDatabase, table: string, readonly job: string, readonly lines: ListLines) {
    this.#table = new TableWriter(db, table, TASK_COLUMNS.length);
    this.#seen = new Uint8Array(lines.count);
  }

  /** Adds whole events. The JSON of results is not parsed. */
  add(bytes: Uint8Array): void {
    const decode = (start: number, end: number) => DECODER.decode(bytes.subarray(start, end));
    scanEvents(bytes, {
      block: ({ id, count, ms = 0 }, _start, results, end) => {
        const all = decode(results, end - 1).split("\n"), share = ms / count;
        for (const [i, result] of all.entries()) this.#succeeded(id + i, 1, share, result);
      },
      success: (id, start, at, end) => {
        const { attempt, ms = 0 } = parseEvent(decode(start, at) + "0}") as {
          attempt: number;
          ms?: number;
        };
        this.#succeeded(id, attempt, ms, decode(at, end - 1));
      },
      other: (start, end) => {
        const update = parseUpdate(decode(start, end));
        if (update?.type === "usage") return void this.#usage.set(update.id, update);
        const event = toEvent(bytes, start, end);
        if (event?.type === "queued") {
          this.#put(event.id, { state: "pending", attempts: event.attempt });
        } else if (event?.type === "failed" || event?.type === "retried") {
          const { id, attempt: attempts, ms, error, host } = event;
          const state = event.type === "failed" ? "failed" : "pending";
          // SQLite returns a text only up to a NUL.
          const message = error.message.replaceAll("\0", "\\0");
          if (host === undefined) this.hosts.delete(id);
          else this.hosts.set(id, host);
          this.#put(id, { state, attempts, ms, host, class: error.class, error: message });
        }
      },
    });
  }

  /** Adds the tasks without events, and writes what is left. */
  end(): void {
    for (let id = 0; id < this.#seen.length; id++) {
      if (!this.#seen[id]) this.#put(id, { state: "pending", attempts: 0 });
    }
    this.#table.end();
  }

  #succeeded(id: number, attempts: number, ms: number, result: string): void {
    if (this.hosts.size > 0) this.hosts.delete(id);
    this.#put(id, { state: "succeeded", attempts, ms, result });
  }

  #put(id: number, cells: TaskCells): void {
    // A task that a running job has just added is not in the lines that were counted.
    if (id >= this.#seen.length) return;
    this.#seen[id] = 1;
    const { state, attempts, ms, host, class: kind, error, result } = cells;
    const usage = this.#usage.size > 0 ? this.#usage.get(id) : undefined;
    if (usage) this.#usage.delete(id);
    const { memory, cpu } = usage?.attempt === attempts ? usage : {} as Partial<TaskUsage>;
    const used = [host ?? null, memory ?? null, cpu ?? null];
    const facts: SqlValue[] = [state, attempts, ms ?? null, ...used, kind ?? null, error ?? null];
    this.#table.add([this.job, id, ...facts, argsJson(this.lines.at(id)!), result ?? null]);
  }
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Adds the workers of the tasks that ended alone in a span. A longer span does not tell which tasks
 * ended in it, and neither does that of a worker with several tasks at a time. The span of an earlier
 * attempt on another host than that of the last failure does not count.
 */
function fillWorkers(
  db: SqlDatabase,
  schema: string,
  folder: string,
  { options }: JobRecord,
  hosts: ReadonlyMap<number, string>,
): void {
  if (options.concurrency !== 1) return;
  const set = db.prepare(`update ${schema}.tasks set worker = ? where task = ?`);
  for (const line of new GrowingFile(jobFiles(folder).spans).lines()) {
    for (const { worker, id, count } of parseSpan(line)) {
      if (count === 1 && isOf(worker, hosts.get(id))) set.run(worker, id);
    }
  }
}

/** Returns true for a worker of a host, such as `h1.0`; always true when the host is unknown. */
function isOf(worker: string, host: string | undefined): boolean {
  return host === undefined || [".", " "].some((next) => worker.startsWith(host + next));
}
