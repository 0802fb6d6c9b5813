/**
 * Programs that a bench runs and measures.
 *
 * @module
 */

import { countLines } from "../lib/util/files/fs.ts";
import { fromFileUrl } from "../lib/util/paths.ts";
import { STORE } from "../lib/job_dir/layout.ts";
import { listJobs } from "../lib/job_dir/find.ts";

/** A program and its arguments. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns the path of a file, from that of this folder. */
export const here = (name: string): string => fromFileUrl(new URL(name, import.meta.url).href);

/** The command `dl_jobs`. */
export const CLI = here("../cli.ts");

/** True for a quick check that everything runs, with small lists and one round. */
export const IS_QUICK = Deno.args.includes("--quick") || Deno.env.get("BENCH_QUICK") === "1";

/** Returns the number of rounds of a bench, which `BENCH_ROUNDS=1` changes. */
export function roundsOf(usual: number, quick = 1): number {
  return Number(Deno.env.get("BENCH_ROUNDS") ?? (IS_QUICK ? quick : usual));
}

/** Returns a program that runs with this Deno executable. */
export function denoRun(...args: readonly string[]): Program {
  return { command: Deno.execPath(), args: ["run", "-A", ...args] };
}

/**
 * Runs a program until it exits. Returns its duration in milliseconds, including its startup, and
 * its stdout.
 */
export async function runProgram(
  program: Program,
  cwd: string,
): Promise<{ ms: number; stdout: string }> {
  const start = performance.now();
  const { success, stdout, stderr } = await commandOf(program, cwd).output();
  const ms = performance.now() - start;
  const decoder = new TextDecoder();
  if (success) return { ms, stdout: decoder.decode(stdout) };
  const words = [program.command, ...program.args].join(" ");
  throw new Error(`Cannot run ${words}: ${decoder.decode(stderr).trim()}`);
}

/** Returns the command that runs a program in a folder, without stdin. */
export function commandOf(
  { command, args, env = {} }: Program,
  cwd: string,
  options: Deno.CommandOptions = {},
): Deno.Command {
  return new Deno.Command(command, { args: [...args], cwd, env, stdin: "null", ...options });
}

/** Returns the duration of `map` over `TASKS.ndjson` with the function `square` of `task.ts`. */
export async function timeMap(
  tasks: number,
  flags: readonly string[],
  cwd: string,
): Promise<number> {
  const args = ["map", "task.ts#square", `${tasks}.ndjson`, "-o", "out.ndjson", ...flags];
  const { ms } = await runProgram(denoRun(CLI, ...args), cwd);
  const lines = countLines(`${cwd}/out.ndjson`);
  await removeJobs(cwd);
  if (lines === tasks) return ms;
  throw new Error(`Cannot time map: ${lines} results for ${tasks} tasks`);
}

/** Returns the reason that a program cannot run; undefined when it can. */
export async function whyNot(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command(command, { args, stdin: "null" }).output();
    return success ? undefined : `${[command, ...args].join(" ")} fails`;
  } catch {
    return `${command} is not there`;
  }
}

/** Flushes the disk, so that the next program does not wait for the writes of this one. */
export async function settleDisk(): Promise<void> {
  if (Deno.build.os !== "windows") await new Deno.Command("sync").output();
}

/**
 * Removes the files of jobs from the folder in which they ran, but keeps the bundles, as users do.
 */
export async function removeJobs(cwd: string): Promise<void> {
  for (const id of listJobs(cwd)) {
    await Deno.remove(`${cwd}/${STORE}/${id}`, { recursive: true });
  }
}

/**
 * Returns the peak memory of a process in bytes. Polls the peak until the process exits, because it
 * cannot be read afterwards.
 */
export async function watchPeak({ pid, status }: Deno.ChildProcess): Promise<number> {
  let isRunning = true, peak = 0;
  status.finally(() => isRunning = false);
  while (isRunning) {
    peak = readPeak(pid) ?? peak;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return peak;
}

function readPeak(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
