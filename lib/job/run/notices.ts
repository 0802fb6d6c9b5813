/**
 * The facts about files that a run reports.
 *
 * @module
 */

import type { Notice } from "../../formats/format.ts";
import type { Reporter } from "../../terminal/reporter.ts";

/**
 * Returns a function that reports facts: as a warning, which `quiet` does not hide, when values are
 * not kept as they are.
 *
 * @param type the type of the objects when the form is `json`. @default {that of messages}
 */
export function noticeTo(reporter: Pick<Reporter, "info" | "warn">, type?: string): Notice {
  return (text, isChange = false) => {
    const facts = type === undefined ? undefined : { type, text };
    if (isChange) reporter.warn(text, facts);
    else reporter.info(text, facts);
  };
}
