/**
 * Repairs the end of a journal whose writer was killed.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { concatBytes, NEWLINE } from "../util/bytes.ts";
import { PRIVATE_FILE, writeAll } from "../util/fs.ts";
import { readFully } from "../util/growing_file.ts";
import { repairedHead, wholeEnd } from "./scan.ts";

/** Truncates a file after its last newline, to remove the incomplete line of a killed writer. */
export function cutTornLine(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true, create: true, mode: PRIVATE_FILE });
  const buffer = new Uint8Array(64 * 1024);
  for (let end = file.statSync().size; end > 0;) {
    const start = Math.max(0, end - buffer.length);
    file.seekSync(start, Deno.SeekMode.Start);
    const part = readFully(file, buffer.subarray(0, end - start));
    const newline = part.lastIndexOf(NEWLINE);
    if (newline >= 0) return file.truncateSync(start + newline + 1);
    end = start;
  }
  file.truncateSync(0);
}

/**
 * Repairs an incomplete result block at the end of a journal. The new first line counts only the
 * complete results. A block without complete results is removed.
 */
export async function repairBlock(path: string): Promise<void> {
  const chunks = wholeChunks(path);
  let next = await chunks.next();
  while (!next.done) next = await chunks.next();
  if (!next.value) return;
  using file = await Deno.open(path, { write: true });
  const { at, bytes } = next.value, repaired = repairedHead(bytes);
  if (!repaired) return await file.truncate(at);
  await file.seek(at, Deno.SeekMode.Start);
  writeAll(file, new TextEncoder().encode(repaired.head), path);
}

/** An incomplete result block at the end of a journal. */
export interface TornBlock {
  /** The offset of the block's first byte in the file. */
  readonly at: number;
  /** The complete lines of the block. */
  readonly bytes: Uint8Array;
}

/**
 * Yields a journal in chunks of whole events, and returns the incomplete result block at its end,
 * if any.
 */
export async function* wholeChunks(
  source: string | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, TornBlock | undefined> {
  let rest: Uint8Array = new Uint8Array(0), at = 0;
  for await (const lines of readBlocks(source, { torn: "drop" })) {
    const bytes = rest.length > 0 ? concatBytes([rest, lines]) : lines;
    const end = wholeEnd(bytes);
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.slice(end);
    at += end;
  }
  return rest.length > 0 ? { at, bytes: rest } : undefined;
}
