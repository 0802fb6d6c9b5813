/**
 * Repairs a journal that is damaged or whose writer was killed.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";
import { exists, PRIVATE_FILE, removeIfThere } from "../util/files/fs.ts";
import { readFully } from "../util/files/growing_file.ts";
import type { Damage } from "./frames.ts";
import { JournalReader } from "./reader.ts";
import type { JournalState } from "./state.ts";
import { Journal } from "./writer.ts";

/** Truncates a file after its last newline, to remove the incomplete line of a killed writer. */
export function cutTornLine(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true, create: true, mode: PRIVATE_FILE });
  const buffer = new Uint8Array(64 * 1024);
  for (let end = file.statSync().size; end > 0;) {
    const start = Math.max(0, end - buffer.length);
    file.seekSync(start, Deno.SeekMode.Start);
    const part = readFully(file, buffer.subarray(0, end - start), path);
    const newline = part.lastIndexOf(NEWLINE);
    if (newline >= 0) return file.truncateSync(start + newline + 1);
    end = start;
  }
  file.truncateSync(0);
}

/** A journal that is open for appending, and the outcome of its repair. */
export interface RepairedJournal {
  /** The journal, which now contains only events that can be believed. */
  readonly journal: Journal;
  /** The state of the tasks. */
  readonly state: JournalState;
  /** The damaged parts that were removed. */
  readonly damages: readonly Damage[];
  /** The path of the copy of the damaged journal; `undefined` when nothing was damaged. */
  readonly kept?: string | undefined;
}

/**
 * Opens a journal for appending. Removes unfinished events at its end, and damaged parts. A journal
 * of an older version is converted.
 *
 * @param path the journal's path
 * @param job the job's id
 * @param isEnded true when the job had ended, so that its journal has no unfinished events unless
 * it is damaged
 * @throws {Error} when the journal belongs to another job, or its version is newer.
 */
export function openJournal(path: string, job: string, isEnded: boolean): RepairedJournal {
  if (!exists(path)) {
    Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE }).close();
  }
  const reader = new JournalReader(path, job), state = reader.states();
  const { tail, frames } = reader;
  const damages = isEnded && tail ? [...reader.damages, tail] : reader.damages;
  const kept = damages.length > 0 ? keepCopy(path) : undefined;
  if (frames === undefined || reader.damages.length > 0) {
    rewrite(path, job);
    return { ...openJournal(path, job, false), damages, kept };
  }
  if (tail) Deno.truncateSync(path, tail.at);
  return { journal: new Journal(path, job, frames), state, damages, kept };
}

/** Copies a damaged file beside itself, so that a repair loses nothing. Returns the copy's path. */
export function keepCopy(path: string): string {
  for (let number = 1;; number++) {
    const copy = `${path}.damaged${number === 1 ? "" : `-${number}`}`;
    if (exists(copy)) continue;
    try {
      Deno.copyFileSync(path, copy);
      return copy;
    } catch (cause) {
      // A part of a copy would take the room that is left, and look like a copy.
      removeIfThere(copy);
      const reason = (cause as Error).message.replace(/: copy .*/s, "");
      const next = "fix this and continue with dl_jobs resume";
      throw new Error(`Cannot write ${copy}: ${reason}, ${next}`, { cause });
    }
  }
}

/** Writes the believed events of a journal to a new file, and replaces the journal with it. */
function rewrite(path: string, job: string): void {
  const aside = `${path}.new`;
  try {
    Deno.writeTextFileSync(aside, "", { mode: PRIVATE_FILE });
    {
      using journal = new Journal(aside, job, 0);
      for (const events of new JournalReader(path, job).all()) journal.append(events);
      journal.sync();
    }
    Deno.renameSync(aside, path);
  } catch (error) {
    removeIfThere(aside);
    throw error;
  }
}
