/**
 * The file of events on a host.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { statIfThere } from "../../util/files/fs.ts";
import { LineBuffer } from "../../util/files/line_buffer.ts";
import { eachEnd, eventLines } from "../shared/event_lines.ts";
import { ChangedFiles } from "../shared/task_files.ts";
import { filePieces } from "./file_pieces.ts";
import type { HostFiles } from "./host_folder.ts";
import { OpenFiles } from "./open_files.ts";
import type { EventHead } from "./protocol.ts";
import { readSpool, SpoolFile } from "./spool_file.ts";

// With very many files, looking at them makes the next lines wait.
const LEAST_WAIT_MS = 100, MOST_WAIT_MS = 400, REST = 4;
// A file of this size is sent again with each change.
const SMALL_BYTES = 256 * 1024;

/** Appends events, each after the files that its task has written. */
export class EventLog implements Disposable {
  #succeeded = new Set<number>();
  /** The number of ends of each attempt that failed. A limited attempt is sent again. */
  #failed = new Map<string, number>();
  #files: ChangedFiles;
  #spool: SpoolFile;
  #lines: LineBuffer;
  #broken = new AbortController();
  /** Aborts when the file cannot be written, also when a timer wrote to it, which has no caller. */
  readonly broken: AbortSignal = this.#broken.signal;
  #open = new OpenFiles();
  #waitMs = LEAST_WAIT_MS;

  /** Opens the file, removes its torn end, and reads which tasks have ended. */
  constructor({ events, files }: Pick<HostFiles, "events" | "files">) {
    const end = readSpool(events, ({ head, payload }) => {
      if ("events" in head) eachEnd(payload, (id, attempt) => this.#addEnd(id, attempt));
    });
    // The near side knows the way out.
    const spool = this.#spool = new SpoolFile(events, end, "");
    this.#files = new ChangedFiles(files, (notice) => spool.append({ notice } satisfies EventHead));
    const file = { writeSync: (lines: Uint8Array) => this.#append(lines) };
    this.#lines = new LineBuffer(file, events, undefined, () => this.#waitMs);
  }

  /** Returns true when an attempt of a task has ended. Each failure counts for one attempt sent. */
  takeEnd(id: number, attempt: number): boolean {
    const key = `${id} ${attempt}`, ends = this.#failed.get(key) ?? 0;
    if (ends > 0) this.#failed.set(key, ends - 1);
    return ends > 0 || this.#succeeded.has(id);
  }

  /** False when something else has removed, cut or extended the file. */
  get isWhole(): boolean {
    return statIfThere(this.#spool.path)?.size === this.#spool.size;
  }

  /** True when no task has ended yet. */
  get isEmpty(): boolean {
    return this.#succeeded.size + this.#failed.size === 0;
  }

  /** Appends the events of a batch. */
  write(batch: EventBatch): void {
    for (const lines of eventLines(batch)) this.#lines.write(lines);
  }

  /** Appends a packet that is not about a task. */
  note(head: EventHead): void {
    this.#lines.flush();
    this.#addFiles(false);
    this.#spool.append(head);
  }

  [Symbol.dispose](): void {
    this.#lines.flush();
    this.#spool[Symbol.dispose]();
  }

  #append(lines: Uint8Array): number {
    try {
      this.#addFiles(true);
      this.#spool.append({ events: 1 } satisfies EventHead, lines);
    } catch (error) {
      this.#broken.abort(error);
      throw error;
    }
    return lines.length;
  }

  /** Appends the files that have changed. A large file that is still written comes later, once. */
  #addFiles(isQuick: boolean): void {
    const { folder } = this.#files, began = performance.now();
    let open: ReadonlySet<string> | undefined;
    const isLater = (path: string, size: number) =>
      size > SMALL_BYTES && (open ??= this.#open.paths()).has(`${folder}/${path}`);
    const { paths } = this.#files.look(isLater, isQuick);
    const ms = performance.now() - began;
    this.#waitMs = Math.min(Math.max(LEAST_WAIT_MS, REST * ms), MOST_WAIT_MS);
    for (const path of paths) {
      try {
        for (const [head, payload] of filePieces(`${folder}/${path}`, path)) {
          this.#spool.append(head, payload);
        }
      } catch (error) {
        // A task may remove its files.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  #addEnd(id: number, attempt: number | undefined): void {
    if (attempt === undefined) this.#succeeded.add(id);
    else {
      const key = `${id} ${attempt}`;
      this.#failed.set(key, (this.#failed.get(key) ?? 0) + 1);
    }
  }
}
