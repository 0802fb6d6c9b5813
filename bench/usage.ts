/**
 * The time and the memory of a program with all its processes.
 *
 * @module
 */

import { ProcessTree } from "../lib/util/process/process_tree.ts";
import type { Program } from "./process.ts";

/** The cost of one run of a program. */
export interface Usage {
  /** The duration in milliseconds. */
  readonly ms: number;
  /** The CPU time of all processes, in milliseconds. */
  readonly cpuMs: number;
  /** The largest memory of all processes together, in bytes. */
  readonly peak: number;
}

// The shell reports the CPU time of the program and of the processes that it has waited for.
const SCRIPT = '"$0" "$@" > stdout.txt 2> stderr.txt; times';
const POLL_MS = 20;

/** Runs a program until it exits, with any exit status. */
export async function measure({ command, args }: Program, cwd: string): Promise<Usage> {
  const started = performance.now();
  const child = new Deno.Command("sh", {
    args: ["-c", SCRIPT, command, ...args],
    cwd,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const tree = new ProcessTree(child.pid);
  let peak = 0;
  const timer = setInterval(() => peak = Math.max(peak, tree.memory(Infinity)), POLL_MS);
  const { stdout } = await child.output();
  clearInterval(timer);
  const ms = performance.now() - started;
  return { ms, cpuMs: cpuOf(new TextDecoder().decode(stdout)), peak };
}

/** Returns the CPU time of the children in the output of `times`, such as `0m1.20s 0m0.31s`. */
function cpuOf(times: string): number {
  const [, children = ""] = times.trim().split("\n");
  const parts = children.matchAll(/(\d+)m([\d.]+)s/g);
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}
