/**
 * The one table of options. From it come the defaults, the config file with its comments, the flags,
 * the help, the validation, the completions and the type `Config`. A new option is one entry here.
 *
 * @module
 */

import { loadText, loadYaml } from "./deps.ts";
import { UsageError } from "./errors.ts";
import { isDict } from "./helpers.ts";
import {
  asWritten,
  describe,
  type Option,
  type OptionValue,
  parseValue,
  type ValueTypes,
} from "./values.ts";

/** The name of the config file: the nearest one in the working directory or above it counts. */
export const CONFIG_FILE = "dl_jobs.config.yaml";

/** The engines that go by a name. A new engine also needs its entry in `engines/mod.ts`. */
export const ENGINES = ["inline", "local", "slurm", "compute"] as const;

const OLD_IMAGES = "us.gcr.io/dl-ci-cd/images/tasks/public";

/**
 * Short names of images. These are the addresses of 2019, kept so that an old config file still
 * reads the same: the service is gone, and the platform's successor refuses them.
 */
export const IMAGES = {
  py27: `${OLD_IMAGES}/py2/default:v2019.04.18-13-g565aebde`,
  py27_gpu: `${OLD_IMAGES}/py2-gpu/default:v2019.04.18-13-g565aebde`,
  py36: `${OLD_IMAGES}/py3.6/default:v2019.04.18-13-g565aebde`,
  py36_gpu: `${OLD_IMAGES}/py3.6-gpu/default:v2019.04.18-13-g565aebde`,
  py37: `${OLD_IMAGES}/py3.7/default:v2019.02.12`,
} as const;

/** Every option of a job, in the order of the help. */
export const OPTIONS = [
  {
    name: "engine",
    type: "text",
    default: "local",
    choices: ENGINES,
    doc: "The place where tasks run.",
  },
  {
    name: "is_dev",
    flag: "dev",
    type: "boolean",
    default: true,
    doc: "Run every job on this machine, whatever the job says.",
  },
  {
    name: "workers",
    type: "integer",
    default: null,
    min: 1,
    doc: "How many processes call the function; null means one for each CPU.",
  },
  {
    name: "concurrency",
    type: "integer",
    default: 1,
    min: 1,
    doc: "How many tasks one worker has under way at a time.",
  },
  {
    name: "max_attempts",
    type: "integer",
    default: 1,
    min: 1,
    doc: "How often a task is tried, the first time included.",
  },
  {
    name: "retry",
    type: "map",
    default: {},
    doc:
      "Attempts by class of failure (error, timeout, oom, crash, lost), such as error=3 or oom=x2.",
  },
  {
    name: "backoff",
    type: "duration",
    default: "1s",
    min: 0,
    doc: "The wait before the second attempt; it doubles for each one after it.",
  },
  {
    name: "halt",
    type: "text",
    default: null,
    doc: "Start no more tasks after so many failures, such as 10 or 5%.",
  },
  {
    name: "grace",
    type: "duration",
    default: "10s",
    min: 0,
    doc: "How long running tasks may go on after Ctrl-C.",
  },
  {
    name: "reuse",
    type: "stem",
    default: false,
    doc: "Take results of former jobs of the same code and arguments; args means of any code.",
  },
  {
    name: "timeout",
    type: "duration",
    default: null,
    doc: "The longest that one attempt may take, in seconds or as 90s, 5m, 2h.",
  },
  {
    name: "memory",
    type: "memory",
    default: null,
    doc: "The most memory that one worker may take, in bytes or as 512MB, 4GB, 1GiB.",
  },
  {
    name: "chunk",
    type: "integer",
    default: null,
    min: 1,
    doc: "How many tasks a worker is handed at a time; null adapts to how long they take.",
  },
  {
    name: "ordered",
    type: "boolean",
    default: false,
    doc: "Give results in the order of the list, not in the order in which they are ready.",
  },
  {
    name: "permissions",
    type: "map",
    default: null,
    doc: "What a worker may do, such as net=example.com or read=true; null allows everything.",
  },
  {
    name: "env",
    type: "map",
    default: {},
    doc: "Environment variables of the workers, such as LEVEL=debug.",
  },
  { name: "cpus", type: "number", default: 1, min: 0, doc: "The CPUs that a task needs." },
  { name: "gpus", type: "integer", default: 0, min: 0, doc: "The GPUs that a task needs." },
  {
    name: "cpu_job",
    type: "boolean",
    default: true,
    doc: "Always use the CPU image, and no GPUs.",
  },
  {
    name: "cpu_image",
    type: "text",
    default: "py36",
    keys: IMAGES,
    doc: "The container image of a job without GPUs.",
  },
  {
    name: "gpu_image",
    type: "text",
    default: "py36_gpu",
    keys: IMAGES,
    doc: "The container image of a job with GPUs.",
  },
  {
    name: "slurm",
    type: "map",
    default: {},
    doc:
      "Options of the engine slurm: any long option of sbatch, such as partition=long, and a few " +
      "of its own, which the README lists.",
  },
  {
    name: "compute",
    type: "map",
    default: {},
    doc:
      "Options of the engine compute, such as cpus=2, memory=8GB or maximum_concurrency=50; the " +
      "README lists them.",
  },
  {
    name: "module_dir",
    type: "text",
    default: "run",
    doc: "The directory of the run methods' modules.",
  },
  {
    name: "default_method",
    type: "text",
    default: "task",
    doc: "The method that a module name without a method means.",
  },
  { name: "noisy", type: "boolean", default: true, doc: "Say what is going on." },
  {
    name: "quiet",
    type: "boolean",
    default: false,
    doc: "Say only what must be seen; the command still prints results.",
  },
  {
    name: "progress",
    type: "text",
    default: "auto",
    choices: ["auto", "json", "off"],
    doc:
      "How progress is shown; json makes a line of JSON a second of it, and of all that is said.",
  },
  {
    name: "suppress",
    type: "list",
    default: ["DeprecationWarning", "FutureWarning"],
    doc: "Leave out the log lines that hold one of these words, in upper or lower case.",
  },
  {
    name: "print_logs",
    type: "boolean",
    default: true,
    doc: "Print the logs of the tasks after the job.",
  },
  {
    name: "save_results",
    type: "stem",
    default: true,
    doc: "Save the results as ndjson; a text is the name of the file.",
  },
  {
    name: "results_dir",
    type: "text",
    default: "results",
    doc: "The directory of the results.",
  },
  {
    name: "results_timestamp",
    type: "boolean",
    default: true,
    doc: "Add the time to the names of the results and errors files.",
  },
  {
    name: "grouped_results",
    type: "boolean",
    default: false,
    doc: "Save a result that is a list as one line, not as one line for each element.",
  },
  {
    name: "save_errors",
    type: "stem",
    default: true,
    doc: "Save the errors as ndjson; a text is the name of the file.",
  },
  {
    name: "errors_dir",
    type: "text",
    default: "errors",
    doc: "The directory of the errors.",
  },
  {
    name: "log",
    type: "stem",
    default: true,
    doc: "Write a log file; a text is its name.",
  },
  { name: "log_dir", type: "text", default: "logs", doc: "The directory of the logs." },
] as const satisfies readonly Option[];

/** Keys of old config files that do nothing any more. */
const RETIRED: ReadonlySet<string> = new Set(["dls_root"]);

/** Taken by something else: here a machine's number of GPUs, not how many a task needs. */
const RESERVED_ENV: ReadonlySet<string> = new Set(["DL_JOBS_GPUS"]);

/** `max_attempts` as `maxAttempts`. */
export type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** The type of one option's value in `Config`. */
export type ValueOf<Entry extends Option> =
  | (Entry extends { choices: readonly (infer Choice)[] } ? Choice : ValueTypes[Entry["type"]])
  | (Entry["default"] extends null ? null : never);

/** The options with their values: durations in milliseconds, sizes in bytes. */
export type Config = {
  readonly [Entry in typeof OPTIONS[number] as Camel<Entry["name"]>]: ValueOf<Entry>;
};

/** Where `loadConfig` looks. */
export interface LoadOptions {
  /**
   * The directory where the search for the file starts, as an absolute path.
   *
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
  /**
   * The environment: `DL_JOBS_WORKERS=4` sets `workers`. Unknown names and empty values are passed
   * over.
   *
   * @default {Deno.env.toObject()}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Values by the option's name, as a user writes them. They win over all others.
   *
   * @default {{}}
   */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** What is in force, and why. */
export interface LoadedConfig {
  /** The options with their values. */
  readonly values: Config;
  /** Where each value comes from: `default`, `/p/dl_jobs.config.yaml:7`, `DL_JOBS_LOG`, `--log`. */
  readonly sources: Readonly<Record<keyof Config, string>>;
  /** The config file, when there is one. */
  readonly file?: string;
  /** Sentences that the user should see, but that stop nothing. */
  readonly warnings: readonly string[];
}

/** One value for one option, from one place. */
interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly where: string;
}

/** An option, the value that it got in the end, and from where. */
interface Settled {
  readonly option: Option;
  readonly value: OptionValue;
  readonly where: string;
}

/**
 * Gathers the options: defaults, then the nearest config file, then the environment, then flags. The
 * later wins, and replaces a list or a map as a whole.
 *
 * @example
 * ```ts
 * import { loadConfig } from "./config.ts";
 *
 * const { values, sources } = await loadConfig({
 *   cwd: "/",
 *   env: { DL_JOBS_TIMEOUT: "5m" },
 *   flags: { workers: "4" },
 * });
 * if (values.timeout !== 300_000 || values.workers !== 4) throw new Error("not read");
 * if (sources.timeout !== "DL_JOBS_TIMEOUT" || sources.log !== "default") throw new Error("where?");
 * ```
 *
 * @throws {UsageError} When a name or a value is wrong, or the file is no YAML. Trying again cannot
 * help.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const { cwd = Deno.cwd(), env = Deno.env.toObject(), flags = {} } = options;
  const file = await findFile(cwd);
  const inFile = file ? await fileSettings(file) : [];
  const live = inFile.filter(({ name }) => !RETIRED.has(name));
  const settled = await settle([...live, ...envSettings(env), ...flagSettings(flags)]);
  return {
    values: byCamelName(settled, ({ value }) => value) as unknown as Config,
    sources: byCamelName(settled, ({ where }) => where),
    ...(file && { file: file.path }),
    warnings: inFile.filter(({ name }) => RETIRED.has(name)).map(retiredWarning),
  };
}

/** The defaults alone, with no look at any file, variable or flag. */
export function defaultConfig(): Config {
  return byCamelName(defaults(), ({ value }) => value) as unknown as Config;
}

/**
 * Writes the text of a config file: every key with its sentence above it, sorted, with its default
 * or the value given for it. Values stand in it as a user writes them (`timeout: 90s`).
 *
 * @example
 * ```ts
 * import { configText } from "./config.ts";
 *
 * const text = await configText({ gpus: "2", timeout: 90 });
 * if (!text.includes("\ngpus: 2\n") || !text.includes("\ntimeout: 90s\n")) throw new Error(text);
 * ```
 *
 * @throws {UsageError} When a name or a value is wrong. Trying again cannot help.
 */
export async function configText(
  values: Readonly<Record<string, unknown>> = {},
  where = "command line",
): Promise<string> {
  const { stringify } = await loadYaml();
  const settings = Object.entries(values).map(([name, value]) => ({ name, value, where }));
  const settled = (await settle(settings)).sort((a, b) => a.option.name < b.option.name ? -1 : 1);
  const blocks = settled.map(({ option, value }) => {
    // Without a limit, because a folded value would stand on the line below its key.
    const line = stringify({ [option.name]: asWritten(option, value) }, { lineWidth: -1 });
    return `# ${describe(option)}\n${line}`;
  });
  return ["# The options of dl_jobs, for this directory and those in it.\n", ...blocks].join("\n");
}

/**
 * Reads one value for the option of that name, in snake_case or camelCase. `where` is for the
 * message: the place where the value was written.
 *
 * @example
 * ```ts
 * import { parseOption } from "./config.ts";
 *
 * const bytes = await parseOption("memory", "4GB", "job options");
 * if (bytes !== 4_000_000_000) throw new Error("wrong size");
 * ```
 *
 * @throws {UsageError} When the name is unknown or the value is wrong. Trying again cannot help.
 */
export async function parseOption(
  name: string,
  value: unknown,
  where: string,
): Promise<OptionValue> {
  return parseValue(await findOption(name, where), value, where);
}

/** `max_attempts` as `maxAttempts`. */
export function camelCase<Name extends string>(name: Name): Camel<Name> {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as Camel<Name>;
}

async function findFile(cwd: string): Promise<{ path: string; text: string } | undefined> {
  for (const dir of upward(cwd)) {
    const path = `${dir}/${CONFIG_FILE}`;
    const text = await readIfThere(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** The directory and all those above it. By hand, since `node:path` adds some ms to every start. */
function upward(dir: string): string[] {
  const parts = dir.split(Deno.build.os === "windows" ? /[\\/]/ : "/");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((_, above) => parts.slice(0, parts.length - above).join("/"));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function fileSettings({ path, text }: { path: string; text: string }): Promise<Setting[]> {
  const data = await parseYaml(path, text);
  // An empty file, or one with comments only, is null.
  if (data === null) return [];
  if (!isDict(data)) {
    throw new UsageError(
      `Cannot read ${path}: it is no map of options, write lines like workers: 4`,
    );
  }
  return Object.entries(data).map(([name, value]) => {
    const line = lineOf(text, name);
    return { name, value, where: line === 0 ? path : `${path}:${line}` };
  });
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await loadYaml();
  try {
    return parse(text, { schema: "core" });
  } catch (cause) {
    const message = (cause as Error).message;
    const [, reason, line] = /^(.*) at line (\d+)/s.exec(message) ?? [undefined, message, "1"];
    throw new UsageError(`Cannot read ${path}:${line} as YAML: ${reason}`, { cause });
  }
}

/** The line of a top-level key, from 1; 0 when the key is not at the start of a line. */
function lineOf(text: string, key: string): number {
  const start = /^\uFEFF?["']?(.+?)["']?\s*:(?:\s|$)/;
  return text.split("\n").findIndex((line) => start.exec(line)?.[1] === key) + 1;
}

function retiredWarning({ name, where }: Setting): string {
  return `${name} (${where}) is retired and does nothing: remove it`;
}

function envSettings(env: Readonly<Record<string, string>>): Setting[] {
  return OPTIONS.map(({ name }) => ({ name, where: `DL_JOBS_${name.toUpperCase()}` }))
    .filter(({ where }) => env[where] && !RESERVED_ENV.has(where))
    .map(({ name, where }) => ({ name, value: env[where], where }));
}

function flagSettings(flags: Readonly<Record<string, unknown>>): Setting[] {
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value, where: `--${flagOf(name)}` }))
    .filter(({ value }) => value !== undefined);
}

function flagOf(name: string): string {
  const option = lookUp(name);
  return option?.flag ?? option?.name ?? name;
}

/** The whole table, each option with the last value that was set, or else its default. */
async function settle(settings: readonly Setting[]): Promise<Settled[]> {
  const table = new Map(defaults().map((settled) => [settled.option, settled]));
  for (const { name, value, where } of settings) {
    const option = await findOption(name, where);
    table.set(option, { option, value: parseValue(option, value, where), where });
  }
  return [...table.values()];
}

function defaults(): Settled[] {
  const where = "default";
  return OPTIONS.map((option: Option) => ({
    option,
    value: parseValue(option, option.default, where),
    where,
  }));
}

function byCamelName<T>(
  settled: readonly Settled[],
  pick: (settled: Settled) => T,
): Record<keyof Config, T> {
  const entries = settled.map((each) => [camelCase(each.option.name), pick(each)]);
  return Object.fromEntries(entries);
}

async function findOption(name: string, where: string): Promise<Option> {
  const option = lookUp(name);
  if (option) return option;
  const { closestString } = await loadText();
  const nearest = closestString(name, OPTIONS.map((option) => option.name));
  throw new UsageError(`Cannot use key "${name}" (${where}): did you mean ${nearest}?`);
}

function lookUp(name: string): Option | undefined {
  return OPTIONS.find((option) => option.name === name || camelCase(option.name) === name);
}
