/**
 * The error of a job whose function cannot be loaded.
 *
 * @module
 */

import type { LoadError } from "../../journal/format.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * Returns the user's error for an export that is not a function, a module that throws on load, or a
 * `setup` that fails.
 */
export function loadError({ type, message, stack, during }: LoadError): UsageError {
  if (type === "NoFunction") return new UsageError(`Cannot call the function: ${message}`);
  const where = stack ? `\n${stack.split("\n").slice(1).join("\n")}` : "";
  if (during) {
    return new UsageError(`Cannot set up a worker: setup threw ${type}: ${message}${where}`);
  }
  return new UsageError(`Cannot load the function: its module threw ${type}: ${message}${where}`);
}
