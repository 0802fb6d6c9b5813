import { STORE } from "../lib/job_dir/layout.ts";
import { listJobs } from "../lib/job_dir/find.ts";

/** A program to be run to its end. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Whether to try out only that everything runs, with little of everything. */
export const IS_QUICK = Deno.args.includes("--quick") || Deno.env.get("BENCH_QUICK") === "1";

/** A program of Deno's. */
export function denoRun(...args: readonly string[]): Program {
  return { command: Deno.execPath(), args: ["run", "-A", ...args] };
}

/** Runs a program to its end, and gives the milliseconds from before its start, and its stdout. */
export async function runProgram(
  { command, args, env = {} }: Program,
  cwd: string,
): Promise<{ ms: number; stdout: string }> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { ...env },
    stdin: "null",
  }).output();
  const ms = performance.now() - start;
  const decoder = new TextDecoder();
  if (success) return { ms, stdout: decoder.decode(stdout) };
  throw new Error(`Cannot run ${[command, ...args].join(" ")}: ${decoder.decode(stderr).trim()}`);
}

/** Why a program cannot be run, if it cannot. */
export async function whyNot(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command(command, { args, stdin: "null" }).output();
    return success ? undefined : `${[command, ...args].join(" ")} fails`;
  } catch {
    return `${command} is not there`;
  }
}

/** Lets the disk take what was written, so that who comes next does not wait for it. */
export async function settleDisk(): Promise<void> {
  if (Deno.build.os !== "windows") await new Deno.Command("sync").output();
}

/** Removes what jobs left in the folder that they ran in, but not the bundles, as a user would not. */
export async function removeJobs(cwd: string): Promise<void> {
  for (const id of await listJobs(cwd)) {
    await Deno.remove(`${cwd}/${STORE}/${id}`, { recursive: true });
  }
}

/** The most memory that a process had at any time: the system keeps count, so it is asked often. */
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
