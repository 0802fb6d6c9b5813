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

/** Names an element in a message: by its line, or by its position in a list that is not a file. */
export function elementName(id: number, place: LinePlace | undefined): string {
  return place ? `${place.name}:${place.line}` : `element ${id}`;
}

/** The records of a file. */
interface PlacedFile {
  /** The id of the first record. */
  readonly first: number;
  readonly name: string;
  readonly lines: LineNumbers;
  /** True when a user finds a record by its line in the file. */
  readonly hasLines: boolean;
}

/** Places as JSON: files, each with its first id, its name and its lines, or a part of other places. */
export type PlacesJson =
  | readonly (readonly [first: number, name: string, hasLines: boolean, lines: readonly number[]])[]
  | { readonly whole: PlacesJson; readonly origins: readonly number[] };

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
  #files: PlacedFile[] = [];

  /** Restores places from {@linkcode Places.toJSON}. */
  static from(json: PlacesJson): Places {
    const all = new Places();
    if ("whole" in json) {
      all.#whole = { places: Places.from(json.whole), origins: LineNumbers.from(json.origins) };
    } else {
      all.#files = json.map(([first, name, hasLines, lines]) => (
        { first, name, hasLines, lines: LineNumbers.from(lines) }
      ));
    }
    return all;
  }

  /** The number of files and of irregular distances between records; 0 for a list without files. */
  get size(): number {
    const whole = this.#whole?.places.size ?? 0;
    if (whole > 0) return whole + this.#whole!.origins.size;
    return this.#files.reduce((sum, { lines }) => sum + lines.size, 0);
  }

  /** Returns the places as data for a file. */
  toJSON(): PlacesJson {
    if (this.#whole) {
      const { places, origins } = this.#whole;
      return { whole: places.toJSON(), origins: origins.toJSON() };
    }
    return this.#files.map(({ first, name, hasLines, lines }) => [
      first,
      name,
      hasLines,
      lines.toJSON(),
    ]);
  }

  /**
   * Begins a file, and returns the lines of its records.
   *
   * @param hasLines false for a source without lines that a user can look at, such as a pipe
   */
  begin(first: number, name: string, hasLines = true): LineNumbers {
    const lines = new LineNumbers();
    this.#files.push({ first, name, lines, hasLines });
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
    const file = this.#fileOf(id);
    return file && { name: file.name, line: file.lines.of(id - file.first) };
  }

  /** Returns the place of a task in a file with lines, such as `cities.csv:10`. */
  textOf(id: number): string | undefined {
    if (this.#whole) return this.#whole.places.textOf(this.#whole.origins.of(id));
    const file = this.#fileOf(id);
    return file?.hasLines ? `${file.name}:${file.lines.of(id - file.first)}` : undefined;
  }

  #fileOf(id: number): PlacedFile | undefined {
    return this.#files.findLast(({ first }) => first <= id);
  }
}
