/**
 * The file `tasks.sqlite` beside a job, which keeps its table `tasks` for later queries.
 *
 * The file contains its own checksum, so that damage never becomes a wrong answer. The checksum also
 * covers the state of the journal and of the list, so that tables of an earlier state are not used.
 *
 * @module
 */

import { crc32, crc32Text } from "../util/bytes/crc32.ts";
import { exists, PRIVATE_FILE, removeIfThere, statIfThere } from "../util/files/fs.ts";
import { readFully } from "../util/files/growing_file.ts";
import { tryLock } from "../util/files/optional_calls.ts";
import { openDatabase } from "../util/sqlite.ts";
import { jobFiles, jobIdOf } from "./layout.ts";
import { fillTasks } from "./task_tables.ts";

/**
 * Returns the file with the table `tasks` of a job. Makes the file first, unless it was made from
 * the same journal and list.
 *
 * @param folder the folder of a job that is not running, with sound files
 * @returns the path; `undefined` when the file cannot be kept, because the folder is read-only or
 * another process is making the file
 * @throws {Error} when the disk is full.
 */
export async function keptTables(folder: string): Promise<string | undefined> {
  const path = jobFiles(folder).tables, key = keyOf(folder);
  if (exists(path) && isCurrent(path, key)) return path;
  using file = openNew(`${path}.new`);
  if (!file) return undefined;
  try {
    await make(`${path}.new`, folder);
    writeAt(file, SUM_AT, sumOf(file, path, key));
    Deno.renameSync(`${path}.new`, path);
    return path;
  } catch (error) {
    removeIfThere(`${path}.new`);
    throw error;
  }
}

async function make(path: string, folder: string): Promise<void> {
  const db = openDatabase(path);
  try {
    // A file that a crash leaves incomplete is made again, so it needs no journal of its own.
    db.exec(
      "pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -65536",
    );
    await fillTasks(db, folder);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`Cannot write ${path}: ${message}; free space on this disk`, { cause });
  } finally {
    db.close();
  }
}

/** Opens, locks and empties the new file. A killed process may have left it there. */
function openNew(path: string): Deno.FsFile | undefined {
  const file = tryOpen(path);
  // Another process may have locked the file, or renamed it after it was opened here.
  if (file && tryLock(file) !== false && statIfThere(path)?.ino === file.statSync().ino) {
    file.truncateSync();
    return file;
  }
  file?.close();
  return undefined;
}

function tryOpen(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true, mode: PRIVATE_FILE });
  } catch {
    return undefined;
  }
}

/** The version of the tables. It changes with their columns and with the content of their cells. */
const VERSION = 2;

/** Describes the content from which the tables are made. */
function keyOf(folder: string): string {
  const { events, sums, tasks, spans } = jobFiles(folder);
  const sizes = [tasks, spans].map((path) => statIfThere(path)?.size ?? 0);
  return [VERSION, jobIdOf(folder), ...sizes, endOf(events), endOf(sums)].join("\n");
}

// A line of checksums is shorter than this.
const END_BYTES = 256;

/** Returns the size of a file and its last line, which is a checksum in a journal and a list. */
function endOf(path: string): string {
  if (!exists(path)) return "";
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  file.seekSync(Math.max(0, size - END_BYTES), Deno.SeekMode.Start);
  const bytes = readFully(file, new Uint8Array(Math.min(size, END_BYTES)), path);
  const end = new TextDecoder().decode(bytes);
  return `${size} ${end.trimEnd().split("\n").at(-1)}`;
}

/**
 * The offset of the checksum in the file: the field `user_version`, which SQLite does not use.
 *
 * @see https://www.sqlite.org/fileformat.html#the_database_header
 */
const SUM_AT = 60, SUM_BYTES = 4;
const PIECE_BYTES = 1024 * 1024;

function isCurrent(path: string, key: string): boolean {
  using file = Deno.openSync(path);
  const sum = sumOf(file, path, key);
  file.seekSync(SUM_AT, Deno.SeekMode.Start);
  const stored = readFully(file, new Uint8Array(SUM_BYTES), path);
  return sum.every((byte, i) => byte === stored[i]);
}

/** Returns the checksum of a file and a key. Its own bytes in the file are left out. */
function sumOf(file: Deno.FsFile, path: string, key: string): Uint8Array {
  let sum = crc32Text(key);
  const buffer = new Uint8Array(PIECE_BYTES);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let at = 0, piece; (piece = readFully(file, buffer, path)).length > 0; at += piece.length) {
    if (at === 0) piece.fill(0, SUM_AT, SUM_AT + SUM_BYTES);
    sum = crc32(piece, sum);
  }
  const bytes = new Uint8Array(SUM_BYTES);
  new DataView(bytes.buffer).setUint32(0, sum);
  return bytes;
}

function writeAt(file: Deno.FsFile, at: number, bytes: Uint8Array): void {
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}
