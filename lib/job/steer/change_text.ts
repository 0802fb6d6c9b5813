/**
 * Describes a change of a running job to a user.
 *
 * @module
 */

import type { ControlChange } from "../../job_dir/control.ts";
import { camelCase, type Config, OPTIONS } from "../../config/options.ts";
import { asWritten, formatValue } from "../../config/option_text.ts";
import type { OptionSpec } from "../../config/option_types.ts";
import { SETTABLE } from "./check_change.ts";

/** Returns the values of the options that can change while a job runs, as a user writes them. */
export function settableTexts(options: Config): Record<string, string> {
  const settable = OPTIONS.filter(({ name }) => SETTABLE.some((one) => one === name));
  return Object.fromEntries(settable.flatMap((option: OptionSpec) => {
    const value = options[camelCase(option.name) as keyof Config] ?? null;
    return value === null ? [] : [[option.name, formatValue(asWritten(option, value))]];
  }));
}

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
