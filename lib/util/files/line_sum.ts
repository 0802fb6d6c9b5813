/**
 * A sum of lines that does not depend on their order.
 *
 * @module
 */

import { NEWLINE } from "../bytes/bytes.ts";
import { crc32 } from "../bytes/crc32.ts";
import { LineFile } from "./line_file.ts";

const MODULUS = 2 ** 48;

/** Adds up lines, instead of writing them to a file. */
export class LineSum extends LineFile {
  /** The number of lines. */
  count = 0;
  /** The sum of the lines' checksums. */
  sum = 0;

  /**
   * Creates the sum of no lines.
   *
   * @param name the path of the file that the lines are for, which is not opened
   */
  constructor(readonly name: string) {
    super(name);
  }

  override write(lines: Uint8Array): void {
    for (let start = 0; start < lines.length; this.count++) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      this.sum = (this.sum + crc32(lines.subarray(start, end))) % MODULUS;
      start = end;
    }
  }
}
