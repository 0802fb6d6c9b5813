/**
 * Describes a change of a running job to a user.
 *
 * @module
 */

import type { ControlChange } from "../job_dir/control.ts";
import { camelCase, type Config, OPTIONS } from "../config/options.ts";
import { asWritten, formatValue } from "../config/option_text.ts";
import type { OptionSpec } from "../config/option_types.ts";

/** Describes a change in one line, such as `Changed workers=8, timeout=2h`. */
export function changeText({ set = {}, isPaused }: ControlChange): string {
  if (isPaused === true) return "Paused: running tasks may finish, no more tasks begin";
  if (isPaused === false) return "Continued: more tasks begin";
  const texts = OPTIONS.flatMap((option: OptionSpec) => {
    const value = set[camelCase(option.name) as keyof Config];
    if (value === undefined) return [];
    return [`${option.name}=${value === null ? "none" : formatValue(asWritten(option, value))}`];
  });
  return `Changed ${texts.join(", ")}`;
}
