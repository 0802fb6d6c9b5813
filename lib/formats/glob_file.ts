/**
 * Lists of the paths that match a pattern: `glob:data/*.tif`.
 *
 * @module
 */

import { openSource } from "../ndjson/blocks.ts";
import { UsageError } from "../util/errors.ts";
import { lstatIfThere, PRIVATE_FILE, writeAll } from "../util/files/fs.ts";
import { findPaths } from "../util/files/glob.ts";
import { withHome } from "../util/paths.ts";
import { badRecord, type Format, type InputOptions } from "./format.ts";

/** A list of paths as texts, which is read like a file of ndjson. */
export class GlobFile {
  /** The format of the list. */
  readonly format: Format = "ndjson";
  #pattern: string;
  #copy: string | undefined;

  /**
   * Names the paths.
   *
   * @param name `glob:` and the pattern, which may start with `~/`
   * @param options the options for reading files, which do not apply to paths
   * @throws {UsageError} when no path matches, or the options state a format.
   */
  constructor(readonly name: string, { format, encoding, isNulSeparated }: InputOptions) {
    this.#pattern = withHome(name.slice(GLOB.length));
    if (format !== undefined || encoding !== undefined || isNulSeparated) {
      throw new UsageError(
        `Cannot read ${name} with --input, --encoding or -0: its records are paths, to read the ` +
          "files write the pattern without glob: and quotes",
      );
    }
    this.#checkMatches();
  }

  /** Opens the list at its start. */
  readonly open = async (): Promise<AsyncIterable<Uint8Array>> => {
    return this.#copy === undefined ? this.#blocks() : await openSource(this.#copy);
  };

  /**
   * Copies the list to a file. The list is then read from there, because files may be added while
   * the job runs.
   *
   * @param onUnreadable receives a folder that the user may not read, which is left out
   * @throws {Error} when the file cannot be written.
   */
  async copyTo(
    path: string,
    onUnreadable: (folder: string, reason: string) => void,
  ): Promise<void> {
    using file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE });
    for await (const block of this.#blocks(onUnreadable)) writeAll(file, block, path);
    file.syncDataSync();
    this.#copy = path;
  }

  async *#blocks(
    onUnreadable?: (folder: string, reason: string) => void,
  ): AsyncGenerator<Uint8Array> {
    let text = "", count = 0;
    for (const path of findPaths(this.#pattern, onUnreadable)) {
      text += this.#line(path, ++count) + "\n";
      if (text.length < BLOCK) continue;
      yield new TextEncoder().encode(text);
      text = "";
    }
    if (text !== "") yield new TextEncoder().encode(text);
  }

  /** Returns a path as JSON. A name that is not UTF-8 reads as another name, which does not exist. */
  #line(path: string, number: number): string {
    const isBad = path.includes("\ufffd") && !lstatIfThere(path);
    return isBad
      ? badRecord(this.name, number, `${path} is not UTF-8, rename it`)
      : JSON.stringify(path);
  }

  #checkMatches(): void {
    const unreadable: string[] = [];
    for (const _ of findPaths(this.#pattern, (folder) => unreadable.push(folder))) return;
    const also = unreadable.length > 0 ? `, but ${unreadable[0]} cannot be read` : "";
    throw new UsageError(
      `Cannot read ${this.name}: no path matches${also} (relative paths start at ${Deno.cwd()})`,
    );
  }
}

const GLOB = "glob:";
const BLOCK = 64 * 1024;
