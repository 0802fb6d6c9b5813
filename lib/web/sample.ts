/**
 * A bounded sample of results.
 *
 * @module
 */

import type { Sample } from "./protocol.ts";

const MAX_ROWS = 5000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024;

/** Keeps every nth result. Doubles n when the sample exceeds 5000 results or 4 MiB. */
export class ResultSample {
  #rows = new Map<number, string>();
  #stride = 1;
  #bytes = 0;

  /** Returns true when the sample includes a task's result. */
  wants(id: number): boolean {
    return id % this.#stride === 0;
  }

  /** Adds a result, as JSON. A result above 256 KiB is replaced by its size. */
  add(id: number, result: Uint8Array): void {
    const text = result.length <= MAX_ROW_BYTES
      ? new TextDecoder().decode(result)
      : JSON.stringify(`${result.length} bytes`);
    this.#bytes += text.length - (this.#rows.get(id)?.length ?? 0);
    this.#rows.set(id, text);
    while (this.#rows.size > MAX_ROWS || this.#bytes > MAX_BYTES) this.#thin();
  }

  /**
   * Returns the JSON of a {@linkcode Sample}, in the order of task ids.
   *
   * @param of the total number of results
   */
  toJson(of: Sample["of"]): string {
    const rows = [...this.#rows].sort(([a], [b]) => a - b)
      .map(([id, result]) => `{"id":${id},"result":${result}}`);
    return `{"rows":[${rows.join()}],"of":${of}}`;
  }

  #thin(): void {
    this.#stride *= 2;
    for (const [id, text] of this.#rows) {
      if (this.wants(id)) continue;
      this.#rows.delete(id);
      this.#bytes -= text.length;
    }
  }
}
