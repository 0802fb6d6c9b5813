/**
 * Calls run methods in Python. A process calls the method, and sends a description of each job that
 * the method returns.
 *
 * @module
 */

import { runMethodProgram } from "../../bundle/python/run_method_program.ts";
import { findInterpreter } from "../../bundle/function/interpreter.ts";
import { scanModule } from "../../bundle/python/scan.ts";
import { projectFolder } from "../../bundle/function/resolve.ts";
import type { Config } from "../../config/config.ts";
import type { FunctionRef } from "../../job_dir/record.ts";
import { read } from "../../ndjson/read.ts";
import { UsageError } from "../../util/errors.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { exitStatusOf } from "../../util/process/process_status.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { awaitSharedSignal } from "../../util/process/shared_signal.ts";
import { makeSocketFolder } from "../../util/files/socket_folder.ts";
import { selfCommand } from "../../worker/command.ts";
import type { JobOptions } from "../options/options.ts";
import { describedJob } from "./python_job.ts";

/** A call of a run method. */
export interface RunMethodCall {
  /** The name of the method, as the user wrote it. */
  readonly name: string;
  readonly location: FunctionRef;
  readonly config: Config;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Ends the process when aborted. */
  readonly stop?: AbortSignal | undefined;
}

/** A line that the process sends. */
type Answer =
  /** The description of a job. The process may wait until the job has ended. */
  | { readonly job: unknown; readonly waits: boolean }
  | { readonly error: string; readonly isUsage: boolean };

/**
 * Calls a Python run method.
 *
 * @returns the options of the jobs. A generator in Python continues when the next job is requested.
 * @throws {UsageError} when the method does not exist, cannot be called so, or returns no job.
 * @throws {Error} when the method fails; the message contains its traceback.
 */
export async function* callPython(call: RunMethodCall): AsyncGenerator<JobOptions> {
  const python = findInterpreter(call.config.python, call.location.module);
  await scanModule(call.location, python);
  const folder = makeSocketFolder();
  try {
    yield* await callIn(folder, python, call);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function* callIn(
  folder: string,
  python: readonly string[],
  call: RunMethodCall,
): AsyncGenerator<JobOptions> {
  const path = `${folder}/socket`, program = `${folder}/run_method.py`;
  await Deno.writeTextFile(program, await runMethodProgram());
  using listener = Deno.listen({ transport: "unix", path });
  const child = startPython(python, [program, path]);
  const end = () => sendSignal(child, "SIGTERM");
  call.stop?.addEventListener("abort", end);
  try {
    const status = exitStatusOf(child), ended = status.then(() => undefined);
    using connection = await Promise.race([listener.accept(), ended]);
    if (connection) yield* talk(connection, requestOf(call, folder));
    const { success, code, signal } = await status;
    if (success) return;
    await awaitSharedSignal(call.stop);
    if (call.stop?.aborted) return;
    throw new Error(`${call.name} failed: its process ended with ${signal ?? `status ${code}`}`);
  } finally {
    call.stop?.removeEventListener("abort", end);
    end();
  }
}

/** Starts the process with the terminal of the user. */
function startPython([program = "", ...words]: readonly string[], args: string[]) {
  const command = JSON.stringify([Deno.execPath(), ...selfCommand([])]);
  return new Deno.Command(program, {
    args: [...words, ...args],
    // Jobs that the method runs itself use this command and this interpreter.
    env: { _DL_JOBS_COMMAND: command },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

function requestOf({ name, location, config, args, kwargs }: RunMethodCall, folder: string) {
  const { module, method } = location, file = fromFileUrl(module);
  const roots = [Deno.cwd(), projectFolder()], options = optionsFor(config);
  return { name, file, method, roots, args, kwargs, options, folder };
}

/** Returns the options that a run method receives where it declares them. */
function optionsFor(config: Config): Readonly<Record<string, unknown>> {
  const { cpus, gpus, cpuJob, cpuImage, gpuImage, noisy } = config;
  const named = { cpu_job: cpuJob, cpu_image: cpuImage, gpu_image: gpuImage };
  return { cpus, gpus, noisy, ...named, args_list: [] };
}

/** Sends the request, and yields the jobs in the answers. */
async function* talk(
  connection: Deno.UnixConn,
  request: ReturnType<typeof requestOf>,
): AsyncGenerator<JobOptions> {
  await send(connection, JSON.stringify(request));
  for await (const answer of read<Answer>(connection.readable)) {
    if ("error" in answer) throw new (answer.isUsage ? UsageError : Error)(answer.error);
    yield describedJob(answer.job, openList);
    // The status of a process that has died tells more than this error.
    if (answer.waits) await send(connection, "").catch(() => {});
  }
}

/** Opens a list, which remains readable when its folder is removed. A resumed job calls again. */
function openList(path: string): ReadableStream<Uint8Array> {
  return Deno.openSync(path).readable;
}

async function send(connection: Deno.UnixConn, line: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
