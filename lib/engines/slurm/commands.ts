/**
 * Runs Slurm's programs, and parses their output.
 *
 * @see https://slurm.schedmd.com/man_index.html
 *
 * @module
 */

import { messageOf, UsageError } from "../../util/errors.ts";
import { startLimitOf } from "../../util/process/refused_start.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { cleanEnv, sbatchDefaults } from "./environment.ts";

/** The output of a program. */
export interface CommandOutput {
  /** The exit code. */
  readonly code: number;
  /** The text on stdout. */
  readonly stdout: string;
  /** The text on stderr. */
  readonly stderr: string;
}

/** Slurm's report on an array task. */
export interface SlurmState {
  /** The name of the state, such as `NODE_FAIL`. */
  readonly state: string;
  /** The reason why the array task is waiting, or the nodes on which it runs. */
  readonly reason: string;
}

/** The phase of a state. An unknown state never means that an array task has ended. */
export type Phase = "waiting" | "running" | "ended" | "unknown";

/** Settings of {@linkcode runSlurm}. */
export interface SlurmProgramOptions {
  /** The text that the program reads from stdin. @default {""} */
  readonly script?: string;
  /** The longest time that the program may run, in milliseconds. @default {120_000} */
  readonly limitMs?: number | undefined;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the program when it prints such an error, after which it only waits. */
  readonly lastWords?: RegExp | undefined;
}

// A busy Slurm controller may take minutes to answer.
const PATIENCE_MS = 120_000;
// Someone waits for the end of a job, which its array tasks also learn from a file.
const CANCEL_MS = 30_000;
// The exit codes of a shell for a program that it cannot start, and for one that was ended.
const NOT_STARTED = 126, ENDED = 143;

/**
 * Runs a program of Slurm. A program that cannot be started or that runs too long has an exit code
 * and an error text, too, because the next call may succeed.
 *
 * @returns the exit code and the output of the program.
 * @throws {UsageError} when the program is not on the PATH.
 */
export async function runSlurm(
  command: string,
  args: readonly string[],
  options: SlurmProgramOptions = {},
): Promise<CommandOutput> {
  try {
    return await outputOf(spawn(command, args), command, options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const limit = startLimitOf(error);
    const stderr = limit === undefined ? messageOf(error) : `Cannot start ${command}: ${limit}`;
    return { code: NOT_STARTED, stdout: "", stderr };
  }
}

async function outputOf(
  process: Deno.ChildProcess,
  command: string,
  { script = "", limitMs = PATIENCE_MS, signal, lastWords }: SlurmProgramOptions,
): Promise<CommandOutput> {
  const writer = process.stdin.getWriter();
  // The write fails when the program exits without reading its stdin.
  writer.write(new TextEncoder().encode(script)).then(() => writer.close()).catch(() => {});
  const end = Promise.withResolvers<CommandOutput>();
  const stop = (stderr: string) => {
    killGroup(process);
    // A child in another group may hold the output open.
    end.resolve({ code: ENDED, stdout: "", stderr });
  };
  const late = `${command} timed out after ${formatDuration(limitMs)}`;
  const timer = setTimeout(() => stop(late), limitMs);
  const onAbort = () => stop("it was ended");
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  const output = Promise.all([
    process.status,
    textOf(process.stdout),
    textOf(process.stderr, (text) => void (lastWords?.test(text) && stop(text))),
  ]).then(([{ code }, stdout, stderr]) => ({ code, stdout, stderr }));
  try {
    return await Promise.race([output, end.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function spawn(command: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env: envOf(command, args),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // Ctrl-C in a terminal must not end sbatch before its answer, and a program may be a script,
      // whose children end with it.
      detached: true,
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot run on Slurm: there is no ${command} on the PATH, log in to a node of the cluster ` +
        "that has it or use --engine local",
      { cause },
    );
  }
}

async function textOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  look?: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    look?.(text);
  }
  return text;
}

function killGroup({ pid }: Deno.ChildProcess): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // The program has ended.
  }
}

function envOf(command: string, args: readonly string[]): Record<string, string> {
  const env = Deno.env.toObject();
  return { ...cleanEnv(env), ...command === "sbatch" ? sbatchDefaults(env, args) : {} };
}

// The limits on one job, which no end of other jobs changes.
const LIMIT_OF_A_JOB = /PerJob|PerNode|NotSatisfied|(QOS|Assoc)Min|MaxMemPerLimit/;

/** Returns true for a text about a limit on each job of an account or QOS. */
export function isLimitOfJob(text: string): boolean {
  return LIMIT_OF_A_JOB.test(text);
}

// What to do after a refusal, by words of Slurm's messages.
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    LIMIT_OF_A_JOB,
    "ask for what a job may have, or set account or qos: sacctmgr show qos lists the limits",
  ],
  // Without a cluster's configuration, Slurm's programs print only errors about DNS.
  [/configuration source/, "check that `sbatch` works on this machine"],
  [/invalid partition/i, "sinfo lists the partitions for --slurm partition=NAME"],
  [/invalid account|invalid qos/i, "sacctmgr show assoc user=$USER lists yours"],
  [
    /memory specification|node configuration/i,
    "no node has this much: sinfo -o '%P %c %m' shows the CPUs and the MB of memory of nodes",
  ],
  [/requested time limit/i, "sinfo lists the longest times for --slurm time=TIME"],
  [
    /reservation is invalid/i,
    "scontrol show reservation lists those for --slurm reservation=NAME",
  ],
  [/feature specification/i, "sinfo -o '%P %f' lists those for --slurm constraint=NAME"],
  [/node name specified/i, "sinfo -N lists the nodes"],
  [/\(gres\) specification/i, "sinfo -o '%P %G' lists the GPUs and the like of nodes"],
  [/license specification/i, "scontrol show licenses lists them"],
  [/unrecognized option/i, "man sbatch lists the names for --slurm NAME=VALUE"],
  [
    /unable to contact|connect failure|connection refused/i,
    "Slurm's controller is not running or not reachable: try again later, or use --engine local",
  ],
  [/timed out/i, "Slurm's controller is busy: try again later, or use --engine local"],
];

/** Returns the first two errors that a program printed, on one line, with advice. */
export function complaint({ stderr, stdout }: CommandOutput): string {
  const lines = `${stderr}\n${stdout}`.split("\n").map((line) => line.trim()).filter(Boolean);
  const errors = lines.filter((line) => /error|fail|invalid|unable/i.test(line));
  const text = (errors.length > 0 ? errors : lines)
    .map((line) => line.replace(/^\w+: (error: )?/, "")).slice(0, 2).join("; ");
  const advice = ADVICE.find(([words]) => words.test(stderr))?.[1];
  return (text || "it printed nothing") + (advice === undefined ? "" : `, ${advice}`);
}

/** Returns the option that selects an array's cluster; `sbatch` prints the cluster after the id. */
function clusterArgs(array: string): string[] {
  const cluster = array.split(";")[1];
  return cluster ? [`--clusters=${cluster}`] : [];
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
  options: SlurmProgramOptions = {},
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
  options: SlurmProgramOptions = {},
): Promise<Map<string, SlurmState>> {
  const states = new Map<string, SlurmState>();
  for (const [cluster, ids] of byCluster(arrays)) {
    const answer = await runSlurm("sacct", [
      "-X",
      "-P",
      "-n",
      // By default, sacct reports only jobs since midnight.
      "--starttime=now-30days",
      `--jobs=${ids.join()}`,
      "--format=JobID,State,Reason,NodeList",
      ...cluster,
    ], options).catch(() => undefined);
    if (answer?.code !== 0) continue;
    for (const [id, state] of parseRows(answer.stdout)) states.set(id, state);
  }
  return states;
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
    return [[id, { state: word, reason: nodes && reason === "None" ? nodes : reason }]];
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
  const others = clusters === undefined ? [] : [`--clusters=${clusters}`];
  const queued = await runSlurm("squeue", [
    "--noheader",
    "--states=all",
    `--name=${name}`,
    "--format=%F",
    ...others,
  ]);
  if (queued.code !== 0) {
    throw new UsageError(`Cannot look for the array ${name} in Slurm: ${complaint(queued)}`);
  }
  const id = parseFound(queued.stdout);
  if (id !== undefined) return id;
  const past = await runSlurm("sacct", [
    "-X",
    "-P",
    "-n",
    "--starttime=now-30days",
    `--name=${name}`,
    "--format=JobID,Cluster",
    ...others,
  ]).catch(() => undefined);
  const [, found, cluster] = /^(\d+)_[^|]*\|(\S*)/m.exec(past?.stdout ?? "") ?? [];
  return found && clusters !== undefined && cluster ? `${found};${cluster}` : found;
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
    if (answer.code === 0 || /invalid job id|already/i.test(answer.stderr)) continue;
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

/**
 * Queries the size limit of job arrays and the number of CPUs.
 *
 * @param partition the partition whose CPUs are counted; `undefined` for the default partition
 * @param clusters the clusters to which arrays are submitted. @default {the usual one}
 */
export async function clusterSize(
  partition: string | undefined,
  clusters?: string,
): Promise<{ readonly maxArraySize: number; readonly cpus: number }> {
  const others = clusters === undefined ? [] : [`--clusters=${clusters}`];
  const answers = await Promise.all([
    ...configArgs(clusters).map((args) => runSlurm("scontrol", args)),
    runSlurm("sinfo", [
      "--noheader",
      "--format=%C|%P",
      ...partition ? ["-p", partition] : [],
      ...others,
    ]),
  ]);
  const configs = answers.slice(0, -1), info = answers.at(-1)!;
  const max = Math.min(...configs.map(({ stdout }) => largestArray(stdout)));
  // The numbers are allocated, idle, other and total CPUs; a star marks the default partition.
  const rows = [...info.stdout.matchAll(/^\d+\/\d+\/\d+\/(\d+)\|(\S+)/gm)];
  const cpus = (rows.find(([, , name]) => name!.endsWith("*")) ?? rows[0])?.[1];
  return { maxArraySize: max, cpus: Number(cpus ?? 64) };
}

/** Returns the arguments of `scontrol`, which accepts only one cluster, for each of some clusters. */
function configArgs(clusters: string | undefined): string[][] {
  const each = clusters?.split(",").map((cluster) => [`--clusters=${cluster}`]) ?? [[]];
  return each.map((args) => [...args, "show", "config"]);
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

/** An explanation of why an array task is waiting. */
export interface Waiting {
  /** Slurm's name for the reason, the meaning, and a remedy. */
  readonly text: string;
  /** True when the array task only waits for its turn. */
  readonly isUsual: boolean;
  /** True when the array task can never run. */
  readonly isInVain: boolean;
}

// https://slurm.schedmd.com/job_reason_codes.html
const IN_VAIN: Readonly<Record<string, string>> = {
  PartitionConfig:
    "no node of the partition has the requested resources, ask for fewer CPUs, less " +
    "memory or another partition",
  BadConstraints: "no node has the requested features, ask for less or change the constraint",
  PartitionTimeLimit: "it asks for more time than the partition allows, set time or partition",
  PartitionNodeLimit: "it asks for more nodes than the partition allows, set another partition",
  AccountNotAllowed: "this account may not use the partition, set account or partition",
  InvalidAccount: "there is no such account, set account",
  InvalidQOS: "this account does not have the QOS, set qos",
  QOSNotAllowed: "this QOS may not use the partition, set qos or partition",
  ReservationDeleted: "its reservation was deleted, set another reservation",
  DependencyNeverSatisfied: "its dependency can never be satisfied, change the dependency",
};

const IN_TIME: Readonly<Record<string, string>> = {
  ReqNodeNotAvail: "required nodes are down, drained or reserved; sinfo lists them",
  "Nodes required for job are DOWN": "sinfo lists the states of the nodes",
  JobArrayTaskLimit: "as many array tasks run as the job allows",
  PartitionDown: "the partition is closed, use another one or wait until it opens",
  PartitionInactive: "the partition is closed, use another one or wait until it opens",
  JobHeldAdmin: "an administrator holds it, ask them to release it",
  JobHeldUser: "it is held, release it with scontrol release",
  Reservation: "its reservation has not started yet",
  BeginTime: "its start time has not been reached",
  Licenses: "it waits for a license",
  Resources: "it waits for free nodes",
  Priority: "jobs with a higher priority run first",
  Dependency: "it waits for another job",
};

/**
 * Explains Slurm's reason for waiting; returns `undefined` when Slurm reports no reason.
 *
 * @param options `isPaused` is true when dl_jobs itself holds the array
 */
export function explain(reason: string, { isPaused = false } = {}): Waiting | undefined {
  if (isPaused && reason === "JobHeldUser") {
    return { text: "paused: dl_jobs continue lets them start", isUsual: true, isInVain: false };
  }
  const known = (table: Readonly<Record<string, string>>) =>
    Object.entries(table).find(([word]) => reason.startsWith(word))?.[1];
  const inVain = known(IN_VAIN) ?? (isLimitOfJob(reason) ? LIMIT_TEXT : undefined);
  const isUsual = /^(Resources|Priority|JobArrayTaskLimit)/.test(reason);
  const words = inVain ?? known(IN_TIME) ?? limitText(reason);
  return words
    ? { text: `${reason}: ${words}`, isUsual, isInVain: inVain !== undefined }
    : undefined;
}

const LIMIT_TEXT =
  "it does not fit a limit of the account or QOS on each job, ask for what a job " +
  "may have, or set account or qos: sacctmgr show qos lists the limits";

function limitText(reason: string): string | undefined {
  if (reason === "None" || reason === "") return undefined;
  // The time that running jobs have reserved is free after they end, and that which was used is not.
  if (/Grp(?!\w*RunMin)\w*(Minutes|Wall)/.test(reason)) {
    return "the account or QOS has used up its time, set another one or ask for more time";
  }
  if (/^(QOS|Assoc|MaxJobs|MaxCpu)/.test(reason)) {
    return "a limit of the account or QOS is reached, it starts after other jobs end";
  }
  if (/held/i.test(reason)) return "it is held, release it with scontrol release";
  return "see the reason codes in man squeue";
}
