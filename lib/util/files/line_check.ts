/**
 * Compares lines with the content of a file.
 *
 * @module
 */

import { hasSameBytes } from "../bytes/bytes.ts";
import { readFully } from "./growing_file.ts";
import { LineFile } from "./line_file.ts";

/** Compares lines with a file, instead of writing them to it. */
export class LineCheck extends LineFile {
  #known: Deno.FsFile | undefined;
  #isSame = true;

  /**
   * Opens the file.
   *
   * @param name the path of the file; a missing file does not match
   */
  constructor(readonly name: string) {
    super(name, true);
    try {
      this.#known = Deno.openSync(name);
    } catch {
      this.#isSame = false;
    }
  }

  override write(lines: Uint8Array): void {
    if (!this.#isSame) return;
    const known = readFully(this.#known!, new Uint8Array(lines.length), this.name);
    this.#isSame = hasSameBytes(known, lines);
  }

  /** Closes the file. Returns true when it has exactly the lines that were written. */
  end(): boolean {
    const isAtEnd = this.#known?.readSync(new Uint8Array(1)) === null;
    this.#known?.close();
    return this.#isSame && isAtEnd;
  }
}
