/**
 * The flags that check the elements of a list.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { CheckOptions } from "../job/options/check_options.ts";
import { ON_INVALID, type OnInvalid } from "../tasks/checked_list.ts";
import type { Call } from "./command.ts";

/** The flags that check the elements of a list, for commands that start jobs. */
export const CHECK_FLAGS: readonly OptionSpec[] = [
  {
    name: "schema",
    type: "text",
    label: "FILE",
    isPath: true,
    default: null,
    doc: "JSON Schema that each element must fit; by default, what the module exports as args.",
    example: "tile.schema.json",
  },
  {
    name: "invalid",
    type: "text",
    default: null,
    choices: ON_INVALID,
    doc: "Let an invalid element fail as a task, skip it, or stop the job; by default, fail.",
  },
];

/** Returns the check of a command line. */
export function checksIn({ flags: { schema, invalid } }: Call): CheckOptions {
  return {
    schema: schema === null ? undefined : String(schema),
    invalid: invalid === null ? undefined : invalid as OnInvalid,
  };
}
