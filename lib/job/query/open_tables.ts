/**
 * Opens the tasks of jobs as one table of SQLite.
 *
 * @module
 */

import { assertJournal, assertList } from "../../job_dir/health.ts";
import { keptTables } from "../../job_dir/kept_tables.ts";
import { jobIdOf } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { fillTasks } from "../../job_dir/task_tables.ts";
import { toFileUrl } from "../../util/paths.ts";
import { openDatabase, type SqlDatabase } from "../../util/sqlite.ts";

// SQLite allows at most 10 attached databases. One of them is for the tasks of further jobs.
const MOST_ATTACHED = 9;

/**
 * Opens the tasks of jobs as the table `tasks`.
 *
 * The table of a job that is not running is kept in its folder. That of a running job is in a
 * temporary file without a name, which the system removes when this process ends.
 *
 * @param folders the folders of the jobs
 * @param onDamaged receives a job whose files are damaged, which is left out. @default {it throws}
 * @returns the database, in which `job0` is the schema of the first job, unless there are many jobs
 * @throws {Error} when the files of a job are damaged, or those of all jobs.
 */
export async function openTables(
  folders: readonly string[],
  onDamaged?: (folder: string, error: Error) => void,
): Promise<SqlDatabase> {
  const db = openDatabase(":memory:");
  try {
    const isMerged = folders.length > MOST_ATTACHED, tables: string[] = [];
    if (isMerged) db.exec("attach '' as merged");
    for (const [i, folder] of folders.entries()) {
      const isLast = i === folders.length - 1 && tables.length === 0;
      if (!await isSound(folder, isLast ? undefined : onDamaged)) continue;
      await attach(db, folder, `job${i}`);
      tables.push(`job${i}`);
      if (isMerged) merge(db, `job${i}`, tables.length === 1);
    }
    const selects = (isMerged ? ["merged"] : tables).map((schema) =>
      `select * from ${schema}.tasks`
    );
    db.exec(`create temp view tasks as ${selects.join(" union all ")}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Lets SQL only read what is open. Without attached files it cannot write any other file, either:
 * `vacuum into` attaches its file, too.
 */
export function lockTables(db: SqlDatabase): void {
  db.exec("pragma query_only = on");
  db.limits.attach = 0;
}

async function isSound(
  folder: string,
  onDamaged: ((folder: string, error: Error) => void) | undefined,
): Promise<boolean> {
  try {
    assertJournal(folder);
    await assertList(folder);
    return true;
  } catch (error) {
    if (!onDamaged) throw error;
    onDamaged(folder, error as Error);
    return false;
  }
}

async function attach(db: SqlDatabase, folder: string, schema: string): Promise<void> {
  const kept = holderOf(folder) ? undefined : await keptTables(folder);
  try {
    db.exec(`attach '${kept ? readOnlyUrl(kept) : ""}' as ${schema}`);
  } catch (cause) {
    const { message } = cause as Error, name = kept ?? `a table for job ${jobIdOf(folder)}`;
    const text = `Cannot open ${name}: ${message}, check the disk and try again`;
    throw new Error(text, { cause });
  }
  if (!kept) await fillTasks(db, folder, schema);
}

function readOnlyUrl(path: string): string {
  return `${toFileUrl(path)}?mode=ro`.replaceAll("'", "''");
}

function merge(db: SqlDatabase, schema: string, isFirst: boolean): void {
  const select = `select * from ${schema}.tasks`;
  db.exec(
    isFirst ? `create table merged.tasks as ${select}` : `insert into merged.tasks ${select}`,
  );
  db.exec(`detach ${schema}`);
}
