/**
 * What `sbatch` is told: its options, and the script that it runs for each element of an array.
 *
 * @module
 */

import { workerCommand } from "../../worker/command.ts";
import type { EngineContext } from "../engine.ts";
import { countTasks } from "../shared/task_ranges.ts";
import { complaint, runSlurm } from "./commands.ts";
import type { ElementSettings, WaveRecord } from "./job_array.ts";
import type { SlurmSettings } from "./options.ts";

// As long as Slurm may be early with its signal.
const LEAD_S = 60;
const MIB = 2 ** 20;
// What the element itself needs beside its workers.
const OVERHEAD = 256 * MIB;

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
  const { args } = workerCommand(program, {
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

function container(
  { container, mounts }: SlurmSettings,
  context: Submission["context"],
): string {
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
  const sizes = elements.map(countTasks);
  return {
    ...{ name, wave, settings, context, elements: elements.length },
    slurm: { ...slurm, ...parallelism ? { parallelism } : {} },
    tasks: Math.max(...sizes),
  };
}
