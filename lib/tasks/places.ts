/**
 * The places of tasks in the files of a list.
 *
 * @module
 */

import { LineNumbers } from "../formats/line_numbers.ts";

/** The place of a task: a line of a file. */
export interface LinePlace {
  readonly name: string;
  /** The number of the line, from 1. */
  readonly line: number;
}

/**
 * The places of the tasks that have been read.
 *
 * @example
 * ```ts
 * import { Places } from "./places.ts";
 *
 * const places = new Places();
 * places.begin(0, "a.ndjson");
 * places.begin(2, "b.ndjson").skip(0);
 * const found = [1, 2].map((id) => places.of(id)).map((place) => `${place?.name}:${place?.line}`);
 * if (found.join() !== "a.ndjson:2,b.ndjson:2") throw new Error(found.join());
 * ```
 */
export class Places {
  #whole: { places: Places; origins: LineNumbers } | undefined;
  #files: { first: number; name: string; lines: LineNumbers }[] = [];

  /** Begins a file, and returns the lines of its records. */
  begin(first: number, name: string): LineNumbers {
    const lines = new LineNumbers();
    this.#files.push({ first, name, lines });
    return lines;
  }

  /**
   * Makes these the places of the tasks of a part of a list.
   *
   * @param places the places of all elements of the list
   * @returns an object that receives the position in the list of each task.
   */
  partOf(places: Places): LineNumbers {
    const origins = new LineNumbers();
    this.#whole = { places, origins };
    return origins;
  }

  /** Returns the place of a task, or `undefined` when its list is not a file. */
  of(id: number): LinePlace | undefined {
    if (this.#whole) return this.#whole.places.of(this.#whole.origins.of(id));
    const file = this.#files.findLast(({ first }) => first <= id);
    return file && { name: file.name, line: file.lines.of(id - file.first) };
  }
}
