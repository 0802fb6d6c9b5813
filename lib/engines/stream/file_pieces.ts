/**
 * Files as packets. A file of any size passes in pieces, and is written aside until it is complete.
 *
 * @module
 */

import { makePrivateFolder, PRIVATE_FILE, PRIVATE_FOLDER, writeAll } from "../../util/files/fs.ts";
import { readFully } from "../../util/files/growing_file.ts";
import { dirname } from "../../util/paths.ts";
import { pathBelow } from "../shared/task_files.ts";
import type { Packet } from "./packets.ts";
import type { FilePiece } from "./protocol.ts";

const PIECE_BYTES = 1024 * 1024;

/**
 * Yields the pieces of a file.
 *
 * @param source the path of the file
 * @param file the path on the other side
 */
export function* filePieces(
  source: string,
  file: string,
): Generator<readonly [FilePiece, Uint8Array]> {
  using handle = Deno.openSync(source);
  const isExecutable = ((handle.statSync().mode ?? 0) & 0o100) !== 0 || undefined;
  let at = 0;
  for (let isLast = false; !isLast;) {
    const payload = readFully(handle, new Uint8Array(PIECE_BYTES), source);
    isLast = payload.length < PIECE_BYTES;
    yield [{ file, at, isLast, isExecutable }, payload];
    at += payload.length;
  }
}

/** Returns the head of a piece; `undefined` for another packet. */
export function pieceHead({ head }: Packet): FilePiece | undefined {
  return "file" in head ? head as unknown as FilePiece : undefined;
}

/** Returns the path of a file until it is complete. A task may write files such as `a.part` itself. */
export function asideOf(path: string): string {
  return `${path}.dl_jobs`;
}

/**
 * Writes a piece into a folder. The last piece gives the file its name.
 *
 * @param next the way out in the message about a disk that is full. @default {to resume}
 * @throws {TypeError} when the path leaves the folder.
 */
export function writePiece(
  folder: string,
  { file, at, isLast, isExecutable }: FilePiece,
  payload: Uint8Array,
  next?: string,
): void {
  const path = pathBelow(folder, file), aside = asideOf(path);
  makePrivateFolder(dirname(path));
  const options = { write: true, create: true, truncate: at === 0, mode: PRIVATE_FILE };
  {
    using handle = Deno.openSync(aside, options);
    handle.seekSync(at, Deno.SeekMode.Start);
    writeAll(handle, payload, path, next);
  }
  if (!isLast) return;
  if (isExecutable) Deno.chmodSync(aside, PRIVATE_FOLDER);
  Deno.renameSync(aside, path);
}
