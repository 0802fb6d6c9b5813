/**
 * The template of a command, which is split into arguments once and filled for each task.
 *
 * @module
 */

import type { CommandRef } from "../../job_dir/record.ts";
import type { Argument } from "./argument.ts";
import { PartReader, type Template, type WordPart } from "./parts.ts";
import { shellScript } from "./shell_script.ts";

/**
 * Reads a template.
 *
 * @throws {SyntaxError} when a filter is unknown.
 */
export function readTemplate({ command, shell }: Pick<CommandRef, "command" | "shell">): Template {
  return shell ? shellScript(command.join(" ")) : wordTemplate(command);
}

function wordTemplate(command: readonly string[]): Template {
  const reader = new PartReader(), words = command.map((text) => reader.read(text));
  const [program, ...more] = words[0] ?? [];
  return {
    placeholders: words.flat().filter((part) => typeof part !== "string"),
    program: typeof program === "string" && more.length === 0 ? program : undefined,
    fill: (argument) => words.flatMap((word) => fillWord(word, argument)),
  };
}

/** Fills a word. A word that is only a placeholder becomes several when its value is a list. */
function fillWord(word: readonly WordPart[], argument: Argument): string | string[] {
  const [first] = word;
  if (word.length === 1 && typeof first === "object") {
    return argument.listOf(first) ?? argument.textOf(first);
  }
  return word.map((part) => typeof part === "string" ? part : argument.textOf(part)).join("");
}
