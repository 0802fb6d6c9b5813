/**
 * The options of the engine `compute`: a table, and checks against the platform's machine sizes.
 *
 * @module
 */

import { IMAGES } from "../../compat/image_keys.ts";
import {
  type GivenTexts,
  invalidValue,
  namesOutside,
  readTable,
} from "../../config/option_table.ts";
import type { OptionSpec } from "../../config/option_types.ts";
import { UsageError } from "../../util/errors.ts";
import type { EngineContext } from "../engine.ts";

/** The platform's limit and the default for the number of concurrent platform jobs. */
const MAX_CONCURRENCY = 1000, USUAL_CONCURRENCY = 100;

/** The options of the engine. */
export const COMPUTE_OPTIONS = [
  {
    name: "image",
    type: "text",
    default: null,
    doc: "Container image of the platform; without it, python3.12:latest.",
    example: "python3.11:latest",
  },
  {
    name: "cpus",
    type: "text",
    label: "N",
    default: null,
    doc:
      "Number of CPUs of a platform job: 0.25, 0.5, 1, 2, 4, 8 or 16; without it, the smallest " +
      "that fits a task, from 1.",
    example: "2",
  },
  {
    name: "memory",
    type: "text",
    label: "SIZE",
    default: null,
    doc: "Memory of a platform job, in MB or such as 8GB; the sizes depend on cpus. " +
      "Without it, the smallest size that fits the workers.",
    example: "8GB",
  },
  {
    name: "workers",
    type: "integer",
    default: null,
    min: 1,
    limit: 1_000,
    doc: "Number of workers in a platform job; without it, as many as fit on its CPUs.",
    example: "8",
  },
  {
    name: "maximum_concurrency",
    type: "integer",
    default: null,
    min: 1,
    max: MAX_CONCURRENCY,
    doc: "Number of platform jobs that run at a time, up to 1000; without it, as many as " +
      "--workers needs, or 100.",
    example: "50",
  },
  {
    name: "timeout",
    type: "integer",
    default: 3600,
    min: 60,
    limit: 30 * 86_400,
    doc: "Time limit of a platform job, in seconds.",
    example: "3600",
  },
  {
    name: "retry_count",
    type: "integer",
    default: 0,
    min: 0,
    limit: 1_000,
    doc: "Number of times that the platform retries a failed platform job.",
    example: "3",
  },
  {
    name: "tags",
    type: "list",
    default: [],
    doc: "Tags to add to the platform jobs.",
    example: "spring,2026",
  },
  {
    name: "deno",
    type: "text",
    default: null,
    doc: "Version of Deno on the platform; without it, the version on this machine.",
    example: "2.9.6",
  },
  {
    name: "poll",
    type: "duration",
    default: "1s",
    doc: "Shortest time between two polls of the platform jobs.",
    example: "10s",
  },
  {
    name: "result_wait",
    type: "duration",
    default: "1m",
    doc: "Time for which a missing result of a platform job is requested again; then it is lost.",
    example: "1m",
  },
  {
    name: "delete_function",
    type: "boolean",
    default: false,
    doc: "Delete the function at the end of a job when it has no other platform jobs.",
  },
] as const satisfies readonly OptionSpec[];

/** The parsed option `compute` of a job. */
export interface ComputeSettings {
  /** The container image of the platform. */
  readonly image: string;
  /** The number of CPUs of a platform job. */
  readonly cpus: number;
  /** The memory of a platform job, in MB. */
  readonly memory: number;
  /** The number of workers in a platform job. */
  readonly workers: number;
  /** The number of platform jobs that may run concurrently. */
  readonly maximumConcurrency: number;
  /** The time limit of a platform job, in seconds. */
  readonly timeout: number;
  /** The number of times that the platform retries a failed platform job. */
  readonly retryCount: number;
  /** The user's tags for the platform jobs. */
  readonly tags: readonly string[];
  /** The version of Deno on the platform. */
  readonly deno: string;
  /** The shortest time between two polls of the platform jobs, in milliseconds. */
  readonly pollMs: number;
  /** The time for which a missing result is requested again, in milliseconds. */
  readonly resultWaitMs: number;
  /** True to delete an unused function at the end of a job. */
  readonly deleteFunction: boolean;
  /** Warnings for the user about values that were replaced or may be refused. */
  readonly warnings: readonly string[];
}

/** The fields of a job's context from which the settings are derived. */
export type ComputeContext = Pick<
  EngineContext,
  "settings" | "cpus" | "gpus" | "image" | "workers" | "memory"
>;

/** The parsed values of the option table. */
type ComputeValues = ReturnType<typeof readValues>;

const GB = 1024, MB_BYTES = 2 ** 20;

/** The memory sizes that the platform offers for each number of CPUs, in MB. */
const MEMORY: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [512, GB, 2 * GB]],
  [0.5, steps(1, 4, 1)],
  [1, steps(1, 8, 1)],
  [2, steps(4, 16, 1)],
  [4, steps(8, 30, 1)],
  [8, steps(16, 60, 4)],
  [16, steps(32, 120, 8)],
]);

function steps(from: number, to: number, by: number): number[] {
  const count = Math.floor((to - from) / by) + 1;
  return Array.from({ length: count }, (_, i) => (from + i * by) * GB);
}

/** The versions of Python for which the platform has images, oldest first. */
const PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"];
const DEFAULT_IMAGE = "python3.12:latest";
/** The memory of the program that starts the workers, in MB. */
const OVERHEAD = 256;

/** Options of the old service, each with a hint for the user. */
const OLD_KEYS: Readonly<Record<string, string>> = {
  task_timeout: "use timeout, in seconds",
  labels: "use tags",
  gpus: "the platform has no GPUs, use --engine slurm or local",
  minimum_concurrency: "the platform does not keep idle machines, leave it out",
  minimum_seconds: "the platform does not keep idle machines, leave it out",
  include_modules: "use the option modules of the job",
  include_data: "use the option data of the job",
  requirements: "use the option requirements of the job",
  environment: "use the option env",
};

/**
 * Parses the option `compute` of a job, and derives absent settings from the resources of a task.
 *
 * @returns the settings, with defaults for absent options.
 *
 * @example
 * ```ts
 * import { parseComputeOptions } from "./options.ts";
 *
 * const { memory } = parseComputeOptions({ settings: { cpus: "2" }, cpus: 1, gpus: 0, image: "" });
 * if (memory !== 4096) throw new Error(`${memory} MB`);
 * ```
 *
 * @throws {UsageError} on an invalid value, or a value that the platform does not offer.
 */
export function parseComputeOptions(context: ComputeContext): ComputeSettings {
  for (const key of namesOutside(COMPUTE_OPTIONS, context.settings)) throw unknownKey(key);
  checkGpus(context.gpus);
  const values = readValues(context.settings);
  const warnings: string[] = [];
  const { cpus, memory, workers } = sizeOf(context, values, warnings);
  return {
    cpus,
    memory,
    workers,
    image: imageOf(values.image ?? context.image, warnings),
    maximumConcurrency: concurrencyOf(context, values, workers),
    timeout: values.timeout,
    retryCount: values.retryCount,
    tags: values.tags.flatMap((text) => text.split(/\s+/)),
    deno: values.deno ?? Deno.version.deno,
    pollMs: values.poll,
    resultWaitMs: values.resultWait,
    deleteFunction: values.deleteFunction,
    warnings,
  };
}

function readValues(settings: GivenTexts) {
  return readTable(COMPUTE_OPTIONS, settings, "compute");
}

function unknownKey(key: string): UsageError {
  const names = COMPUTE_OPTIONS.map(({ name }) => name).join(", ");
  const hint = Object.hasOwn(OLD_KEYS, key) ? OLD_KEYS[key] : `write one of ${names}`;
  return new UsageError(`Cannot use ${key} in the option compute: ${hint}`);
}

function checkGpus(gpus: number): void {
  if (gpus === 0) return;
  throw new UsageError(
    "Cannot give a task GPUs with --engine compute: the platform has none, use --engine slurm " +
      "or local, or set gpus to 0",
  );
}

function sizeOf(
  { cpus: each, memory: bytes }: ComputeContext,
  values: ComputeValues,
  warnings: string[],
): Pick<ComputeSettings, "cpus" | "memory" | "workers"> {
  const cpus = values.cpus === undefined ? leastCpus(each) : knownCpus(values.cpus);
  const workers = values.workers ?? Math.max(1, Math.floor(cpus / (each || cpus)));
  const least = bytes ? Math.ceil(bytes / MB_BYTES) * workers + OVERHEAD : 0;
  const memory = values.memory === undefined
    ? leastMemory(cpus, least)
    : parseMemory(values.memory);
  checkPair(cpus, memory, warnings);
  return { cpus, memory, workers };
}

function leastCpus(cpus: number): number {
  const found = [...MEMORY.keys()].find((one) => one >= cpus && one >= 1);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot give a task ${cpus} CPUs with --engine compute: a platform job has at most ` +
      `${Math.max(...MEMORY.keys())}, set cpus to less`,
  );
}

function leastMemory(cpus: number, least: number): number {
  const allowed = usualMemory(cpus);
  const found = allowed.find((memory) => memory >= least);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot give ${least} MB to a platform job with cpus=${cpus}: it has at most ` +
      `${allowed.at(-1)} MB, ask for more CPUs with --compute cpus=N or for less memory`,
  );
}

/**
 * Returns the memory sizes for a number of CPUs, in MB. Omits 1 GB for 1 CPU, because only one of
 * the platform's two lists contains this size.
 */
function usualMemory(cpus: number): readonly number[] {
  const allowed = MEMORY.get(cpus) ?? [];
  return cpus === 1 ? allowed.slice(1) : allowed;
}

function knownCpus(text: string): number {
  const cpus = parseCpus(text);
  if (MEMORY.has(cpus)) return cpus;
  throw invalidValue("compute", "cpus", text, `one of ${[...MEMORY.keys()].join(", ")}`);
}

function checkPair(cpus: number, memory: number, warnings: string[]): void {
  if (!MEMORY.get(cpus)?.includes(memory)) {
    throw new UsageError(
      `Cannot use ${memory} MB with cpus=${cpus} in the option compute: write a memory of ` +
        usualMemory(cpus).map(memoryText).join(", "),
    );
  }
  if (cpus === 1 && memory === GB) {
    warnings.push("1 CPU with 1 GB may be refused by the platform: use memory=2GB");
  }
}

function memoryText(mb: number): string {
  return mb < GB ? `${mb}MB` : `${mb / GB}GB`;
}

/** Parses a number of CPUs in the notation of the platform's own clients, such as `8VCPUs`. */
export function parseCpus(text: string): number {
  return Number(text.replace(/[^\d.]/g, ""));
}

/**
 * Parses an amount of memory in the notation of the platform's own clients, such as `2048`, `2GB` or
 * `1.5Gi`.
 *
 * @returns the memory in MB, rounded down.
 * @throws {UsageError} on any other notation.
 */
export function parseMemory(text: string): number {
  const plain = text.replace(/\s/g, "").toUpperCase();
  const [, number, unit] = /^(\d+(?:\.\d+)?)(MB|MI|GB|GI|)$/.exec(plain) ?? [];
  if (number === undefined) throw invalidValue("compute", "memory", text, "MB or GB, such as 4GB");
  return Math.floor(Number(number) * (unit!.startsWith("G") ? GB : 1));
}

function imageOf(wanted: string, warnings: string[]): string {
  const isOld = /(?:tasks\/public|^us\.gcr\.io)/.test(wanted);
  if (!isOld) return wanted || DEFAULT_IMAGE;
  // The default of the option cpu_image causes no warning, because the user did not choose it.
  if (wanted === IMAGES.py36) return DEFAULT_IMAGE;
  const isPython3 = /\/py3/.test(wanted);
  const nearest = isPython3 ? `python${PYTHONS[0]}:latest` : DEFAULT_IMAGE;
  warnings.push(`the image ${wanted} existed only on the old service: ${nearest} is used`);
  return nearest;
}

function concurrencyOf(
  { workers: wanted }: ComputeContext,
  { maximumConcurrency }: ComputeValues,
  workers: number,
): number {
  const needed = wanted ? Math.ceil(wanted / workers) : USUAL_CONCURRENCY;
  const most = maximumConcurrency ?? MAX_CONCURRENCY;
  return wanted || maximumConcurrency === undefined ? Math.min(needed, most) : most;
}
