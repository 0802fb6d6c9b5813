/**
 * The commands of Slurm that the engine uses, and the parts of their output.
 *
 * @see https://slurm.schedmd.com/man_index.html
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { type CommandOutput, complaint, runSlurm, type SlurmProgramOptions } from "./run_slurm.ts";

/** Slurm's report on an array task. */
export interface SlurmState {
  /** The name of the state, such as `NODE_FAIL`. */
  readonly state: string;
  /** The reason why the array task is waiting, or the nodes on which it runs. */
  readonly reason: string;
  /** The nodes on which it runs or has run; absent before. */
  readonly nodes?: string | undefined;
}

/** The phase of a state. An unknown state never means that an array task has ended. */
export type Phase = "waiting" | "running" | "ended" | "unknown";

// Someone waits for the end of a job, which its array tasks also learn from a file.
const CANCEL_MS = 30_000;
const REUSED_MS = 10_000;

/** Returns the option that selects an array's cluster; `sbatch` prints the cluster after the id. */
function clusterArgs(array: string): string[] {
  return clustersArgs(array.split(";")[1]);
}

/** Returns the option that selects clusters; no option for the usual one. */
function clustersArgs(clusters: string | undefined): string[] {
  return clusters ? [`--clusters=${clusters}`] : [];
}

/** Returns the id of an array without the name of its cluster. */
export function arrayId(array: string): string {
  return array.split(";")[0]!;
}

/**
 * Queries the queue for the states of array tasks. Slurm removes an array task from the queue some
 * minutes after its end.
 *
 * @returns the states by `<array>_<index>`; `undefined` when Slurm does not answer.
 */
export async function queue(
  arrays: readonly string[],
  options: SlurmProgramOptions,
): Promise<Map<string, SlurmState> | undefined> {
  const states = new Map<string, SlurmState>();
  for (const [cluster, ids] of byCluster(arrays)) {
    const answer = await runSlurm("squeue", [
      "--noheader",
      "--array",
      "--states=all",
      `--jobs=${ids.join()}`,
      "--format=%i|%T|%r|%N",
      ...cluster,
    ], options);
    // Slurm reports ids as invalid after all their jobs have left the queue.
    if (answer.code !== 0 && !answer.stderr.includes("Invalid job id")) return undefined;
    for (const [id, state] of parseRows(answer.stdout)) states.set(id, state);
  }
  return states;
}

/**
 * Queries Slurm's accounting for the states of array tasks. The map is empty without accounting.
 */
export async function accounts(
  arrays: readonly string[],
  options: SlurmProgramOptions,
): Promise<Map<string, SlurmState>> {
  const states = new Map<string, SlurmState>();
  for (const [cluster, ids] of byCluster(arrays)) {
    const format = "--format=JobID,State,Reason,NodeList";
    const answer = await runAccounting([`--jobs=${ids.join()}`, format, ...cluster], options);
    if (answer?.code !== 0) continue;
    for (const [id, state] of parseRows(answer.stdout)) states.set(id, state);
  }
  return states;
}

/** Queries the accounting; returns `undefined` when this fails. */
async function runAccounting(
  args: readonly string[],
  options?: SlurmProgramOptions,
): Promise<CommandOutput | undefined> {
  // By default, sacct reports only jobs since midnight.
  const common = ["-X", "-P", "-n", "--starttime=now-30days"];
  return await runSlurm("sacct", [...common, ...args], options).catch(() => undefined);
}

function byCluster(arrays: readonly string[]): [args: string[], ids: string[]][] {
  const groups = Map.groupBy(arrays, (array) => clusterArgs(array).join());
  return [...groups].map(([arg, all]) => [arg ? [arg] : [], all.map(arrayId)]);
}

/** Parses output rows of the form `id|state|reason|nodes`, and skips all other lines. */
export function parseRows(text: string): [id: string, state: SlurmState][] {
  return text.split("\n").flatMap((line) => {
    const [id = "", state = "", reason = "", nodes = ""] = line.split("|");
    const word = /^[A-Z_]+/.exec(state)?.[0];
    if (!word || !/^\d+_\d+$/.test(id)) return [];
    if (nodes === "") return [[id, { state: word, reason }]];
    return [[id, { state: word, reason: reason === "None" ? nodes : reason, nodes }]];
  });
}

/**
 * Finds the id of an array by its name, in the queue or in the accounting of the last 30 days;
 * returns `undefined` when no array has the name.
 *
 * @param clusters the clusters to which the array may have been submitted. @default {the usual one}
 * @throws {UsageError} when Slurm does not answer, which does not mean that there is no array.
 */
export async function findArray(name: string, clusters?: string): Promise<string | undefined> {
  const queued = await runSlurm("squeue", [
    "--noheader",
    "--states=all",
    `--name=${name}`,
    "--format=%F",
    ...clustersArgs(clusters),
  ]);
  if (queued.code !== 0) {
    throw new UsageError(`Cannot look for the array ${name} in Slurm: ${complaint(queued)}`);
  }
  const id = parseFound(queued.stdout);
  if (id !== undefined) return id;
  const asked = [`--name=${name}`, "--format=JobID,Cluster", ...clustersArgs(clusters)];
  const past = await runAccounting(asked);
  const [, found, cluster] = /^(\d+)_[^|]*\|(\S*)/m.exec(past?.stdout ?? "") ?? [];
  return found && clusters !== undefined && cluster ? `${found};${cluster}` : found;
}

/**
 * Returns the ids of recorded arrays by their names. Looks up an array by its name when its record has
 * no id, or when the id now belongs to another job.
 *
 * @param clusters returns the clusters to which the arrays may have been submitted
 * @throws {UsageError} when Slurm does not answer for an array without an id.
 */
export async function findArrays(
  records: readonly { readonly name: string; readonly array?: string }[],
  clusters: () => string | undefined,
): Promise<Map<string, string>> {
  const known = new Map(records.flatMap(({ name, array }) => array ? [[array, name]] : []));
  const others = await reusedIds(known), ids = new Map<string, string>();
  for (const { name, array } of records) {
    const isOwn = array !== undefined && !others.has(array);
    const id = isOwn ? array : await findArray(name, clusters());
    if (id !== undefined) ids.set(name, id);
  }
  return ids;
}

/** Returns the ids that other jobs have now: a cluster that is set up again counts from 1. */
async function reusedIds(names: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
  const reused = new Set<string>();
  for (const [cluster, ids] of byCluster([...names.keys()])) {
    const args = ["--noheader", "--states=all", `--jobs=${ids.join()}`, "--format=%F|%j"];
    // Resuming a job does not need Slurm's answer.
    const { stdout } = await runSlurm("squeue", [...args, ...cluster], { limitMs: REUSED_MS });
    for (const [, id = "", name = ""] of stdout.matchAll(/^(\d+)\|(.*)$/gm)) {
      const array = [id, ...cluster.map((arg) => arg.replace("--clusters=", ""))].join(";");
      // A site may add to the names of jobs.
      if (names.has(array) && !name.includes(names.get(array)!)) reused.add(array);
    }
  }
  return reused;
}

/** Returns true when Slurm answers that the user has no job in the queue. */
export async function hasNoJobs(clusters?: string): Promise<boolean> {
  const args = ["--noheader", `--user=${Deno.uid()}`, "--format=%i", ...clustersArgs(clusters)];
  const { code, stdout } = await runSlurm("squeue", args);
  return code === 0 && stdout.trim() === "";
}

/** Returns the first id in the output of `squeue`, which names a cluster before its jobs. */
function parseFound(stdout: string): string | undefined {
  const [, cluster, id] = /(?:^CLUSTER: *(\S+)\n)?^(\d+)$/m.exec(stdout) ?? [];
  return cluster ? `${id};${cluster}` : id;
}

/**
 * Cancels arrays, and skips arrays that have already ended.
 *
 * @param args options of `scancel` that select among the array tasks
 * @returns a text about the arrays that Slurm has not canceled; `undefined` when there are none.
 */
export async function cancelArrays(
  arrays: readonly string[],
  args: readonly string[] = [],
): Promise<string | undefined> {
  let refusal: string | undefined;
  for (const [cluster, ids] of byCluster(arrays)) {
    const all = ["--quiet", ...args, ...cluster, ...ids];
    const answer = await runSlurm("scancel", all, { limitMs: CANCEL_MS });
    // With `--quiet`, it does not print the error about an array that has ended.
    const isSilent = answer.code === 1 && answer.stderr.trim() === "";
    if (answer.code === 0 || isSilent || /invalid job id|already/i.test(answer.stderr)) continue;
    refusal ??= `Slurm has not canceled job ${ids.join(" and ")}: ${complaint(answer)}`;
  }
  return refusal;
}

/**
 * Holds arrays that wait for nodes, or releases them.
 *
 * @returns the arrays for which Slurm has refused that.
 */
export async function holdArrays(arrays: readonly string[], isHeld: boolean): Promise<string[]> {
  const refused: string[] = [];
  for (const array of arrays) {
    const args = [...clusterArgs(array), isHeld ? "uhold" : "release", arrayId(array)];
    const { code } = await runSlurm("scontrol", args);
    if (code !== 0) refused.push(array);
  }
  return refused;
}

/**
 * Sets the number of tasks of an array that run at a time.
 *
 * @param most the number; `undefined` for no limit
 * @returns the reason of the first array for which Slurm has refused that; `undefined` for none
 */
export async function throttleArrays(
  arrays: readonly string[],
  most: number | undefined,
): Promise<string | undefined> {
  let refusal: string | undefined;
  for (const [cluster, ids] of byCluster(arrays)) {
    for (const id of ids) {
      const change = [`JobId=${id}`, `ArrayTaskThrottle=${most ?? 0}`];
      const { code, stderr } = await runSlurm("scontrol", [...cluster, "update", ...change]);
      if (code !== 0) refusal ??= stderr.trim().split("\n")[0] || `scontrol exited with ${code}`;
    }
  }
  return refusal;
}

/** The limits of a cluster that decide on the size of arrays. */
export interface ClusterSize {
  /** The most tasks of an array. */
  readonly maxArraySize: number;
  /** The CPUs of the partition. */
  readonly cpus: number;
  /** The time limit of the partition, in whole minutes; absent without a limit. */
  readonly mostMinutes?: number | undefined;
}

/**
 * Queries the size limit of job arrays, and the CPUs and the time limit of a partition.
 *
 * @param partition the partition; `undefined` for the default partition
 * @param clusters the clusters to which arrays are submitted. @default {the usual one}
 */
export async function clusterSize(
  partition: string | undefined,
  clusters?: string,
): Promise<ClusterSize> {
  const answers = await Promise.all([
    ...configArgs(clusters).map((args) => runSlurm("scontrol", args)),
    runSlurm("sinfo", [
      "--noheader",
      "--format=%C|%P|%l",
      ...partition ? ["-p", partition] : [],
      ...clustersArgs(clusters),
    ]),
  ]);
  const configs = answers.slice(0, -1), info = answers.at(-1)!;
  const max = Math.min(...configs.map(({ stdout }) => largestArray(stdout)));
  // The numbers are allocated, idle, other and total CPUs; a star marks the default partition.
  const rows = [...info.stdout.matchAll(/^\d+\/\d+\/\d+\/(\d+)\|([^|\s]+)\|?(\S*)/gm)];
  const [, cpus, , time = ""] = rows.find(([, , name]) => name!.endsWith("*")) ?? rows[0] ?? [];
  return { maxArraySize: max, cpus: Number(cpus ?? 64), mostMinutes: parseMinutes(time) };
}

/** Parses a time limit such as `1-12:00:00` or `30:00`; `undefined` without a limit. */
function parseMinutes(time: string): number | undefined {
  const [, days, hours, minutes] = /^(?:(\d+)-)?(?:(\d+):)?(\d+):\d+$/.exec(time) ?? [];
  if (minutes === undefined) return undefined;
  return (Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes) || undefined;
}

/** Returns the arguments of `scontrol`, which accepts only one cluster, for each of some clusters. */
function configArgs(clusters: string | undefined): string[][] {
  const each = clusters?.split(",") ?? [undefined];
  return each.map((cluster) => [...clustersArgs(cluster), "show", "config"]);
}

function largestArray(config: string): number {
  const number = (pattern: RegExp) => Number(pattern.exec(config)?.[1] ?? Infinity);
  const largestIndex = number(/^MaxArraySize\s*=\s*(\d+)/m);
  const mostTasks = number(/^SchedulerParameters\s*=.*\bmax_array_tasks=(\d+)/m);
  return Math.min(largestIndex === Infinity ? 1001 : largestIndex, mostTasks);
}

// https://slurm.schedmd.com/job_state_codes.html
const PHASES: ReadonlyMap<string, Phase> = new Map(
  ([
    ["PENDING CONFIGURING REQUEUED REQUEUE_FED REQUEUE_HOLD SPECIAL_EXIT", "waiting"],
    ["RESV_DEL_HOLD POWER_UP_NODE EXPEDITING", "waiting"],
    ["RUNNING COMPLETING SUSPENDED STOPPED SIGNALING RESIZING STAGE_OUT UPDATE_DB", "running"],
    ["COMPLETED FAILED CANCELLED TIMEOUT DEADLINE NODE_FAIL PREEMPTED OUT_OF_MEMORY", "ended"],
    ["BOOT_FAIL REVOKED LAUNCH_FAILED RECONFIG_FAIL", "ended"],
  ] as const).flatMap(([names, phase]) => names.split(" ").map((name) => [name, phase] as const)),
);

/** Returns the phase of a state, by the state's name. */
export function phaseOf(state: string): Phase {
  return PHASES.get(state) ?? "unknown";
}
