/**
 * Moves a job to another engine. What the job has done stays, and the rest runs on the new engine.
 *
 * @module
 */

import { loadConfig, parseOption } from "../../config/load.ts";
import type { Config, ConfigInput } from "../../config/config.ts";
import { type EngineName, loadEngine } from "../../engines/mod.ts";
import { directoryOf, jobIdOf } from "../../job_dir/layout.ts";
import { appendControl, readControl } from "../../job_dir/control.ts";
import { type Holder, holderOf } from "../../job_dir/lock.ts";
import { ENGINES_WITH_OPTIONS } from "../../config/options.ts";
import { type EngineRecord, type JobRecord, readRecord } from "../../job_dir/record.ts";
import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";
import { cancelJob } from "../steer/cancel.ts";
import { checkPace } from "../options/rate_keys.ts";
import { checkInline, checkSandbox } from "../options/option_rules.ts";
import { checkWorkers } from "../options/worker_count.ts";
import { limitRemote, recordSettings } from "../options/settings.ts";

/** The options of a job that a later run may change, without those that only an engine has. */
const RUN_OPTIONS = [
  ...["workers", "concurrency", "chunk", "tasksPerWorker", "cpus", "gpus"] as const,
  ...["timeout", "memory", "grace", "rate", "maxAttempts", "retry", "backoff"] as const,
  ...["final", "halt"] as const,
];

/**
 * The engine to which a job moves, and options of the rest of the job. An omitted option has the
 * value of the job's own option.
 */
export interface MoveOptions extends
  Partial<
    Pick<
      ConfigInput,
      | "engine"
      | "ssh"
      | "kubernetes"
      | "slurm"
      | "compute"
      | "workers"
      | "concurrency"
      | "chunk"
      | "tasksPerWorker"
      | "cpus"
      | "gpus"
      | "timeout"
      | "memory"
      | "grace"
      | "rate"
      | "maxAttempts"
      | "retry"
      | "backoff"
      | "final"
      | "halt"
    >
  > {
  /** True to end the tasks that run, instead of waiting for them. @default {false} */
  readonly isNow?: boolean | undefined;
}

/** The names of the options of a move. */
export const MOVE_NAMES: readonly string[] = [
  "engine",
  ...ENGINES_WITH_OPTIONS,
  ...RUN_OPTIONS,
  "isNow",
];

/**
 * Returns the record of a job after a move.
 *
 * @returns the same record when the job is already there.
 * @throws {UsageError} when the job cannot run on the engine, or an option is invalid.
 */
export async function movedRecord(
  folder: string,
  record: JobRecord,
  move: MoveOptions,
): Promise<JobRecord> {
  const named = await parseOption("engine", move.engine ?? record.engine, "--engine");
  const engine = named as EngineName;
  checkOptions(move, engine);
  const options = await movedOptions(folder, record, move, engine);
  const isSame = (key: keyof Config) => isEqual(options[key], record.options[key]);
  const isThere = engine === record.engine && ENGINES_WITH_OPTIONS.every(isSame);
  if (isThere && RUN_OPTIONS.every(isSame)) return record;
  const moved = isThere
    ? { ...record, options }
    : { ...record, engine, options, engines: enginesOf(record, engine) };
  await checkMoved(moved);
  return moved;
}

/**
 * Asks for the options of a move again, when changes of these options still wait to be applied. The
 * changes were asked for earlier.
 *
 * @param record the record after the move
 */
export function outdateChanges(
  folder: string,
  record: JobRecord,
  move: MoveOptions,
): void {
  const { controlled = 0, options } = record, { lines } = readControl(folder, controlled);
  const isPending = (name: keyof Config) => lines.some(({ set = {} }) => name in set);
  const names = RUN_OPTIONS.filter((name) => move[name] !== undefined && isPending(name));
  if (names.length === 0) return;
  const set = Object.fromEntries(names.map((name) => [name, options[name]]));
  appendControl(folder, { set }, record);
}

/** Lists the engines of a job after a move. */
function enginesOf(
  { engine: name, engines, started }: JobRecord,
  next: EngineName,
): readonly EngineRecord[] {
  const past = engines ?? [{ name, since: started }];
  return [...past, { name: next, since: new Date().toISOString() }];
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function checkOptions(move: MoveOptions, engine: EngineName): void {
  const other = ENGINES_WITH_OPTIONS.find((name) => move[name] !== undefined && name !== engine);
  if (other === undefined) return;
  throw new UsageError(
    `Cannot use --${other} with the engine ${engine}: pass --engine ${other}, or leave it out`,
  );
}

/** The options of the new engine come from the move, the current configuration, or the record. */
async function movedOptions(
  folder: string,
  { options }: JobRecord,
  move: MoveOptions,
  engine: EngineName,
): Promise<Config> {
  const own = ENGINES_WITH_OPTIONS.find((name) => name === engine);
  const parse = (name: string, value: unknown) =>
    parseOption(name, value, `--${name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`);
  const changed: Record<string, unknown> = { ...options, engine };
  for (const name of RUN_OPTIONS) {
    if (move[name] !== undefined) changed[name] = await parse(name, move[name]);
  }
  if (own === undefined) return changed as unknown as Config;
  if (move[own] !== undefined) changed[own] = await parse(own, move[own]);
  else {
    const { values, sources } = await loadConfig({ cwd: directoryOf(folder) });
    if (sources[own] !== "default" && move.engine !== undefined) changed[own] = values[own];
  }
  return changed as unknown as Config;
}

/** Checks that an engine can run a job, as at the start of a job. */
async function checkMoved(record: JobRecord): Promise<void> {
  const settings = recordSettings(record), { engine, function: target, options } = record;
  if (target !== "function") limitRemote(settings, target);
  checkInline(options, engine);
  checkPace(options, engine);
  checkWorkers(options, engine);
  await checkSandbox(options, engine);
  if (typeof target === "object" && "command" in target) {
    const { checkCommand } = await import("../program/command.ts");
    // The warnings about a command are those of the job's start.
    await checkCommand(target, settings, () => {});
  }
  (await loadEngine(engine)).check?.(options);
}

/** The caller of a move. */
interface Mover {
  /** Shows the user a line of text. */
  readonly say: (text: string) => void;
  /** Aborted when the user ends the move. */
  readonly stop: AbortSignal;
}

/**
 * Waits until no process runs a job: its running tasks end, or are ended with `isNow`.
 *
 * @throws {UsageError} when the user ends the wait, or only the process can read the job's list.
 */
export async function freeJob(folder: string, { isNow }: MoveOptions, mover: Mover): Promise<void> {
  const holder = holderOf(folder);
  if (holder) checkList(folder, holder);
  if (isNow) await endNow(folder, mover);
  else if (holder) await untilFree(folder, holder, mover);
}

function checkList(folder: string, { pid }: Holder): void {
  const { source, isRead } = readRecord(folder), id = jobIdOf(folder);
  if (source.kind !== "stream" || isRead) return;
  throw new UsageError(
    `Cannot move job ${id}: its list comes through a pipe or from a program, which only process ` +
      `${pid} reads, wait for its end or give up the rest of the list with dl_jobs cancel ${id}`,
  );
}

/** Ends what runs. A place that does not answer cannot keep the job. */
async function endNow(folder: string, { say }: Mover): Promise<void> {
  const { engine } = readRecord(folder);
  try {
    const { wasRunning } = await cancelJob(folder);
    // The process may have left tasks on other machines.
    if (wasRunning) await (await loadEngine(engine)).cancel?.(folder);
  } catch (error) {
    say(
      `Warning: tasks on ${engine} may still run, but their results are not used: ` +
        (error as Error).message,
    );
  }
}

const POLL_MS = 100;

async function untilFree(
  folder: string,
  { pid, host }: Holder,
  { say, stop }: Mover,
): Promise<void> {
  say(`Waiting for process ${pid} on ${host} to finish the running tasks; --now ends them`);
  let asked: string | undefined;
  for (let holder; (holder = holderOf(folder));) {
    // Another process may have taken the lock. The pid is 0 until it has written its own.
    if (holder.pid > 0 && holder.since !== asked) {
      asked = holder.since;
      const leave = { pid: holder.pid, since: asked };
      appendControl(folder, { leave }, readRecord(folder));
    }
    await delay(POLL_MS, [stop]);
    if (!stop.aborted) continue;
    throw new UsageError(
      `Cannot move job ${jobIdOf(folder)}: it was stopped while process ${pid} was running the ` +
        `job, see dl_jobs status ${jobIdOf(folder)}`,
    );
  }
}
