/**
 * Lists whose elements are combinations of the values of parameters.
 *
 * @module
 */

import type { Notice } from "../../formats/format.ts";
import { ListFiles } from "../list_files.ts";
import { escapeControls } from "../../terminal/escape.ts";
import { UsageError } from "../../util/errors.ts";
import { parseJson } from "../../util/parse_json.ts";
import { counted } from "../../util/text/counted.ts";
import { INSPECT } from "../../util/text/custom_inspect.ts";
import { MOST_COMBINATIONS } from "./range.ts";
import type { ParameterValues } from "./values.ts";

/** A parameter. Without a name, its values are elements of arrays. */
export interface ListParameter {
  /** The key of its values in the elements. */
  readonly name?: string | undefined;
  /** The values. */
  readonly values: ParameterValues;
}

/** Parameters whose values change together. They have the same number of values. */
export type Dimension = readonly [ListParameter, ...ListParameter[]];

/**
 * All combinations of the values of parameters. They are computed on demand, so a list of any length
 * takes no memory. The last dimension changes fastest.
 *
 * `grid()` and `zip()` create such lists.
 *
 * @typeParam Element The type of the elements.
 */
export class ParameterList<Element = unknown> implements Iterable<Element> {
  /** The number of combinations. */
  readonly length: number;
  /** @ignore */
  readonly dimensions: readonly Dimension[];
  #texts: readonly ((index: number) => string)[] | undefined;

  /**
   * Creates a list of all combinations.
   *
   * @ignore
   * @param dimensions the dimensions, the slowest first
   * @throws {UsageError} when two parameters have the same name, parameters of a dimension have
   * different numbers of values, or there are more than 2^32 combinations.
   */
  constructor(dimensions: readonly Dimension[]) {
    this.dimensions = dimensions;
    for (const dimension of dimensions) checkLengths(dimension);
    checkNames(dimensions.flat());
    this.length = combinations(dimensions);
  }

  /** The names of the parameters. */
  get names(): string[] {
    return this.dimensions.flat().map(({ name }) => name).filter((name) => name !== undefined);
  }

  /** @ignore The paths of numbers that became `null`. */
  get nonFinite(): string[] {
    return this.dimensions.flat().flatMap(({ values }) => values.nonFinite ?? []);
  }

  /** @ignore The facts about the files of values that the user should know. */
  get facts(): Parameters<Notice>[] {
    return this.dimensions.flat().flatMap(({ values }) => values.facts ?? []);
  }

  /**
   * Combines this list with another one, whose elements change more slowly. The objects of both are
   * merged.
   *
   * @example
   * ```ts
   * import { grid, zip } from "dl_jobs";
   *
   * const list = grid({ band: ["nir"] }).over(zip({ path: ["a.tif", "b.tif"], row: [1, 2] }));
   * const text = JSON.stringify([...list]);
   * if (text !== '[{"path":"a.tif","row":1,"band":"nir"},{"path":"b.tif","row":2,"band":"nir"}]') {
   *   throw new Error(text);
   * }
   * ```
   *
   * @throws {UsageError} when both have a parameter of the same name.
   */
  over<Other>(other: ParameterList<Other>): ParameterList<Other & Element>;
  /**
   * Combines this list with the records of files, which change more slowly. A record that is not an
   * object has the key `row` in the elements.
   */
  over(other: ListFiles): CrossedFiles;
  over(other: ParameterList | ListFiles): ParameterList | CrossedFiles {
    if (other instanceof ListFiles) return new CrossedFiles(other, this);
    return new ParameterList([...other.dimensions, ...this.dimensions]);
  }

  /** Yields the elements in order. */
  *[Symbol.iterator](): Generator<Element> {
    for (const line of this.lines()) yield parseJson(line);
  }

  /** Yields the elements as lines of JSON. */
  *lines(): Generator<string> {
    const [open, close] = this.#brackets;
    for (const text of this.texts()) yield open + text + close + "\n";
  }

  /** Yields the elements without their brackets, as a part of a larger object or array. */
  *texts(): Generator<string> {
    const { dimensions, length } = this, last = dimensions.length - 1;
    const texts = this.#texts ??= dimensions.map(textsOf);
    const sizes = dimensions.map(([{ values }]) => values.length);
    const indexes = dimensions.map(() => 0), starts = [""];
    let changed = 0;
    for (let count = 0; count < length; count++) {
      for (let d = changed; d < last; d++) starts[d + 1] = `${starts[d]}${texts[d]!(indexes[d]!)},`;
      yield starts[last] + texts[last]!(indexes[last]!);
      changed = last;
      while (++indexes[changed]! === sizes[changed] && changed > 0) indexes[changed--] = 0;
    }
  }

  /** @ignore */
  [INSPECT](): string {
    const dimensions = this.dimensions.map((parameters) => {
      const names = parameters.map(({ name }) => name).filter((name) => name !== undefined);
      return `${names.join(", ")} (${counted(parameters[0].values.length, "value")})`.trim();
    });
    const text = `${counted(this.length, "combination")}: ${dimensions.join(" x ")}`;
    return escapeControls(`List of ${text}`);
  }

  get #brackets(): readonly [string, string] {
    if (this.names.length > 0) return ["{", "}"];
    return this.dimensions.flat().length > 1 ? ["[", "]"] : ["", ""];
  }
}

/**
 * All combinations of the records of files and the elements of a list of parameters. The parameters
 * change faster.
 *
 * The keys of a record and of the parameters form one object. A record that is not an object has
 * the key `row` in it. Parameters without names follow the record in an array.
 */
export class CrossedFiles {
  /**
   * Creates the list.
   *
   * @param files the files of the records
   * @param parameters the parameters
   */
  constructor(readonly files: ListFiles, readonly parameters: ParameterList) {}

  /** @ignore */
  [INSPECT](): string {
    const parameters = this.parameters[INSPECT]().replace("List of ", "");
    return `${this.files[INSPECT]()} with ${parameters}`;
  }
}

// Texts are used for many combinations, but those of a long dimension need memory.
const MOST_KEPT = 4096;

/** Returns a function that returns the values of a dimension at an index, without brackets. */
function textsOf(dimension: Dimension): (index: number) => string {
  const keys = dimension.map(({ name }) => name === undefined ? "" : `${JSON.stringify(name)}:`);
  const at = (index: number) =>
    dimension.map(({ values }, i) => keys[i] + values.at(index)).join(",");
  const { length } = dimension[0].values;
  if (length > MOST_KEPT) return at;
  const kept = Array.from({ length }, (_, index) => at(index));
  return (index) => kept[index]!;
}

function checkLengths([first, ...others]: Dimension): void {
  const other = others.find(({ values }) => values.length !== first.values.length);
  if (!other) return;
  throw new UsageError(
    `Cannot combine ${first.name ?? "a list"} with ${other.name ?? "a linked list"}: they have ` +
      `${first.values.length} and ${other.values.length} values, and need the same number`,
  );
}

function checkNames(parameters: readonly ListParameter[]): void {
  const names = parameters.map(({ name }) => name);
  const twice = names.find((name, i) => name !== undefined && names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(`Cannot combine parameters: two of them have the name ${twice}`);
  }
  if (names.includes(undefined) && names.some((name) => name !== undefined)) {
    throw new UsageError(
      "Cannot combine parameters: some have names and others have none, name all of them",
    );
  }
}

function combinations(dimensions: readonly Dimension[]): number {
  const count = dimensions.reduce((n, [{ values }]) => n * BigInt(values.length), 1n);
  if (count <= BigInt(MOST_COMBINATIONS)) return Number(count);
  throw new UsageError(
    `Cannot make a list of ${count} combinations: a job has at most ${MOST_COMBINATIONS} tasks, ` +
      "divide it into several jobs",
  );
}
