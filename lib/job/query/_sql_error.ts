/**
 * Messages for mistakes in SQL.
 *
 * @module
 */

import { TASK_COLUMNS } from "../../job_dir/task_tables.ts";
import { UsageError } from "../../util/errors.ts";
import type { SqlDatabase } from "../../util/sqlite.ts";

/**
 * Describes a mistake in the SQL of the user, with its place when it can be found, or an error of the
 * disk.
 */
export function sqlError(db: SqlDatabase, sql: string, cause: Error): Error {
  const { message } = cause;
  if (/^(?:disk I\/O error|unable to open|database (?:or disk is full|disk image))/.test(message)) {
    const text = `Cannot run the query: ${message}, check the disk and try again`;
    return new Error(text, { cause });
  }
  const word = /^near "(.*)": |^no such \w+: (?:.*\.)?(.*)$/s.exec(message);
  const at = word ? placeOf(db, sql, (word[1] ?? word[2])!, message) : -1;
  return new UsageError(
    `Cannot run the query: ${message}${placeText(sql, at)}${adviceFor(message)}`,
    { cause },
  );
}

/** Finds the word of an error. SQL that ends after this word has the same error. */
function placeOf(db: SqlDatabase, sql: string, word: string, message: string): number {
  const places: number[] = [];
  for (let at = sql.indexOf(word); at >= 0 && word !== ""; at = sql.indexOf(word, at + 1)) {
    places.push(at);
  }
  return places.find((at) => errorOf(db, sql.slice(0, at + word.length)) === message) ??
    (places.length === 1 ? places[0]! : -1);
}

function errorOf(db: SqlDatabase, sql: string): string | undefined {
  try {
    db.prepare(sql);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function placeText(sql: string, at: number): string {
  if (at < 0) return "";
  const lines = sql.slice(0, at).split("\n"), column = lines.at(-1)!.length + 1;
  return ` at ${lines.length > 1 ? `line ${lines.length}, ` : ""}column ${column}`;
}

function adviceFor(message: string): string {
  if (message.startsWith("no such column")) {
    return `; the columns of tasks are ${TASK_COLUMNS.join(", ")}; texts are in single quotes`;
  }
  if (message.startsWith("no such table")) return "; the table is tasks";
  if (message.startsWith("too many attached")) return "; a query only reads the jobs that it names";
  if (message.includes("readonly database")) return "; a query only reads";
  if (message.startsWith("incomplete input")) return "; it ends too early";
  return "";
}
