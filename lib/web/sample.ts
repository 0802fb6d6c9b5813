/**
 * Some of very many results.
 *
 * @module
 */

import type { Sample } from "./protocol.ts";

const MOST_ROWS = 5000;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ROW_BYTES = 256 * 1024;

/** Keeps each so many-th result, so that there are never too many. */
export class ResultSample {
  #rows = new Map<number, string>();
  #stride = 1;
  #bytes = 0;

  /** Whether a task's result is one of those that are kept. */
  wants(id: number): boolean {
    return id % this.#stride === 0;
  }

  /** Keeps a result as JSON. */
  add(id: number, result: Uint8Array): void {
    const text = result.length <= MOST_ROW_BYTES
      ? new TextDecoder().decode(result)
      : JSON.stringify(`${result.length} bytes`);
    this.#bytes += text.length - (this.#rows.get(id)?.length ?? 0);
    this.#rows.set(id, text);
    while (this.#rows.size > MOST_ROWS || this.#bytes > MOST_BYTES) this.#thin();
  }

  /** What has been kept, as the JSON of a {@linkcode Sample}, in the order of the list. */
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
