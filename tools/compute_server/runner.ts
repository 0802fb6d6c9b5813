/**
 * Child processes: a build, and each execution of a job, in Python.
 *
 * @module
 */

import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { MAX_TIMER_MS } from "../../lib/util/time/long_timer.ts";
import { resultKey } from "./jobs.ts";
import type { Platform } from "./platform.ts";
import type { FunctionRecord, JobRecord } from "./records.ts";
import { toDate } from "./route.ts";

/** The outcome of an execution. */
export interface Outcome {
  readonly status: string;
  readonly exitCode: number | null;
  readonly reason: string | null;
  /** The duration in milliseconds. */
  readonly ms: number;
  readonly statistics?: unknown;
  /** True when the process was killed. */
  readonly killed?: boolean;
}

const HERE = import.meta.dirname!;
// A child that left the job's process group may keep the pipe open indefinitely.
const DRAIN_MS = 1000;
// The largest result of a job, in bytes.
const MAX_RESULT = 1_000_000;

/** Unpacks and checks a bundle. Returns the build log, and whether the bundle can run. */
export async function runBuild(
  { options }: Platform,
  { folder }: FunctionRecord,
  bundle: Uint8Array,
): Promise<{ ok: boolean; log: string }> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/bundle.zip`, bundle);
  const args = [`${HERE}/build.py`, folder, Deno.execPath(), Deno.version.deno];
  const { success, stdout } = await new Deno.Command("python3", {
    args: [...args, options.requirements],
    stdin: "null",
    stderr: "inherit",
  }).output();
  return { ok: success, log: new TextDecoder().decode(stdout) };
}

/** An execution of a job. */
interface Execution {
  readonly platform: Platform;
  readonly job: JobRecord;
  readonly owner: FunctionRecord;
  /** The folder of the process's files, until they have been read. */
  readonly folder: string;
}

/** Runs the entrypoint once in a new process group and stores the result. */
export async function runJob(
  platform: Platform,
  job: JobRecord,
  owner: FunctionRecord,
): Promise<Outcome> {
  const folder = `${owner.folder}/jobs/${job.wire.id}.${job.wire.execution_count}`;
  const execution = { platform, job, owner, folder }, begun = performance.now();
  try {
    await Deno.mkdir(folder, { recursive: true });
    const ended = await execute(execution);
    return await keep(execution, { ...ended, ms: performance.now() - begun });
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

type Ended = Omit<Outcome, "ms">;

async function execute(execution: Execution): Promise<Ended> {
  const child = spawn(execution), late = new AbortController();
  using limits = new Limits(child.pid, execution);
  const reading = [child.stdout, child.stderr].map((pipe) =>
    readLog(execution, pipe.pipeThrough(new TextDecoderStream(), late))
  );
  await feed(child, execution.job);
  const { code } = await child.status, { endedBy } = limits;
  sendSignal(-child.pid, "SIGKILL");
  await drain(reading, late);
  return await endOf(execution, code, endedBy);
}

/** Kills a process when its job is canceled or its time is over. */
class Limits implements Disposable {
  endedBy: "cancel" | "timeout" | undefined;
  #timer: ReturnType<typeof setTimeout>;

  constructor(readonly pid: number, { platform, job, owner: { wire } }: Execution) {
    const ms = Math.min(wire.timeout * 1000, MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#end("timeout"), ms);
    job.kill = () => this.#end("cancel");
    // The job was canceled before its process started.
    if (job.wire.status === "canceling") job.kill();
    if (platform.faults.take("preempt", wire.name)) sendSignal(-pid, "SIGKILL");
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #end(by: "cancel" | "timeout"): void {
    this.endedBy ??= by;
    sendSignal(-this.pid, "SIGKILL");
  }
}

async function endOf(
  { folder, owner }: Execution,
  code: number,
  by: Limits["endedBy"],
): Promise<Ended> {
  if (by === "timeout") {
    const reason = `Job exceeded its timeout of ${owner.wire.timeout} seconds`;
    return { status: "timeout", exitCode: code, reason };
  }
  if (by) return { status: "failure", exitCode: code, reason: "canceled", killed: true };
  return await readOutcome(folder, code);
}

function spawn({ platform: { options }, job, owner, folder }: Execution): Deno.ChildProcess {
  return new Deno.Command("python3", {
    args: ["-u", `${HERE}/run_job.py`, `${owner.folder}/bundle`, folder],
    cwd: `${owner.folder}/bundle`,
    clearEnv: true,
    env: {
      ...options.env,
      PATH: `${owner.folder}/site/bin:${Deno.env.get("PATH")}`,
      PYTHONPATH: `${owner.folder}/site`,
      PYTHONDONTWRITEBYTECODE: "1",
      HOME: folder,
      LANG: "C.UTF-8",
      ...job.inherited,
      ...job.wire.environment,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

/** Sends the arguments to a child, and ignores the error when the child has already ended. */
async function feed(child: Deno.ChildProcess, { wire }: JobRecord): Promise<void> {
  const { args, kwargs } = wire;
  const request = new Blob([JSON.stringify({ args, kwargs: kwargs ?? {} })]);
  await request.stream().pipeTo(child.stdin).catch(() => {});
}

async function readLog(
  { platform: { options }, job: { log } }: Execution,
  pipe: ReadableStream<string>,
): Promise<void> {
  const add = (line: string) => log.push({ date: toDate(options.now()), log: line });
  let rest = "";
  for await (const piece of pipe) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    lines.forEach(add);
  }
  if (rest) add(rest);
}

/** Reads the rest of the pipes, for a limited time. */
async function drain(reading: readonly Promise<void>[], late: AbortController): Promise<void> {
  const timer = setTimeout(() => late.abort(), DRAIN_MS);
  await Promise.allSettled(reading);
  clearTimeout(timer);
}

/** Reads the result file; undefined when the process was killed before it wrote one. */
async function readOutcome(folder: string, code: number): Promise<Ended> {
  const text = await Deno.readTextFile(`${folder}/outcome.json`).catch(() => undefined);
  if (text === undefined) {
    return { status: "failure", exitCode: code, reason: `The process exited with code ${code}` };
  }
  const { reason, statistics } = JSON.parse(text);
  return { status: code === 0 ? "success" : "failure", exitCode: code, reason, statistics };
}

async function keep(execution: Execution, outcome: Outcome): Promise<Outcome> {
  const { platform: { blobs, faults }, job, owner: { wire }, folder } = execution;
  if (outcome.status !== "success") return outcome;
  const result = await Deno.readFile(`${folder}/result`).catch(() => undefined);
  if (result && result.length > MAX_RESULT) {
    const reason = `The result of ${result.length} bytes exceeds ${MAX_RESULT} bytes`;
    return { ...outcome, status: "failure", exitCode: 1, reason };
  }
  const isLost = faults.take("lose", wire.name);
  const late = faults.take("late", wire.name), cut = faults.take("cut", wire.name);
  if (result && !isLost) {
    blobs.set(resultKey(wire.namespace, job), result.slice(0, cut?.bytes), late?.ms);
  }
  return outcome;
}
