/**
 * Files of lines that are opened when the first line is written.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { LineBuffer } from "./line_buffer.ts";

/** A file of lines that is there only when there is something in it. */
export class LineFile implements Disposable {
  /** Called with the path just before the file is made. */
  onOpen: ((path: string) => void) | undefined;
  #file: Deno.FsFile | undefined;
  #lines: LineBuffer | undefined;
  #path: string;

  /**
   * @param path where it shall be
   * @param isShared whether a file that is there is appended to; otherwise another name is taken
   */
  constructor(path: string, readonly isShared = false) {
    this.#path = path;
  }

  /** Where it is; nothing as long as there is nothing in it. */
  get path(): string | undefined {
    return this.#file && this.#path;
  }

  /** Adds whole lines. */
  write(lines: Uint8Array): void {
    if (lines.length === 0) return;
    this.#file ??= this.#open();
    this.#lines ??= new LineBuffer(this.#file, this.#path);
    this.#lines.write(lines);
  }

  /** Hands all that was added to the kernel. */
  flush(): void {
    this.#lines?.flush();
  }

  [Symbol.dispose](): void {
    try {
      this.flush();
    } finally {
      this.#file?.close();
      this.#lines = this.#file = undefined;
    }
  }

  #open(): Deno.FsFile {
    makeFolder(this.#path);
    if (!this.isShared) this.#path = freePath(this.#path);
    this.onOpen?.(this.#path);
    return Deno.openSync(this.#path, { append: true, create: true });
  }
}

/** A file that is written beside another and then takes its place: a reader never sees a part. */
export class NewFile extends LineFile {
  /** @param target the file whose place it takes */
  constructor(readonly target: string) {
    super(`${target}.new`, true);
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(`${target}.new`, "");
  }

  override get path(): string {
    return this.target;
  }

  /** Puts it in its place. */
  finish(): void {
    this[Symbol.dispose]();
    Deno.renameSync(`${this.target}.new`, this.target);
  }
}

function makeFolder(path: string): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `Cannot make the folder ${folder}: ${(cause as Error).message}, name another one`,
      { cause },
    );
  }
}

function freePath(path: string): string {
  const [stem, ending] = splitEnding(path);
  for (let number = 1;; number++) {
    const free = number === 1 ? path : `${stem}-${number}${ending}`;
    try {
      Deno.openSync(free, { write: true, createNew: true }).close();
      return free;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

export function splitEnding(path: string): [stem: string, ending: string] {
  const dot = path.lastIndexOf(".");
  return [path.slice(0, dot), path.slice(dot)];
}
