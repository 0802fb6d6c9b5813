/**
 * A bounded sample of results.
 *
 * @module
 */

import type { Sample } from "./protocol.ts";

const MAX_ROWS = 5000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024;

/** Keeps every n-th result; n doubles when these are too many. */
export class ResultSample {
  #rows = new Map<number, string>();
  #stride = 1;
  #bytes = 0;

  /** Returns true when a task's result belongs to the sample. */
  wants(id: number): boolean {
    return id % this.#stride === 0;
  }

  /** Adds a result, as JSON. */
  add(id: number, result: Uint8Array): void {
    const text = result.length <= MAX_ROW_BYTES
      ? new TextDecoder().decode(result)
      : JSON.stringify(`${result.length} bytes`);
    this.#bytes += text.length - (this.#rows.get(id)?.length ?? 0);
    this.#rows.set(id, text);
    while (this.#rows.size > MAX_ROWS || this.#bytes > MAX_BYTES) this.#thin();
  }

  /**
   * Returns the JSON of a {@linkcode Sample}, in the order of the list.
   *
   * @param of the number of all results
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
