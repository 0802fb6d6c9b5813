/**
 * The kinds of functions that the suite runs: each test has its function in each kind.
 *
 * @module
 */

import type { JobFunction } from "../../../lib/bundle/program/program.ts";
import type { Folder } from "../../../tools/support/files.ts";

/** A kind of function. */
export type Kind = "javascript" | "python" | "program";

/** The name of each kind in the names of tests. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  javascript: "JavaScript",
  python: "Python",
  program: "a program",
};

/** The function of a test in each kind. The test is not registered for a kind that is absent. */
export interface Functions {
  /** A function, or the text of a module that exports `task`. */
  readonly javascript?: ((...args: never[]) => unknown) | string;
  /** The text of a module that defines `task`. */
  readonly python?: string;
  /** The arguments of a program, whose stdout is JSON. */
  readonly program?: readonly string[] | undefined;
}

/** Returns the function of a kind, whose module is written to a folder. */
export async function functionOf(
  folder: Folder,
  { javascript, python, program }: Functions,
  kind: Kind,
): Promise<JobFunction> {
  if (kind === "program") return { command: program!, stdout: "json" };
  if (kind === "python") return await moduleOf(folder, "task.py", python!);
  return typeof javascript === "function"
    ? javascript
    : await moduleOf(folder, "task.ts", javascript!);
}

async function moduleOf(folder: Folder, name: string, text: string): Promise<JobFunction> {
  await folder.write(name, text);
  return { module: folder.url(name), method: "task" };
}
