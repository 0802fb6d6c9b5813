/**
 * Repairs the end of a journal whose writer was killed.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { concatBytes } from "../util/bytes.ts";
import { writeAll } from "../util/fs.ts";
import { NEWLINE } from "../util/bytes.ts";
import { repairedHead, wholeEnd } from "./scan.ts";

/** Cuts a file behind its last newline: what follows was being written when its writer died. */
export function cutTornLine(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true, create: true });
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

function readFully(file: Deno.FsFile, into: Uint8Array): Uint8Array {
  let at = 0;
  while (at < into.length) {
    const count = file.readSync(into.subarray(at));
    if (count === null) break;
    at += count;
  }
  return into.subarray(0, at);
}

/** Makes a run that was cut short one that ends where the file does. */
export async function repairBlock(path: string): Promise<void> {
  const blocks = wholeBlocks(path);
  let next = await blocks.next();
  while (!next.done) next = await blocks.next();
  if (!next.value) return;
  using file = await Deno.open(path, { write: true });
  const { at, bytes } = next.value, mended = repairedHead(bytes);
  if (!mended) return await file.truncate(at);
  await file.seek(at, Deno.SeekMode.Start);
  writeAll(file, new TextEncoder().encode(mended.head), path);
}

/** The last bytes of a journal, where these are no whole run. */
interface TornBlock {
  /** Where they start. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A journal in blocks of whole events, and what is torn at its end. */
export async function* wholeBlocks(
  source: string | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, TornBlock | undefined> {
  let rest: Uint8Array = new Uint8Array(0), at = 0;
  for await (const block of readBlocks(source, { torn: "drop" })) {
    const bytes = rest.length > 0 ? concatBytes([rest, block]) : block;
    const end = wholeEnd(bytes);
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.slice(end);
    at += end;
  }
  return rest.length > 0 ? { at, bytes: rest } : undefined;
}
