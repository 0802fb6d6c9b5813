/**
 * The flags that name a file for results and its form.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { OutputFormat, OutputOptions } from "../formats/output.ts";
import type { Call } from "./command.ts";

/** The flag that keeps formulas in tables. */
export const RAW_FLAG: OptionSpec = {
  name: "raw",
  type: "boolean",
  default: false,
  doc: "Keep cells that are formulas in csv and tsv; by default, an apostrophe precedes them.",
};

/** The flags of commands that write results to a file. */
export const OUTPUT_FLAGS: readonly OptionSpec[] = [
  {
    name: "output",
    short: "o",
    type: "text",
    label: "FILE",
    isPath: true,
    default: null,
    doc:
      "Write the results to this file, whose ending states the format, such as .csv or .json.gz.",
    example: "means.csv",
  },
  {
    name: "with_args",
    type: "boolean",
    default: false,
    doc: "Write each result with the id and the arguments of its task.",
  },
  {
    name: "nested",
    type: "text",
    default: null,
    choices: ["columns", "json"],
    doc: "Objects in results, in csv and tsv: columns such as a.b, by default, or json.",
  },
  RAW_FLAG,
];

/** Returns the file that a call names for its results, and the options for writing it. */
export function outputOf(
  { output, with_args, nested, raw }: Call["flags"],
): { output: string | undefined; outputOptions: OutputOptions } {
  const outputOptions = {
    withArgs: with_args === true || undefined,
    nested: (nested ?? undefined) as OutputOptions["nested"],
    raw: raw === true || undefined,
  };
  return { output: output === null ? undefined : String(output), outputOptions };
}

/** Returns the format that a call states; `undefined` for that of the file's ending. */
export function formatIn({ format, json }: Call["flags"]): OutputFormat | "table" | undefined {
  return (json ? "json" : format ?? undefined) as OutputFormat | "table" | undefined;
}
