/**
 * The values of a parameter, as JSON texts, which keep the digits of numbers.
 *
 * @module
 */

/** The values of a parameter. */
export interface ParameterValues {
  /** The number of values. */
  readonly length: number;
  /** Returns the JSON text of a value, in one line. */
  at(index: number): string;
  /** The parts from which a resumed job gets the same values. */
  readonly parts: readonly ValuePart[];
  /** The paths of numbers that became `null`, because JSON cannot represent them. @default {none} */
  readonly nonFinite?: readonly string[] | undefined;
}

/** A range such as `2020..2024`, a JSON array in one line, or a file of values. */
export type ValuePart = string | ValueFile;

/** A file whose records are values, as it was when they were read. */
export interface ValueFile {
  /** The absolute path. */
  readonly path: string;
  /** The size, in bytes. */
  readonly size: number;
  /** The time of the last change, in milliseconds since 1970. */
  readonly modified: number;
}

/**
 * Returns values that are listed, each as one line of JSON text.
 *
 * @param more the file that contains them, and the numbers that became `null`, if any
 */
export function listedValues(
  texts: readonly string[],
  { file, nonFinite }: { file?: ValueFile | undefined; nonFinite?: readonly string[] } = {},
): ParameterValues {
  return {
    nonFinite,
    length: texts.length,
    at: (index) => texts[index]!,
    get parts() {
      return [file ?? `[${texts.join(",")}]`];
    },
  };
}
