/**
 * The options of `sbatch`, and the script that Slurm runs for each task of an array.
 *
 * @see https://slurm.schedmd.com/sbatch.html
 *
 * @module
 */

import { shellWord } from "../../util/shell.ts";
import { workerCommand } from "../../worker/command.ts";
import type { Refusal } from "../batch/backend.ts";
import type { EngineContext } from "../engine.ts";
import { countTasks } from "../shared/task_ranges.ts";
import { hasNoJobs } from "./commands.ts";
import { complaint, isLimitOfJob, isLimitOfUser, isLimitOnUse, runSlurm } from "./run_slurm.ts";
import type { ArraySettings, JobArrayRecord } from "./job_array.ts";
import { excludedNodes, isSet, isSwitchedOff, type SlurmSettings } from "./options.ts";

// Slurm may send the signal up to 60 seconds early.
const LEAD_S = 60;
const MIB = 2 ** 20;
// The memory that an array task needs in addition to its workers, in bytes.
const OVERHEAD = 256 * MIB;

/** An array to submit. */
export interface ArrayJob {
  /** The name of the array in Slurm. */
  readonly name: string;
  /** The folder of the array's files. */
  readonly dir: string;
  /** The number of array tasks. */
  readonly size: number;
  /** The option `slurm` of the job. */
  readonly slurm: SlurmSettings;
  /** The settings of the array's tasks. */
  readonly settings: ArraySettings;
  /** The resources of a task, and the container image. */
  readonly context: Pick<EngineContext, "cpus" | "gpus" | "image">;
  /** The number of tasks in the largest slice. */
  readonly tasks: number;
  /** The time limit of the partition, in minutes; absent without a limit. */
  readonly mostMinutes?: number | undefined;
  /** The nodes that are left out because they start no array task. @default {none} */
  readonly leftOut?: readonly string[] | undefined;
}

/** Returns the arguments of `sbatch` for an array. */
export function sbatchArgs(array: ArrayJob): string[] {
  const { slurm: { skip, extra, options }, leftOut = [] } = array;
  const own = Object.entries(ownOptions(array)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  );
  const all: Record<string, string> = { ...Object.fromEntries(own), ...options };
  // The user's other resources do not replace the GPUs of the job.
  const gpus = own.find(([name]) => name === "gres")?.[1], { gres } = options;
  if (gpus && gres && !/\bgpu\b/.test(gres)) all.gres = `${gpus},${gres}`;
  const named = Object.entries(all).filter(([name, value]) =>
    !skip.includes(name) && !isSwitchedOff(name, value)
  );
  const args = [...named.map(([name, value]) => asFlag(name, value)), ...extra];
  // The last of several values is the one that Slurm uses.
  const nodes = [excludedNodes(array.slurm) ?? [], ...leftOut].flat();
  return leftOut.length > 0 ? [...args, asFlag("exclude", nodes.join())] : args;
}

function ownOptions(
  { name, dir, size, slurm, settings, context, tasks, mostMinutes }: ArrayJob,
): Record<string, string | undefined> {
  const { workers, parallelism, container, mounts } = slurm;
  const memory = settings.memory && Math.ceil((settings.memory * workers + OVERHEAD) / MIB);
  const minutes = isSet(slurm, "time") ? undefined : minutesOf(settings, tasks, mostMinutes);
  return {
    parsable: "true",
    "job-name": name,
    array: `0-${size - 1}${parallelism ? `%${parallelism}` : ""}`,
    output: logPattern(dir),
    // A restarted array task must not truncate its log.
    "open-mode": "append",
    // The controller alone decides which tasks run again.
    "no-requeue": "true",
    // The environment may contain secrets, so Slurm must not pass it on.
    export: "NIL",
    ntasks: "1",
    "cpus-per-task": String(Math.max(1, Math.ceil(context.cpus * workers))),
    gres: context.gpus > 0 ? `gpu:${context.gpus * workers}` : undefined,
    // Slurm accepts only one of these options.
    mem: memory && !isSet(slurm, "mem-per-cpu") && !isSet(slurm, "mem-per-gpu")
      ? `${memory}M`
      : undefined,
    time: minutes ? String(minutes) : undefined,
    // Without a time limit of the job, that of the partition applies.
    signal: `B:USR2@${LEAD_S}`,
    "container-image": container === "pyxis" ? context.image : undefined,
    "container-mounts": container === "pyxis" ? mounts || undefined : undefined,
  };
}

/**
 * Returns the pattern of the logs' paths, in which Slurm replaces `%a`. After a backslash, Slurm
 * replaces nothing; the script opens its log itself, so only Slurm's own messages are lost.
 */
function logPattern(dir: string): string {
  return dir.includes("\\") ? "/dev/null" : `${dir.replaceAll("%", "%%")}/logs/%a.log`;
}

/**
 * Returns the time limit, in minutes, for an array task whose tasks all run to their timeout, at most
 * that of the partition; `undefined` without a timeout.
 */
function minutesOf(
  { timeout, workers, concurrency }: ArraySettings,
  tasks: number,
  most = Infinity,
): number | undefined {
  if (!timeout) return undefined;
  const rounds = Math.ceil(tasks / workers / concurrency);
  const minutes = Math.ceil((rounds * timeout / 1000 + 2 * LEAD_S) / 60) + 1;
  // The rest of a slice goes into another array, but a task needs its whole time in one.
  return timeout / 60_000 <= most ? Math.min(minutes, most) : minutes;
}

function asFlag(name: string, value: string): string {
  return value === "true" ? `--${name}` : `--${name}=${value}`;
}

/** Returns the script that runs an array task. */
export function scriptOf({ dir, slurm, context }: ArrayJob, program: string): string {
  const { args } = workerCommand(program, {
    permissions: ["--allow-all"],
    // Programs of version 0.1.0 read the same field name.
    options: JSON.stringify({ wave: dir }),
  });
  const command = [slurm.deno, ...args].map(shellWord).join(" ");
  const cache = Deno.env.get("DENO_DIR");
  const setup = slurm.setup ? `eval ${shellWord(slurm.setup)} || exit\n` : "";
  const log = `${shellWord(`${dir}/logs`)}/"$SLURM_ARRAY_TASK_ID".log`;
  return `#!/bin/sh
# One array task: it runs the slice of the tasks that has its number.
export PATH="\${PATH:-/usr/local/bin:/usr/bin:/bin}"
export HOME="\${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
export NO_COLOR=1
export DENO_NO_UPDATE_CHECK=1
${cache ? `export DENO_DIR=${shellWord(cache)}\n` : ""}exec >>${log} 2>&1
${setup}exec ${container(slurm, context)}${command}
`;
}

function container(
  { container, mounts }: SlurmSettings,
  context: ArrayJob["context"],
): string {
  if (container !== "apptainer") return "";
  const binds = mounts ? `--bind ${shellWord(mounts)} ` : "";
  return `apptainer exec ${context.gpus > 0 ? "--nv " : ""}${binds}${shellWord(context.image)} `;
}

// With as many jobs as the cluster accepts, sbatch itself tries again for many minutes.
const SLEEPS = /sleeping and retrying/i;

/** Submits an array, and returns its id or Slurm's refusal. */
export async function submitArray(
  args: readonly string[],
  script: string,
): Promise<{ readonly array: string } | Refusal> {
  const answer = await runSlurm("sbatch", args, { script, lastWords: SLEEPS });
  const array = answer.code === 0 ? parseArray(answer.stdout) : undefined;
  return array ? { array } : { kind: refusalKind(answer.stderr), message: complaint(answer) };
}

const NO_JOBS = "you have no job in the queue, so the limit allows none: set account or qos, " +
  "sacctmgr show assoc user=$USER lists yours";

/**
 * Submits an array of one task. A limit on the jobs of a user that refuses it although the user has
 * no job in the queue is permanent.
 *
 * @param clusters the clusters to which arrays are submitted. @default {the usual one}
 */
export async function submitLeast(
  args: readonly string[],
  script: string,
  clusters?: string,
): ReturnType<typeof submitArray> {
  const answer = await submitArray(args, script);
  if (!isUserFull(answer) || !await hasNoJobs(clusters)) return answer;
  // The last job of the user may have ended after the refusal.
  const again = await submitArray(args, script);
  return isUserFull(again) ? { kind: "invalid", message: `${again.message}; ${NO_JOBS}` } : again;
}

function isUserFull(answer: Awaited<ReturnType<typeof submitArray>>): answer is Refusal {
  return "kind" in answer && answer.kind === "full" && isLimitOfUser(answer.message);
}

/**
 * Parses the array's id from the output of `sbatch --parsable`. A site may add other lines to the
 * output.
 */
export function parseArray(stdout: string): string | undefined {
  return stdout.split("\n").findLast((line) => /^\d+(;\S+)?$/.test(line.trim()))?.trim();
}

/** Classifies a refusal by the error output of `sbatch`. */
export function refusalKind(stderr: string): Refusal["kind"] {
  // A QOS may also refuse a job that does not fit its other limits even alone.
  if (isLimitOfJob(stderr) || isLimitOnUse(stderr)) return "invalid";
  const full = /submit limit|MaxSubmit|GrpSubmit|unable to accept job|job queue full|MaxJobCount/i;
  if (full.test(stderr)) return "full";
  const busy =
    /timed? ?out|unable to contact|connect failure|connection refused|temporarily un|try again|slurm backup controller|^Cannot start /i;
  return busy.test(stderr) ? "busy" : "invalid";
}

/**
 * Returns the array to submit for a record.
 *
 * @param most `parallelism` is the number of array tasks that may run concurrently; when `undefined`,
 * the parallelism in `slurm` applies
 */
export function arrayJobOf(
  dir: string,
  { name, settings, elements }: JobArrayRecord,
  slurm: SlurmSettings,
  context: EngineContext,
  { parallelism, ...limits }: Pick<ArrayJob, "mostMinutes" | "leftOut"> & {
    readonly parallelism?: number | undefined;
  },
): ArrayJob {
  return {
    name,
    dir,
    settings,
    context,
    size: elements.length,
    slurm: { ...slurm, parallelism: parallelism ?? slurm.parallelism },
    tasks: Math.max(...elements.map(countTasks)),
    ...limits,
  };
}
