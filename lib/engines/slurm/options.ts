/**
 * The options of the engine `slurm`: a table of its own options, and any long option of `sbatch`.
 *
 * @module
 * @see https://slurm.schedmd.com/sbatch.html
 */

import { namesOutside, readTable } from "../../config/option_table.ts";
import type { OptionSpec } from "../../config/option_types.ts";
import { UsageError } from "../../util/errors.ts";
import { absolutePath, withHome } from "../../util/paths.ts";

/** The engine's own options. */
export const SLURM_OPTIONS = [
  {
    name: "workers",
    type: "integer",
    default: 1,
    min: 1,
    limit: 1_000,
    doc: "Number of workers in an array task, each with the CPUs, GPUs and memory of a task.",
    example: "8",
  },
  {
    name: "parallelism",
    type: "integer",
    default: null,
    min: 1,
    limit: 100_000,
    doc: "Number of array tasks that run at a time; --workers sets a limit on workers instead.",
    example: "50",
  },
  {
    name: "container",
    type: "text",
    default: "none",
    choices: ["none", "apptainer", "pyxis"],
    doc: "Program that runs an array task in the job's container image.",
  },
  {
    name: "mounts",
    type: "text",
    label: "FROM:TO",
    default: null,
    doc: "Folders to mount in the container, as from:to.",
    example: "/data:/data",
  },
  {
    name: "deno",
    type: "text",
    label: "PATH",
    default: null,
    doc: "Path of deno on the nodes; without it, the path of deno on this machine.",
    example: "/opt/deno/bin/deno",
  },
  {
    name: "setup",
    type: "text",
    label: "COMMAND",
    default: null,
    doc: "Shell command to run on a node before deno starts.",
    example: "module load gdal",
  },
  {
    name: "extra",
    type: "text",
    default: "",
    doc: "Options to pass to sbatch unchanged, separated by commas.",
    example: "--gres=gpu:a100:1,--nice",
  },
  {
    name: "skip",
    type: "list",
    default: [],
    doc: "Options of sbatch that dl_jobs must not set because the site refuses them.",
    example: "mem,signal",
  },
] as const satisfies readonly OptionSpec[];

/** The help text about options that are not in the table. */
export const SBATCH_NOTE =
  "Any other name is a long option of sbatch: partition=long, mail_user=me@example.org.";

/** The parsed option `slurm` of a job. */
export interface SlurmSettings {
  /** The number of workers in an array task, each with the CPUs, GPUs and memory of a task. */
  readonly workers: number;
  /** The number of array tasks that run concurrently; `undefined` when the user sets no limit. */
  readonly parallelism?: number | undefined;
  /** The program that runs the container image; `none` without a container. */
  readonly container: "none" | "apptainer" | "pyxis";
  /** The folders to mount in the container, as `from:to`. */
  readonly mounts?: string | undefined;
  /** The path of `deno` on the nodes. */
  readonly deno: string;
  /** The shell command that runs before `deno` starts. */
  readonly setup?: string | undefined;
  /** Options to pass to `sbatch` unchanged. */
  readonly extra: readonly string[];
  /** Options of `sbatch` to omit because the site refuses them. */
  readonly skip: readonly string[];
  /** All other options of `sbatch`, by their long names. */
  readonly options: Readonly<Record<string, string>>;
}

/** Options of `sbatch` that only the engine may set. */
const RESERVED = [
  "array",
  "parsable",
  "job-name",
  "output",
  "error",
  "open-mode",
  "export",
  "export-file",
  "requeue",
  "no-requeue",
  "wrap",
  "signal",
  "wait",
  "input",
  "test-only",
  "ntasks",
];

/** Those without which the engine does not find its array tasks. */
const ESSENTIAL = ["array", "job-name", "wait", "wrap", "test-only"];

/** Options of `sbatch` without a value. */
const SWITCH = "(contiguous|exclusive|hold|overcommit|oversubscribe|reboot|spread-job)";
/** A word after a comma, which belongs to the value before it. */
const LAST_SWITCH = new RegExp(`,\\s*${SWITCH}\\s*$`, "i");

/** Options of `sbatch` that job options replace, each with the name of its job option. */
const JOB_OPTIONS: Readonly<Record<string, string>> = { "cpus-per-task": "cpus", gpus: "gpus" };

/** The long names of the short options of `sbatch`. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  ...{ A: "account", B: "extra-node-info", C: "constraint", D: "chdir", F: "nodefile", G: "gpus" },
  ...{ H: "hold", J: "job-name", L: "licenses", M: "clusters", N: "nodes", O: "overcommit" },
  ...{ Q: "quiet", S: "core-spec", W: "wait", a: "array", b: "begin", c: "cpus-per-task" },
  ...{ d: "dependency", e: "error", i: "input", k: "no-kill", m: "distribution", n: "ntasks" },
  ...{ o: "output", p: "partition", q: "qos", s: "oversubscribe", t: "time", v: "verbose" },
  ...{ w: "nodelist", x: "exclude" },
};

/**
 * Parses the option `slurm`, which accepts the engine's own options and any long option of `sbatch`.
 *
 * @returns the settings, with defaults for absent options.
 *
 * @example
 * ```ts
 * import { parseSlurmOptions } from "./options.ts";
 *
 * const { workers, options } = parseSlurmOptions({ workers: "4", mail_user: "me@example.org" });
 * if (workers !== 4 || options["mail-user"] !== "me@example.org") throw new Error("not read");
 * ```
 *
 * @throws {UsageError} on an invalid value, or an option that the engine or a job option sets.
 */
export function parseSlurmOptions(given: Readonly<Record<string, string>>): SlurmSettings {
  const table = readTable(SLURM_OPTIONS, given, "slurm");
  return {
    ...table,
    deno: table.deno ? withHome(table.deno) : Deno.execPath(),
    extra: splitOptions(table.extra).map(checkExtra),
    skip: table.skip.map((name) => name.replace(/^-+/, "")),
    options: sbatchOptions(given),
  };
}

/** Returns an option of `sbatch` that is passed unchanged. */
function checkExtra(option: string): string {
  const name = nameOf(option);
  // sbatch also accepts the beginning of a name.
  const own = name === "" ? undefined : ESSENTIAL.find((one) => one.startsWith(name));
  if (own !== undefined) checkName(own);
  return option;
}

/** Returns the long name of an option as users type it, such as `-t30`; empty for another text. */
function nameOf(option: string): string {
  const [, long, short] = /^(?:--([\w-]+)|-(\w))/.exec(option) ?? [];
  return long ?? LONG_NAMES[short ?? ""] ?? "";
}

/**
 * Returns true when the user sets an option of `sbatch`, in whichever way.
 *
 * @param name the long name
 */
export function isSet({ options, extra }: SlurmSettings, name: string): boolean {
  return Boolean(options[name]) || extra.some((option) => nameOf(option) === name);
}

/** Returns true for a switch with the value `false`, which may replace that of a config file. */
export function isSwitchedOff(name: string, value: string): boolean {
  return value === "false" && new RegExp(`^${SWITCH}$`).test(name);
}

/** Returns the clusters to which arrays are submitted; `undefined` for the usual one. */
export function clustersOf({ options, extra }: SlurmSettings): string | undefined {
  return passedValue(extra, "clusters") || options.clusters ||
    Deno.env.get("SBATCH_CLUSTERS") || Deno.env.get("SLURM_CLUSTERS") || undefined;
}

/** Returns the partition to which arrays are submitted; `undefined` for the default one. */
export function partitionOf({ options, extra }: SlurmSettings): string | undefined {
  return passedValue(extra, "partition") || options.partition ||
    Deno.env.get("SBATCH_PARTITION") || undefined;
}

/**
 * Returns the working folder that the user sets for array tasks, as an absolute path; `undefined` for
 * that of `sbatch`.
 */
export function workingFolderOf({ options, extra }: SlurmSettings): string | undefined {
  const folder = passedValue(extra, "chdir") || options.chdir;
  return folder ? absolutePath(folder) : undefined;
}

/** Returns the nodes that the user leaves out, in the form of `sbatch`; `undefined` for none. */
export function excludedNodes({ options, extra }: SlurmSettings): string | undefined {
  return passedValue(extra, "exclude") || options.exclude || undefined;
}

/** Returns the last value of an option that is passed unchanged, such as `-pA` or `--partition=A`. */
function passedValue(extra: readonly string[], name: string): string | undefined {
  const passed = extra.findLast((option) => nameOf(option) === name);
  return passed && withHome(passed.replace(/^(--[\w-]+[= ]|-\w)/, "").trim());
}

/** Splits at commas that precede a dash, because an option's value may contain other commas. */
function splitOptions(text: string): string[] {
  return text === "" ? [] : text.split(/,(?=-)/).map((option) => option.trim());
}

/** Returns the given options that are not in the table, by their `sbatch` names. */
function sbatchOptions(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    namesOutside(SLURM_OPTIONS, given).map((name) => {
      const dashed = name.replaceAll("_", "-"), long = LONG_NAMES[dashed] ?? dashed;
      checkName(long);
      checkValue(name, given[name]!);
      return [long, withHome(given[name]!)];
    }),
  );
}

function checkValue(name: string, value: string): void {
  const [, word] = LAST_SWITCH.exec(value) ?? [];
  if (word === undefined) return;
  throw new UsageError(
    `Cannot use "${value}" as ${name} in the option slurm: write ${word}=true for the switch ` +
      `${word}, or pass a value that ends like this with extra=--${name}=${value}`,
  );
}

function checkName(name: string): void {
  if (RESERVED.includes(name)) {
    throw new UsageError(
      `Cannot use ${name} in the option slurm: dl_jobs sets this option, leave it out`,
    );
  }
  if (Object.hasOwn(JOB_OPTIONS, name)) {
    throw new UsageError(
      `Cannot use ${name} in the option slurm: use the option ${JOB_OPTIONS[name]} of the job`,
    );
  }
  if (!/^[a-z][\w-]*$/i.test(name)) {
    throw new UsageError(
      `Cannot use "${name}" in the option slurm: this is not an option name, ` +
        "write long options of sbatch, such as partition=long",
    );
  }
}
