/**
 * Slurm's reasons for waiting, in words.
 *
 * @module
 */

import { isLimitOfJob } from "./run_slurm.ts";

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
  BadConstraints:
    "no node has the requested memory, CPUs or features, ask for less or change the " +
    "constraint",
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
    return "a limit of the account or QOS is reached, it starts after other jobs end, or never if " +
      "it asks for more than the limit: sacctmgr show qos lists the limits";
  }
  if (/held/i.test(reason)) return "it is held, release it with scontrol release";
  return "see the reason codes in man squeue";
}
