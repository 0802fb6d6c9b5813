/**
 * The values that code may set for each type of option: typed values, or text in the form of the
 * config file.
 *
 * @module
 */

/** A number, or a number as text. */
export type NumberInput = number | `${number}`;

/** A boolean, or one of the words for it that a config file may contain. */
export type BooleanInput =
  | boolean
  | (0 | 1 | "0" | "1" | "true" | "false" | "t" | "f" | "yes" | "no" | "y" | "n" | "on" | "off");

/** A duration: seconds as a number, or a number with its unit, such as `"90s"`, `"5m"` or `"2h"`. */
export type DurationInput = NumberInput | `${number}${"" | " "}${"ms" | "s" | "m" | "h" | "d"}`;

/** A size: bytes as a number, or a number with its unit, such as `"512MB"`, `"4GB"` or `"1GiB"`. */
export type SizeInput =
  | NumberInput
  | `${number}${"" | " "}${"B" | "KB" | "KiB" | "MB" | "MiB" | "GB" | "GiB" | "TB" | "TiB"}`
  | `${number}${"" | " "}${"b" | "kb" | "kib" | "mb" | "mib" | "gb" | "gib" | "tb" | "tib"}`;

/** A list of texts, or one comma-separated text. */
export type ListInput = string | readonly (string | number | boolean)[];

/**
 * Environment variables: an object, one text such as `"LEVEL=debug"`, or a list of such texts. A
 * text without `=` names a variable of this process that is passed on.
 */
export type EnvInput = MapInput;

/**
 * Texts by name: an object, a text such as `"A=1,B=2"`, or a list such as `["A=1", "B=2"]`. A value
 * that is a list is joined with commas.
 */
export type MapInput =
  | string
  | readonly string[]
  | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;
