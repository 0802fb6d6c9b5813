/**
 * The flags that select a part of a list.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { Cuts } from "../tasks/cuts/cuts.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/files/fs.ts";
import type { Call } from "./command.ts";

/** The flags that select a part of a list, for commands that start jobs. */
export const CUT_FLAGS: readonly OptionSpec[] = [
  {
    name: "limit",
    short: "n",
    type: "integer",
    min: 0,
    default: null,
    doc: "Run only the first N elements of the list.",
    example: "10",
  },
  {
    name: "skip",
    type: "integer",
    min: 0,
    default: null,
    doc: "Leave out the first N elements.",
    example: "100",
  },
  {
    name: "where",
    type: "text",
    label: "EXPRESSION",
    default: null,
    doc: "Keep the elements for which this JavaScript is true; their keys are names in it.",
    example: "'year > 2000'",
  },
  {
    name: "unique",
    type: "key",
    default: false,
    doc: "Keep the first of equal elements, or of those with equal values of a key.",
  },
  {
    name: "sample",
    type: "text",
    label: "N",
    default: null,
    doc: "Keep a random share, such as 1%, or N random elements.",
    example: "1%",
  },
  { name: "shuffle", type: "boolean", default: false, doc: "Run the elements in random order." },
  {
    name: "seed",
    type: "integer",
    min: 0,
    default: null,
    doc: "Number that selects the sample and the random order.",
    example: "7",
  },
];

/**
 * Returns the cuts of a command line.
 *
 * @param files the words that the command takes for files. @default {none}
 */
export function cutsIn({ flags }: Call, files: readonly string[] = []): Cuts {
  if (flags.unique === true) refuseKey(files);
  const given = CUT_FLAGS.map(({ name }) => [name, flags[name]] as const)
    .filter(([, value]) => value !== null && value !== false);
  return Object.fromEntries(given);
}

/** Refuses the key of `--unique KEY`, which the command line takes for a file. */
function refuseKey(files: readonly string[]): void {
  const key = files.find((word) => /^\w[\w.]*$/.test(word) && !exists(word));
  if (key === undefined) return;
  throw new UsageError(`Cannot read ${key}: no such file, for a key write --unique=${key}`);
}
