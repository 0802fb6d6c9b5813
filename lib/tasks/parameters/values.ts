/**
 * The values of a parameter, as JSON texts, which keep the digits of numbers.
 *
 * @module
 */

import type { Notice } from "../../formats/format.ts";

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
  /** The facts about the files of values that the user should know. @default {none} */
  readonly facts?: readonly Parameters<Notice>[] | undefined;
}

/** A range such as `2020..2024`, a JSON array in one line, or a file of values. */
export type ValuePart = string | ValueFile;

/** A file whose records are values, as it was when they were read. */
export interface ValueFile {
  /** The absolute path. */
  readonly path: string;
  /** The name that the user gave. @default {the path} */
  readonly name?: string | undefined;
  /** The size, in bytes. */
  readonly size: number;
  /** The time of the last change, in milliseconds since 1970. */
  readonly modified: number;
  /** The time of the last change of the file or its attributes. */
  readonly changed?: number | undefined;
  /** The checksum of the values. */
  readonly sum: number;
}

/** The origin of listed values. */
interface ValueOrigin extends Pick<ParameterValues, "nonFinite" | "facts"> {
  /** The file that contains them, if any. */
  readonly file?: ValueFile | undefined;
}

/** Returns values that are listed, each as one line of JSON text. */
export function listedValues(
  texts: readonly string[],
  { file, nonFinite, facts }: ValueOrigin = {},
): ParameterValues {
  return {
    nonFinite,
    facts,
    length: texts.length,
    at: (index) => texts[index]!,
    get parts() {
      return [file ?? `[${texts.join(",")}]`];
    },
  };
}
