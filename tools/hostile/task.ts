/**
 * A task whose children read stdin and write hostile bytes to every file that they find
 * (`task.py` is the same in Python).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";

/** One task of a hostile job. */
export interface HostileArgs {
  /** The number of which the task returns the square. */
  readonly x: number;
  /** The child that the task starts. @default {none} */
  readonly child?: {
    readonly way: string;
    /** The number of bytes that the child tries to read from stdin. */
    readonly read: number;
    /** The bytes that the child writes, as base64. */
    readonly write: string;
  };
}

// The child writes to stdout, to stderr, and to all files that its parent has opened.
const SCRIPT = `
head -c "$1" > read
printf %s "$2" | base64 -d
printf %s "$2" | base64 -d >&2
for file in /proc/self/fd/* /proc/$PPID/fd/*; do
  case $(readlink "$file") in pipe:*|socket:*) printf %s "$2" | base64 -d > "$file" ;; esac
done 2>/dev/null
exit 0`;

/** The ways to start a child that inherits the files of its parent. */
const WAYS: Readonly<Record<string, (args: string[]) => unknown>> = {
  spawn: async (args: string[]) => {
    await new Deno.Command("sh", { args, ...INHERIT }).spawn().status;
  },
  output: async (args: string[]) => {
    await new Deno.Command("sh", { args, stdin: "inherit" }).output();
  },
  sync: (args: string[]) => {
    new Deno.Command("sh", { args, ...INHERIT }).outputSync();
  },
  left: (args: string[]) => new Deno.Command("sh", { args, ...INHERIT }).spawn().unref(),
  node: async (args: string[]) => {
    await new Promise((resolve) => spawn("sh", args, { stdio: "inherit" }).on("exit", resolve));
  },
  nodeFiles: (args: string[]) => {
    spawnSync("sh", args, { stdio: [0, 1, 2] });
  },
  nodeDetached: async (args: string[]) => {
    const child = spawn("sh", args, { stdio: "inherit", detached: true });
    await new Promise((resolve) => child.on("exit", resolve));
  },
};
const INHERIT = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;

/** The names of the ways. */
export const WAY_NAMES: readonly string[] = Object.keys(WAYS);

/** Returns the square of a number, and the bytes that a child read from stdin. */
export async function square({ x, child }: HostileArgs): Promise<number> {
  if (child) {
    // A child that is left may write later, so the folder is removed with the whole round.
    const folder = Deno.makeTempDirSync({ dir: ".", prefix: "child_" });
    const script = SCRIPT.replace("> read", `> ${folder}/read`);
    await WAYS[child.way]!(["-c", script, "sh", `${child.read}`, child.write]);
    const read = child.way === "left" ? "" : Deno.readTextFileSync(`${folder}/read`);
    if (read !== "") throw new Error(`stdin contains ${Buffer.from(read).toString("base64")}`);
  }
  return x * x;
}
