/**
 * The error of a job whose function cannot be loaded.
 *
 * @module
 */

import type { TaskError } from "../../journal/format.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * Returns the user's error for an export that is not a function or a module that throws on load.
 */
export function loadError({ type, message, stack }: TaskError): UsageError {
  if (type === "NoFunction") return new UsageError(`Cannot call the function: ${message}`);
  const where = stack ? `\n${stack.split("\n").slice(1).join("\n")}` : "";
  return new UsageError(`Cannot load the function: its module threw ${type}: ${message}${where}`);
}
