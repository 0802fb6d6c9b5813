/**
 * What `sbatch` is told: its options, and the script that it runs for each element of an array.
 *
 * @module
 */

import type { EngineContext } from "../engine.ts";
import { UsageError } from "../../util/errors.ts";
import { launch } from "../../worker/command.ts";
import { countOf } from "../shared/task_ranges.ts";
import { complaint, runSlurm } from "./commands.ts";
import type { ElementSettings, WaveRecord } from "./job_array.ts";

/** The option `slurm` of a job, read. */
export interface SlurmSettings {
  /** How many workers one element has; each has the CPUs and GPUs of a task. */
  readonly workers: number;
  /** How many elements may run at a time, where that is limited. */
  readonly parallelism?: number;
  /** What an image is run by. */
  readonly container: "none" | "apptainer" | "pyxis";
  /** Folders that a container sees, as `from:to`. */
  readonly mounts?: string;
  /** The program `deno` on the nodes. */
  readonly deno: string;
  /** Options that `sbatch` is given as they stand. */
  readonly extra: readonly string[];
  /** Options of ours that this site refuses. */
  readonly skip: readonly string[];
  /** All other options of `sbatch`, by their long names. */
  readonly options: Readonly<Record<string, string>>;
}

/** One array to be submitted. */
export interface Submission {
  readonly name: string;
  /** The folder of the array. */
  readonly wave: string;
  readonly elements: number;
  readonly slurm: SlurmSettings;
  readonly settings: ElementSettings;
  readonly context: Pick<EngineContext, "cpus" | "gpus" | "image">;
  /** How many tasks an element has at the most. */
  readonly tasks: number;
}

// What the engine itself must say.
const OURS = [
  ...["array", "parsable", "job-name", "output", "error", "open-mode", "export", "export-file"],
  ...["requeue", "no-requeue", "wrap", "signal", "wait", "input", "test-only", "ntasks"],
];
/** Options of a job that say the same for all engines. */
const ELSEWHERE: Readonly<Record<string, string>> = { "cpus-per-task": "cpus", gpus: "gpus" };

const CONTAINERS = ["none", "apptainer", "pyxis"] as const;
// As long as Slurm may be early with its signal.
const LEAD_S = 60;
const MIB = 2 ** 20;
// What the element itself needs beside its workers.
const OVERHEAD = 256 * MIB;

/**
 * Reads the option `slurm`: names of our own, and any long option of `sbatch`.
 *
 * @throws {UsageError} on a value that is none, and on options that the engine itself sets.
 */
export function parseSettings(given: Readonly<Record<string, string>>): SlurmSettings {
  const { workers, parallelism, container = "none", mounts, deno, extra, skip, ...rest } = given;
  const named = Object.entries(rest).map(([name, value]) =>
    [name.replaceAll("_", "-"), value] as const
  );
  for (const [name] of named) checkName(name);
  if (!(CONTAINERS as readonly string[]).includes(container)) {
    throw wrong("container", container, `one of ${CONTAINERS.join(", ")}`);
  }
  return {
    workers: wholeNumber("workers", workers) ?? 1,
    ...optional("parallelism", wholeNumber("parallelism", parallelism)),
    container: container as SlurmSettings["container"],
    ...optional("mounts", mounts),
    deno: deno ?? Deno.execPath(),
    // Commas also stand within options.
    extra: extra ? extra.split(/,(?=-)/).map((option) => option.trim()) : [],
    skip: skip ? skip.split(",").map((name) => name.trim().replace(/^-+/, "")) : [],
    options: Object.fromEntries(named),
  };
}

function checkName(name: string): void {
  if (OURS.includes(name)) {
    throw new UsageError(`Cannot use ${name} in the option slurm: dl_jobs itself sets it`);
  }
  if (name in ELSEWHERE) {
    const own = ELSEWHERE[name];
    throw new UsageError(
      `Cannot use ${name} in the option slurm: use the option ${own} of the job`,
    );
  }
  if (!/^[a-z][\w-]*$/i.test(name)) {
    throw new UsageError(`Cannot use "${name}" in the option slurm: it is no option of sbatch`);
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw wrong(name, text, "a whole number of at least 1");
}

function wrong(name: string, value: string, what: string): UsageError {
  return new UsageError(`Cannot use "${value}" as ${name} in the option slurm: write ${what}`);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [Key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [Key in K]?: V };
}

/** What `sbatch` is called with. */
export function sbatchArgs(submission: Submission): string[] {
  const { slurm: { skip, extra, options } } = submission;
  const own = { ...ownOptions(submission), ...options };
  const named = Object.entries(own).filter(([name]) => !skip.includes(name));
  return [...named.map(([name, value]) => asFlag(name, value)), ...extra];
}

function ownOptions(
  { name, wave, elements, slurm, settings, context, tasks }: Submission,
): Record<string, string> {
  const { workers, parallelism, container, mounts } = slurm;
  const memory = settings.memory && Math.ceil((settings.memory * workers + OVERHEAD) / MIB);
  const minutes = slurm.options.time ? undefined : minutesOf(settings, tasks);
  return {
    parsable: "true",
    "job-name": name,
    array: `0-${elements - 1}${parallelism ? `%${parallelism}` : ""}`,
    output: `${wave}/logs/%a.log`,
    // One that is begun again must not take away what is there.
    "open-mode": "append",
    // Lost tasks are submitted again by us, and by us alone.
    "no-requeue": "true",
    // Nothing of this process's environment travels, least of all its secrets.
    export: "NIL",
    ntasks: "1",
    "cpus-per-task": String(Math.max(1, Math.ceil(context.cpus * workers))),
    ...context.gpus > 0 ? { gres: `gpu:${context.gpus * workers}` } : {},
    ...memory ? { mem: `${memory}M` } : {},
    ...minutes ? { time: String(minutes) } : {},
    ...minutes || slurm.options.time ? { signal: `B:USR2@${LEAD_S}` } : {},
    ...container === "pyxis" ? { "container-image": context.image } : {},
    ...container === "pyxis" && mounts ? { "container-mounts": mounts } : {},
  };
}

/** How long an element may take in which every task takes all the time it may. */
function minutesOf(
  { timeout, workers, concurrency }: ElementSettings,
  tasks: number,
): number | undefined {
  if (!timeout) return undefined;
  const rounds = Math.ceil(tasks / workers / concurrency);
  return Math.ceil((rounds * timeout / 1000 + 2 * LEAD_S) / 60) + 1;
}

function asFlag(name: string, value: string): string {
  if (value === "true") return `--${name}`;
  return name.length === 1 ? `-${name}${value}` : `--${name}=${value}`;
}

/** The script that runs an element. */
export function scriptOf({ wave, slurm, context }: Submission, program: string): string {
  const { args } = launch(program, {
    permissions: ["--allow-all"],
    options: JSON.stringify({ wave }),
  });
  const command = [slurm.deno, ...args].map(quote).join(" ");
  const cache = Deno.env.get("DENO_DIR");
  return `#!/bin/sh
# One element of the array: the tasks of the slice that has its number.
export PATH="\${PATH:-/usr/local/bin:/usr/bin:/bin}"
export HOME="\${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
export NO_COLOR=1
${cache ? `export DENO_DIR=${quote(cache)}\n` : ""}exec ${container(slurm, context)}${command}
`;
}

function container({ container, mounts }: SlurmSettings, context: Submission["context"]): string {
  if (container !== "apptainer") return "";
  const binds = mounts ? `--bind ${quote(mounts)} ` : "";
  return `apptainer exec ${context.gpus > 0 ? "--nv " : ""}${binds}${quote(context.image)} `;
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Why a submission was refused, and what that means. */
export interface Refusal {
  /** Try again when others have ended, try again soon, or never. */
  readonly kind: "full" | "busy" | "wrong";
  readonly message: string;
}

/** Submits an array, and gives its id, or why there is none. */
export async function submitArray(
  args: readonly string[],
  script: string,
): Promise<{ readonly array: string } | Refusal> {
  const answer = await runSlurm("sbatch", args, script);
  const array = answer.code === 0 ? parseArray(answer.stdout) : undefined;
  return array ? { array } : { kind: refusalKind(answer.stderr), message: complaint(answer) };
}

/** The id in what `sbatch --parsable` says, whatever a site says around it. */
export function parseArray(stdout: string): string | undefined {
  return stdout.split("\n").findLast((line) => /^\d+(;\S+)?$/.test(line.trim()))?.trim();
}

/** What it means that `sbatch` said so. */
export function refusalKind(stderr: string): Refusal["kind"] {
  const full =
    /submit limit|MaxSubmit|QOSMaxSubmit|AssocMaxSubmit|slurm temporarily.*full|MaxJobCount/i;
  if (full.test(stderr)) return "full";
  const busy =
    /timed? ?out|unable to contact|connect failure|connection refused|temporarily unable|try again|slurm backup controller/i;
  return busy.test(stderr) ? "busy" : "wrong";
}

/** What is asked of the cluster for an array. */
export function submissionOf(
  { name, wave, settings, elements }: WaveRecord & { wave: string },
  slurm: SlurmSettings,
  context: EngineContext,
  parallelism: number | undefined,
): Submission {
  const sizes = elements.map(countOf);
  return {
    ...{ name, wave, settings, context, elements: elements.length },
    slurm: { ...slurm, ...parallelism ? { parallelism } : {} },
    tasks: Math.max(...sizes),
  };
}
