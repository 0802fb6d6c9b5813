/**
 * A bounded sample of results.
 *
 * @module
 */

import type { Sample } from "./protocol.ts";

const MAX_ROWS = 5000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024;

/**
 * Keeps the first result of each `n` consecutive tasks, and doubles `n` when the sample exceeds 5000
 * results or 4 MiB. The tasks that succeed may be every other one of the list, so the sample does not
 * select ids by their remainder.
 */
export class ResultSample {
  /** The kept results by the number of their group of consecutive tasks. */
  #groups = new Map<number, Row>();
  #size = 1;
  #bytes = 0;

  /** Returns true when the sample includes a task's result. */
  wants(id: number): boolean {
    const kept = this.#groups.get(this.#groupOf(id));
    return kept === undefined || id <= kept.id;
  }

  /**
   * Adds a result that the sample includes, as JSON. Of a result above 256 KiB, only the size is kept.
   *
   * @param attempt the number of the attempt that succeeded. @default {1}
   */
  add(id: number, result: Uint8Array, attempt = 1): void {
    const head = `{"id":${id}${attempt > 1 ? `,"attempt":${attempt}` : ""}`;
    const json = result.length <= MAX_ROW_BYTES
      ? `${head},"result":${new TextDecoder().decode(result)}}`
      : `${head},"bytes":${result.length}}`;
    this.#keep(this.#groupOf(id), { id, json });
    while (this.#groups.size > MAX_ROWS || this.#bytes > MAX_BYTES) this.#thin();
  }

  /**
   * Returns the JSON of a {@linkcode Sample}, in the order of task ids.
   *
   * @param of the total number of results
   */
  toJson(of: Sample["of"]): string {
    const rows = [...this.#groups.values()].sort((a, b) => a.id - b.id).map(({ json }) => json);
    return `{"rows":[${rows.join()}],"of":${of}}`;
  }

  #groupOf(id: number): number {
    return Math.floor(id / this.#size);
  }

  #keep(group: number, row: Row): void {
    this.#bytes += row.json.length - (this.#groups.get(group)?.json.length ?? 0);
    this.#groups.set(group, row);
  }

  #thin(): void {
    const rows = [...this.#groups.values()];
    this.#groups.clear();
    this.#size *= 2;
    this.#bytes = 0;
    for (const row of rows) if (this.wants(row.id)) this.#keep(this.#groupOf(row.id), row);
  }
}

/** A result in the sample, as the JSON of a row. */
interface Row {
  readonly id: number;
  readonly json: string;
}
