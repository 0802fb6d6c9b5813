/**
 * The positions up to which a controller has read the event files of arrays. A later controller
 * reads these files from the start, and leaves out the output and the busy times that the earlier
 * one has recorded.
 *
 * @module
 */

import { PRIVATE_FILE, readIfThere, writeAtomic } from "../../util/files/fs.ts";
import { tryJson } from "../../util/try_json.ts";
import type { ArrayTask } from "./array_task.ts";

// Recorded output reaches the kernel well within this time.
const NOTE_MS = 1000;

type Bytes = Record<string, number>;

/** Returns the number of bytes that earlier controllers have read of each event file, by index. */
export function readRecorded(dir: string): Readonly<Bytes> {
  return Object(tryJson(readIfThere(pathIn(dir))));
}

/** Notes in the folders of arrays how far their event files were read. */
export class RecordedEvents {
  #bytes = new Map<string, Bytes>();
  /** The texts that the next write has, by the folders of arrays. */
  #next = new Map<string, string>();
  /** The folders in which array tasks have moved since. */
  #changed = new Set<string>();
  #at = performance.now();

  /** Adds an array task whose events have been recorded up to its present position. */
  add({ dir, index, recorded }: Pick<ArrayTask, "dir" | "index" | "recorded">): void {
    if (!this.#bytes.has(dir)) this.#bytes.set(dir, { ...readRecorded(dir) });
    const bytes = this.#bytes.get(dir)!;
    if (bytes[index] === recorded) return;
    bytes[index] = recorded;
    this.#changed.add(dir);
  }

  /** Writes the positions that were added before the last write, if that is due. */
  note(now: number = performance.now()): void {
    if (now - this.#at < NOTE_MS) return;
    this.#at = now;
    for (const [dir, text] of this.#next) write(pathIn(dir), text);
    this.#next.clear();
    for (const dir of this.#changed) this.#next.set(dir, JSON.stringify(this.#bytes.get(dir)));
    this.#changed.clear();
  }
}

function pathIn(dir: string): string {
  return `${dir}/events/recorded.json`;
}

function write(path: string, text: string): void {
  try {
    writeAtomic(path, text, { mode: PRIVATE_FILE });
  } catch {
    // Without it, a later controller records some output twice. An error of the disk shows elsewhere.
  }
}
