/**
 * The programs of Slurm: how they are called, and what their answers mean.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";

/** What a program answered. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What Slurm says of one element of an array. */
export interface Seen {
  /** Slurm's own word, such as `NODE_FAIL`. */
  readonly state: string;
  /** Why it waits, or where it runs. */
  readonly reason: string;
}

/** Where a state leads: an unknown one never means that anything has ended. */
export type Phase = "waiting" | "running" | "ended" | "unknown";

// A controller that is busy may let a program wait for long.
const PATIENCE_MS = 120_000;

/**
 * Runs a program of Slurm.
 *
 * @throws {UsageError} when there is no such program.
 */
export async function runSlurm(
  command: string,
  args: readonly string[],
  script = "",
): Promise<Answer> {
  const process = spawn(command, args);
  const writer = process.stdin.getWriter();
  // One that ends at once does not read it.
  writer.write(new TextEncoder().encode(script)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function spawn(command: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env: cleanEnv(Deno.env.toObject()),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE_MS),
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

/** Within a job of Slurm its variables would be taken for options. */
function cleanEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const isOption = (name: string) => /^(SLURM|SRUN|SBATCH|SQUEUE|SACCT|SCANCEL)_/.test(name);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name === "SLURM_CONF" || !isOption(name)),
  );
}

/** The first thing that a program complained of, in one line. */
export function complaint({ stderr, stdout }: Answer): string {
  const lines = `${stderr}\n${stdout}`.split("\n").map((line) => line.trim()).filter(Boolean);
  const errors = lines.filter((line) => /error|fail|invalid|unable/i.test(line));
  return (errors.length > 0 ? errors : lines).map((line) => line.replace(/^\w+: (error: )?/, ""))
    .slice(0, 2).join("; ") || "it says nothing";
}

/** An id as `sbatch --parsable` gives it, and where Slurm has several clusters, which one. */
export function clusterArgs(array: string): string[] {
  const cluster = array.split(";")[1];
  return cluster ? [`--clusters=${cluster}`] : [];
}

/** What Slurm calls an array, without its cluster. */
export function arrayId(array: string): string {
  return array.split(";")[0]!;
}

/**
 * How the elements of arrays stand, by `<array>_<index>`; nothing when Slurm does not answer. It
 * forgets those that ended some minutes ago.
 */
export async function queue(arrays: readonly string[]): Promise<Map<string, Seen> | undefined> {
  const seen = new Map<string, Seen>();
  for (const [cluster, ids] of byCluster(arrays)) {
    const answer = await runSlurm("squeue", [
      ...["--noheader", "--array", "--states=all", `--jobs=${ids.join()}`],
      ...["--format=%i|%T|%r|%N", ...cluster],
    ]);
    // All of them may be too old.
    if (answer.code !== 0 && !answer.stderr.includes("Invalid job id")) return undefined;
    for (const [id, see] of parseRows(answer.stdout)) seen.set(id, see);
  }
  return seen;
}

/** How elements ended, from the accounting, where a cluster has one. */
export async function accounts(arrays: readonly string[]): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  for (const [cluster, ids] of byCluster(arrays)) {
    const answer = await runSlurm("sacct", [
      // Without a start it begins at midnight.
      ...["-X", "-P", "-n", "--starttime=now-30days", `--jobs=${ids.join()}`],
      ...["--format=JobID,State,Reason,NodeList", ...cluster],
    ]).catch(() => undefined);
    if (answer?.code !== 0) continue;
    for (const [id, see] of parseRows(answer.stdout)) seen.set(id, see);
  }
  return seen;
}

function byCluster(arrays: readonly string[]): [args: string[], ids: string[]][] {
  const groups = Map.groupBy(arrays, (array) => clusterArgs(array).join());
  return [...groups].map(([arg, all]) => [arg ? [arg] : [], all.map(arrayId)]);
}

/** The rows `id|state|reason|nodes` of an answer, whatever stands around them. */
export function parseRows(text: string): [id: string, seen: Seen][] {
  return text.split("\n").flatMap((line) => {
    const [id = "", state = "", reason = "", nodes = ""] = line.split("|");
    const word = /^[A-Z_]+/.exec(state)?.[0];
    if (!word || !/^\d+_\d+$/.test(id)) return [];
    return [[id, { state: word, reason: nodes && reason === "None" ? nodes : reason }]];
  });
}

/** The id of the array that is called so, if the cluster knows one. */
export async function findArray(name: string): Promise<string | undefined> {
  const queued = await runSlurm("squeue", [
    ...["--noheader", "--states=all", `--name=${name}`, "--format=%F"],
  ]);
  const ids = /^\d+$/m.exec(queued.stdout);
  if (ids) return ids[0];
  const past = await runSlurm("sacct", [
    ...["-X", "-P", "-n", "--starttime=now-30days", `--name=${name}`, "--format=JobID"],
  ]).catch(() => undefined);
  return /^(\d+)_/m.exec(past?.stdout ?? "")?.[1];
}

/** Ends arrays, or what of them only waits; what is not there is no failure. */
export async function cancelArrays(
  arrays: readonly string[],
  args: readonly string[] = [],
): Promise<void> {
  for (const [cluster, ids] of byCluster(arrays)) {
    await runSlurm("scancel", ["--quiet", ...args, ...cluster, ...ids]);
  }
}

/** How many elements an array may have, and how many CPUs there are for it. */
export async function clusterSize(
  partition: string | undefined,
): Promise<{ maxElements: number; cpus: number }> {
  const [config, info] = await Promise.all([
    runSlurm("scontrol", ["show", "config"]),
    runSlurm("sinfo", ["--noheader", "--format=%C|%P", ...partition ? ["-p", partition] : []]),
  ]);
  const max = /^MaxArraySize\s*=\s*(\d+)/m.exec(config.stdout)?.[1];
  // Allocated, idle, other, total; the default partition has a star.
  const rows = [...info.stdout.matchAll(/^\d+\/\d+\/\d+\/(\d+)\|(\S+)/gm)];
  const cpus = (rows.find(([, , name]) => name!.endsWith("*")) ?? rows[0])?.[1];
  return { maxElements: Number(max ?? 1001), cpus: Number(cpus ?? 64) };
}

const PHASES: Readonly<Record<Exclude<Phase, "unknown">, readonly string[]>> = {
  waiting: [
    ...["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT"],
    ...["RESV_DEL_HOLD", "POWER_UP_NODE", "EXPEDITING"],
  ],
  running: [
    ...["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING", "STAGE_OUT"],
    ...["UPDATE_DB"],
  ],
  ended: [
    ...["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "DEADLINE", "NODE_FAIL", "PREEMPTED"],
    ...["OUT_OF_MEMORY", "BOOT_FAIL", "REVOKED", "LAUNCH_FAILED", "RECONFIG_FAIL"],
  ],
};

/** Where a state of Slurm leads. */
export function phaseOf(state: string): Phase {
  const found = Object.entries(PHASES).find(([, states]) => states.includes(state));
  return found ? found[0] as Phase : "unknown";
}

/** Why an element waits, in words: what it means, what to do, and whether waiting is in vain. */
export interface Waiting {
  readonly text: string;
  /** Nothing is wrong: others are served first. */
  readonly isUsual: boolean;
  readonly isInVain: boolean;
}

// What Slurm calls a reason, what it means, and what to do.
const IN_VAIN: Readonly<Record<string, string>> = {
  PartitionConfig: "no node of the partition has what was asked for, ask for fewer CPUs, less " +
    "memory or another partition",
  BadConstraints: "no node has what was asked for, ask for less or change the constraint",
  PartitionTimeLimit: "it asks for more time than the partition gives, set time or partition",
  PartitionNodeLimit: "it asks for more nodes than the partition gives, set another partition",
  AccountNotAllowed: "the partition is not for this account, set account or partition",
  InvalidAccount: "there is no such account, set account",
  InvalidQOS: "there is no such QOS for this account, set qos",
  QOSNotAllowed: "the partition is not for this QOS, set qos or partition",
  DependencyNeverSatisfied: "what it depends on will never be so, change the dependency",
};

const IN_TIME: Readonly<Record<string, string>> = {
  ReqNodeNotAvail: "nodes that it needs are down, drained or reserved, sinfo shows which",
  PartitionDown: "the partition is closed, use another one or wait for its administrators",
  PartitionInactive: "the partition is closed, use another one or wait for its administrators",
  JobHeldAdmin: "an administrator holds it: ask why, only they can release it",
  JobHeldUser: "it is held, scontrol release lets it go",
  Reservation: "its reservation has not begun",
  BeginTime: "it may not begin yet",
  Licenses: "it waits for a license",
  Resources: "it waits for free nodes",
  Priority: "others are before it",
  Dependency: "it waits for another job",
};

/** What it means that an element waits for a reason; nothing for those that soon pass. */
export function explain(reason: string): Waiting | undefined {
  const known = (table: Readonly<Record<string, string>>) =>
    Object.entries(table).find(([word]) => reason.startsWith(word))?.[1];
  const inVain = known(IN_VAIN);
  const isUsual = /^(Resources|Priority)/.test(reason);
  const words = inVain ?? known(IN_TIME) ?? limitText(reason);
  return words
    ? { text: `${reason}: ${words}`, isUsual, isInVain: inVain !== undefined }
    : undefined;
}

function limitText(reason: string): string | undefined {
  if (reason === "None" || reason === "") return undefined;
  if (/^(QOS|Assoc|MaxJobs|MaxCpu)/.test(reason)) {
    return "a limit of the account or QOS is reached, it goes on when other jobs have ended";
  }
  if (/held/i.test(reason)) return "it is held, scontrol release lets it go";
  return "Slurm's manual of squeue says what that means";
}
