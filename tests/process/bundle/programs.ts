/**
 * Builds programs from small files, and runs them.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import type { Bundle } from "../../../lib/bundle/program/program.ts";
import { importCode } from "../../../lib/bundle/import_code.ts";
import type { FunctionRef } from "../../../lib/job_dir/record.ts";
import { toFileUrl } from "../../../lib/util/paths.ts";
import { endOf } from "../../support/jobs.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";

/** A function with any parameters. */
// deno-lint-ignore no-explicit-any -- any function at all
export type Fn = (...args: any[]) => unknown;

/** The function of a program, in this process. */
export async function load({ code }: Bundle): Promise<Fn> {
  const program = await importCode(code) as { load(): Promise<{ default: Fn }> };
  return (await program.load()).default;
}

/** Returns the location of `file.ts#name` in a folder; the name is `task` by default. */
export function locationIn(folder: Folder, name: string): FunctionRef {
  const [file, method = "task"] = name.split("#");
  return { module: folder.url(file!), method };
}

/** Returns the result of the function `file.ts#name` of some files, called as a task. */
export async function callIn(files: Record<string, string>, name: string, arg?: unknown) {
  await using folder = await makeFolder(files);
  const method = await load(await bundleTask(locationIn(folder, name)));
  return await method(arg);
}

/** Runs a program by hand, without tasks. Returns its exit status and its stderr. */
export async function runByHand({ code }: Bundle): Promise<{ status: number; err: string }> {
  await using folder = await makeFolder({ "bundle.js": code });
  const { code: status, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--no-prompt", `${folder.path}/bundle.js`],
    stdin: "null",
  }).output();
  return { status, err: new TextDecoder().decode(stderr) };
}

/** Returns the events of some tasks, run by a program without permissions. */
export async function runProgram(
  { code }: Bundle,
  args: readonly unknown[],
  ...options: string[]
): Promise<unknown[]> {
  await using folder = await makeFolder({ "bundle.js": code });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--no-prompt", `${folder.path}/bundle.js`, ...options],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = args.map((arg) => JSON.stringify(arg) + "\n").join("");
  const { stdout } = await endOf(process, lines);
  return stdout.replaceAll("\x1e", "\n").split("\n")
    .filter((line) => /^\{"(id|broken)":/.test(line)).map((line) => JSON.parse(line))
    // Durations depend on the machine.
    .map(({ ms: _, ...event }) => event);
}

/** Returns the stack lines of a task that fails in a worker, with `DIR` for the folder. */
export async function stackOf(bundle: Bundle, dir = "DIR"): Promise<string[]> {
  const lines = await runProgram(bundle, [1]) as { error?: { stack: string } }[];
  const stack = lines[0]?.error?.stack ?? "";
  return stack.replaceAll(toFileUrl(dir), "DIR").replaceAll(`file://${dir}`, "DIR").split("\n")
    .map((line) => line.trim());
}
