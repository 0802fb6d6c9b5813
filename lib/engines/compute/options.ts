/**
 * What a job asks of the platform, and what the platform has.
 *
 * @module
 */

import { IMAGES } from "../../config/options.ts";
import type { EngineContext } from "../engine.ts";
import { UsageError } from "../../util/errors.ts";

/** The option `compute` of a job, read. */
export interface ComputeSettings {
  readonly image: string;
  /** The CPUs of one platform job. */
  readonly cpus: number;
  /** The memory of one platform job, in MB. */
  readonly memory: number;
  /** How many workers a platform job has. */
  readonly workers: number;
  /** How many platform jobs run at the same time. */
  readonly maximumConcurrency: number;
  /** The longest that a platform job may take, in seconds. */
  readonly timeout: number;
  /** How often the platform itself begins a job again that failed. */
  readonly retryCount: number;
  readonly tags: readonly string[];
  /** The version of Deno on the platform. */
  readonly deno: string;
  /** How often the platform is asked while things move, in milliseconds. */
  readonly pollMs: number;
  /** What a person should know of how it was read. */
  readonly warnings: readonly string[];
}

/** What the settings are read from. */
export type ComputeContext = Pick<
  EngineContext,
  "settings" | "cpus" | "gpus" | "image" | "workers" | "memory"
>;

const GB = 1024, MB_BYTES = 2 ** 20;

/** The memory that so many CPUs may have, in MB. */
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

/** The images that there are, without their tag. */
const PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"];
const DEFAULT_IMAGE = "python3.12:latest";
// What the program itself needs beside its workers.
const OVERHEAD = 256;
const MAX_CONCURRENCY = 1000;
const KEYS = [
  ...["image", "cpus", "memory", "workers", "maximum_concurrency", "timeout", "retry_count"],
  ...["tags", "deno", "poll"],
];
/** What the old service called it, and where it went. */
const OLD_KEYS: Readonly<Record<string, string>> = {
  task_timeout: "use timeout, in seconds",
  labels: "use tags",
  gpus: "the platform has no GPUs, use --engine slurm or local",
  minimum_concurrency: "the platform keeps no machines waiting",
  minimum_seconds: "the platform keeps no machines waiting",
  include_modules: "use the option modules of the job",
  include_data: "use the option data of the job",
  requirements: "use the option requirements of the job",
  environment: "use the option env",
};

/**
 * Reads what a job asks for.
 *
 * @throws {UsageError} on what the platform does not have, with what it has.
 */
export function parseComputeOptions(context: ComputeContext): ComputeSettings {
  const { settings, gpus } = context;
  for (const key of Object.keys(settings)) checkKey(key);
  if (gpus > 0) {
    throw new UsageError(
      "Cannot give a task GPUs with --engine compute: the platform has none, use --engine slurm " +
        "or local, or set gpus to 0",
    );
  }
  const warnings: string[] = [];
  const { cpus, memory, workers } = sizeOf(context, warnings);
  return {
    ...{ cpus, memory, workers, warnings },
    image: imageOf(settings.image ?? context.image, warnings),
    maximumConcurrency: concurrencyOf(context, workers),
    timeout: whole("timeout", settings.timeout, 60) ?? 3600,
    retryCount: whole("retry_count", settings.retry_count, 0) ?? 0,
    tags: settings.tags?.split(/[\s,]+/).filter((tag) => tag !== "") ?? [],
    deno: settings.deno ?? Deno.version.deno,
    pollMs: seconds("poll", settings.poll) ?? 1000,
  };
}

function checkKey(key: string): void {
  if (KEYS.includes(key)) return;
  const hint = OLD_KEYS[key] ?? `write one of ${KEYS.join(", ")}`;
  throw new UsageError(`Cannot use ${key} in the option compute: ${hint}`);
}

function sizeOf(
  { settings, cpus: each, memory: bytes }: ComputeContext,
  warnings: string[],
): Pick<ComputeSettings, "cpus" | "memory" | "workers"> {
  const cpus = settings.cpus === undefined ? atLeast(each) : knownCpus(settings.cpus);
  const workers = whole("workers", settings.workers, 1) ??
    Math.max(1, Math.floor(cpus / (each || cpus)));
  const least = bytes ? Math.ceil(bytes / MB_BYTES) * workers + OVERHEAD : 0;
  const memory = settings.memory === undefined
    ? fittingMemory(cpus, least)
    : parseMemory(settings.memory);
  checkPair(cpus, memory, warnings);
  return { cpus, memory, workers };
}

function atLeast(cpus: number): number {
  const found = [...MEMORY.keys()].find((one) => one >= cpus && one >= 1);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot give a task ${cpus} CPUs on the platform: it has at the most ${most(MEMORY.keys())}`,
  );
}

function most(numbers: Iterable<number>): number {
  return Math.max(...numbers);
}

function fittingMemory(cpus: number, least: number): number {
  const allowed = usualMemory(cpus);
  const found = allowed.find((memory) => memory >= least);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot give a platform job of ${cpus} CPUs ${least} MB: it has at the most ` +
      `${allowed.at(-1)} MB, ask for more CPUs with --compute cpus=N or for less memory`,
  );
}

/** One CPU with 1 GB is in one of the platform's two lists alone. */
function usualMemory(cpus: number): readonly number[] {
  const allowed = MEMORY.get(cpus) ?? [];
  return cpus === 1 ? allowed.slice(1) : allowed;
}

function knownCpus(text: string): number {
  const cpus = parseCpus(text);
  if (MEMORY.has(cpus)) return cpus;
  throw wrong("cpus", text, `one of ${[...MEMORY.keys()].join(", ")}`);
}

function checkPair(cpus: number, memory: number, warnings: string[]): void {
  if (!MEMORY.get(cpus)?.includes(memory)) {
    throw new UsageError(
      `Cannot use ${memory} MB with ${cpus} CPUs in the option compute: write a memory of ` +
        usualMemory(cpus).map(memoryText).join(", "),
    );
  }
  if (cpus === 1 && memory === GB) {
    warnings.push("1 CPU with 1 GB may be refused by the platform, 2 GB is not");
  }
}

function memoryText(mb: number): string {
  return mb < GB ? `${mb}MB` : `${mb / GB}GB`;
}

/** CPUs as the platform's own clients take them, such as `8VCPUs`. */
export function parseCpus(text: string): number {
  return Number(text.replace(/[^\d.]/g, ""));
}

/**
 * Memory in MB, as the platform's own clients take it: `2048`, `2GB`, `1.5Gi`.
 *
 * @throws {UsageError} on another unit.
 */
export function parseMemory(text: string): number {
  const plain = text.replace(/\s/g, "").toUpperCase();
  const [, number, unit] = /^(\d+(?:\.\d+)?)(MB|MI|GB|GI|)$/.exec(plain) ?? [];
  if (number === undefined) {
    throw new UsageError(
      `Cannot use "${text}" as memory in the option compute: write MB or GB, such as 4GB`,
    );
  }
  return Math.floor(Number(number) * (unit!.startsWith("G") ? GB : 1));
}

function imageOf(wanted: string, warnings: string[]): string {
  const old = /(?:tasks\/public|^us\.gcr\.io)/.test(wanted);
  if (!old) return wanted || DEFAULT_IMAGE;
  const version = /\/py(\d)(?:\.(\d+))?/.exec(wanted);
  // Nobody asked for the default.
  if (wanted === IMAGES.py36) return DEFAULT_IMAGE;
  const nearest = version?.[1] === "3" ? `python${PYTHONS[0]}:latest` : DEFAULT_IMAGE;
  warnings.push(`the image ${wanted} is gone with the old service, ${nearest} takes its place`);
  return nearest;
}

function concurrencyOf({ settings, workers: wanted }: ComputeContext, workers: number): number {
  const given = whole("maximum_concurrency", settings.maximum_concurrency, 1);
  if (given !== undefined && given > MAX_CONCURRENCY) {
    throw wrong("maximum_concurrency", String(given), `at the most ${MAX_CONCURRENCY}`);
  }
  return given ?? Math.min(wanted ? Math.ceil(wanted / workers) : 100, MAX_CONCURRENCY);
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw wrong(name, text, `a whole number of at least ${least}`);
}

function seconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (Number(text) > 0) return Number(text) * 1000;
  throw wrong(name, text, "seconds above 0");
}

function wrong(name: string, value: string, what: string): UsageError {
  return new UsageError(`Cannot use "${value}" as ${name} in the option compute: write ${what}`);
}
