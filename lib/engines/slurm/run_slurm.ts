/**
 * One run of a program of Slurm, and what it complains about.
 *
 * @module
 */

import { messageOf, UsageError } from "../../util/errors.ts";
import { onAbort } from "../../util/on_abort.ts";
import { exitStatusOf } from "../../util/process/process_status.ts";
import { startLimitOf } from "../../util/process/refused_start.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { writeStdin } from "../../util/process/write_stdin.ts";
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
  writeStdin(process, script);
  const end = Promise.withResolvers<CommandOutput>();
  const stop = (stderr: string) => {
    sendSignal(-process.pid, "SIGKILL");
    // A child in another group may hold the output open.
    end.resolve({ code: ENDED, stdout: "", stderr });
  };
  const late = `${command} timed out after ${formatDuration(limitMs)}`;
  const timer = setTimeout(() => stop(late), limitMs);
  const cancel = () => stop("it was ended");
  using _aborted = signal && onAbort(signal, cancel);
  if (signal?.aborted) cancel();
  const output = Promise.all([
    exitStatusOf(process),
    textOf(process.stdout),
    textOf(process.stderr, (text) => void (lastWords?.test(text) && stop(text))),
  ]).then(([{ code }, stdout, stderr]) => ({ code, stdout, stderr }));
  try {
    return await Promise.race([output, end.promise]);
  } finally {
    clearTimeout(timer);
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

function envOf(command: string, args: readonly string[]): Record<string, string> {
  const env = Deno.env.toObject();
  return { ...cleanEnv(env), ...command === "sbatch" ? sbatchDefaults(env, args) : {} };
}

// The limits on one job, which no end of other jobs changes.
const LIMIT_OF_A_JOB = /PerJob|PerNode|NotSatisfied|(QOS|Assoc)Min|MaxMemPerLimit/;

// The limits on what jobs use, and not on their number.
const LIMIT_ON_USE = /\b(?:QOS|Assoc)(?!\w*Submit)\w+Limit\b/;

/** Returns true for a text about a limit on the number of jobs that one user may submit. */
export function isLimitOfUser(text: string): boolean {
  return /AssocMaxSubmitJobLimit|QOSMaxSubmitJobPerUserLimit/.test(text);
}

/** Returns true for a text about a limit on what the jobs of an account or QOS use. */
export function isLimitOnUse(text: string): boolean {
  return LIMIT_ON_USE.test(text);
}

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
  [
    LIMIT_ON_USE,
    "a limit of the account or QOS: ask for less, or set account or qos: sacctmgr show qos lists " +
    "the limits",
  ],
  // Without a cluster's configuration, Slurm's programs print only errors about DNS.
  [/configuration source/, "check that `sbatch` works on this machine"],
  [
    /invalid partition|no partition specified/i,
    "sinfo lists the partitions for --slurm partition=NAME",
  ],
  [/invalid account|invalid qos/i, "sacctmgr show assoc user=$USER lists yours"],
  [
    /memory specification|node configuration/i,
    "no node has this much: sinfo -o '%P %c %m' shows the CPUs and the MB of memory of nodes",
  ],
  [/--time specification/i, "write minutes, or a time such as 2:00:00 or 1-12:00:00 with days"],
  [/time limit specification required/i, "set it with --slurm time=TIME"],
  [/requested time limit/i, "sinfo lists the longest times for --slurm time=TIME"],
  [
    /reservation is invalid/i,
    "scontrol show reservation lists those for --slurm reservation=NAME",
  ],
  [/feature specification/i, "sinfo -o '%P %f' lists those for --slurm constraint=NAME"],
  [/node name specified/i, "sinfo -N lists the nodes"],
  [/\(gres\) specification/i, "sinfo -o '%P %G' lists the GPUs and the like of nodes"],
  [/license specification/i, "scontrol show licenses lists them"],
  [
    /job array specification/i,
    "scontrol show config shows MaxArraySize, which must be above 0 for job arrays",
  ],
  [/unrecognized option/i, "man sbatch lists the names for --slurm NAME=VALUE"],
  [
    /unable to contact|connect failure|connection refused/i,
    "Slurm's controller is not running or not reachable: try again later, or use --engine local",
  ],
  [/timed out/i, "Slurm's controller is busy: try again later, or use --engine local"],
];

/** Returns the first two errors that a program printed, on one line, with advice. */
export function complaint({ code, stderr, stdout }: CommandOutput): string {
  const lines = `${stderr}\n${stdout}`.split("\n").map((line) => line.trim()).filter(Boolean);
  const errors = lines.filter((line) => /error|fail|invalid|unable/i.test(line));
  const shown = (errors.length > 0 ? errors : lines).slice(0, 2);
  // Each program puts its name first: `sbatch: error: ...`.
  const text = shown.map((line) => line.replace(/^\w+: (error: )?/, "")).join("; ") ||
    `it printed nothing and ended with exit status ${code}`;
  const advice = ADVICE.find(([words]) => words.test(stderr))?.[1];
  return advice === undefined ? text : `${text}, ${advice}`;
}
