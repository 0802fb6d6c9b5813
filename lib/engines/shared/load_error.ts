import { UsageError } from "../../util/errors.ts";
import type { TaskError } from "../../journal/format.ts";

/** What is said of a program that gives no function to call. */
export function brokenCode({ type, message, stack }: TaskError): UsageError {
  if (type === "NoFunction") return new UsageError(`Cannot call the function: ${message}`);
  const where = stack ? `\n${stack.split("\n").slice(1).join("\n")}` : "";
  return new UsageError(`Cannot load the function: its module threw ${type}: ${message}${where}`);
}
