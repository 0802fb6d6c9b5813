/**
 * The error of a job whose function cannot be loaded.
 *
 * @module
 */

import type { LoadError } from "../../journal/format.ts";
import { shellWord } from "../../util/shell.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * Returns the user's error for an export that is not a function, a module that throws on load, or a
 * `setup` that fails.
 *
 * @param python the command of the interpreter of a Python function. @default {another function}
 */
export function loadError(
  { type, message, stack, during }: LoadError,
  python?: readonly string[],
): UsageError {
  if (type === "NoFunction") return new UsageError(`Cannot call the function: ${message}`);
  if (type === "NoProgram") {
    return new UsageError(`Cannot run the program: ${message}, ${programAdvice(message)}`);
  }
  // A traceback of Python ends with the type and the message.
  const frames = stack?.split("\n").slice(1).join("\n").replace(`\n${type}: ${message}`, "");
  const where = frames ? `\n${frames}` : "";
  const aim = `Cannot ${during ? "set up a worker" : "load the function"}`;
  if (python && type === "ModuleNotFoundError") {
    const name = python.map(shellWord).join(" ");
    return new UsageError(
      `${aim}: ${message} for the interpreter "${name}", install the module there, or set ` +
        `--python to another one${where}`,
    );
  }
  const advice = type === "ReferenceError" ? nodeAdvice(message) : "";
  const action = type === "Unready" ? message : `threw ${type}: ${message}${advice}`;
  return new UsageError(`${aim}: ${during ?? "its module"} ${action}${where}`);
}

/** Returns the way out for a variable that only CommonJS modules have. */
function nodeAdvice(message: string): string {
  const [name] = /^\S+(?= is not defined$)/.exec(message) ?? [];
  const other =
    { __dirname: "import.meta.dirname", __filename: "import.meta.filename" }[name ?? ""];
  if (other) return `, write ${other}`;
  return name === "module" || name === "exports"
    ? ', use export, name the file .cjs, or write "type": "commonjs" in package.json'
    : "";
}

/** Returns the way out for a program that a machine lacks. A relative path begins with a folder. */
function programAdvice(message: string): string {
  if (message.startsWith("no folder")) return "install it there, or write its path there";
  if (message.startsWith("/")) return "install it there";
  return "files of this machine do not travel: write a path that exists there, or send the file " +
    "with the option data of a job";
}
