/**
 * The same task as a function in JavaScript, as one in Python, and as a program.
 *
 * Each task takes long enough for a kill in the middle of a job. Some attempts fail, some tasks
 * write a log, and some leave a child that outlives them.
 *
 * @module
 */

import { type CommandRun, projectFiles } from "./project.ts";

/** A kind of function. */
export type Kind = "javascript" | "python" | "program";

/** A project for one kind of function. */
export interface Project {
  /** Returns the files of the project, by their names. */
  readonly files: (tasks: number) => Record<string, string>;
  /** The words that name the function. */
  readonly fn: NonNullable<CommandRun["fn"]>;
  /** More flags of the job. */
  readonly flags: readonly string[];
}

const JAVASCRIPT = `export function square(x: number): number {
  const end = performance.now() + 0.05;
  while (performance.now() < end);
  if (x % 50 === 0) console.log("square of", x);
  if (x % 250 === 0) new Deno.Command("sleep", { args: ["600"] }).spawn().unref();
  if (Math.random() < 0.002) throw new Error("by chance");
  return x * x;
}
`;

const PYTHON = `import random, subprocess, time

def square(x):
    end = time.perf_counter() + 0.00005
    while time.perf_counter() < end:
        pass
    if x % 50 == 0:
        print("square of", x)
    if x % 250 == 0:
        subprocess.Popen(["sleep", "600"])
    if random.random() < 0.002:
        raise ValueError("by chance")
    return x * x
`;

const PROGRAM = `[ $(($1 % 50)) -gt 0 ] || echo "square of $1" >&2
if [ $(($1 % 250)) = 0 ]; then sleep 600 > /dev/null 2>&1 & fi
[ $((RANDOM % 500)) -gt 0 ] || exit 1
echo $(($1 * $1))
`;

/** The projects of all kinds. */
export const PROJECTS: { readonly [K in Kind]: Project } = {
  javascript: {
    files: (tasks) => projectFiles(JAVASCRIPT, tasks),
    fn: ["task.ts#square"],
    flags: [],
  },
  python: {
    files: (tasks) => projectFiles(PYTHON, tasks, "task.py"),
    fn: ["task.py#square"],
    flags: [],
  },
  program: {
    files: (tasks) => projectFiles(PROGRAM, tasks, "task.sh"),
    fn: ["--command", "bash task.sh {}"],
    flags: ["--stdout", "json"],
  },
};
