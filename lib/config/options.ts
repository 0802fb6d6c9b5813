/**
 * The table of all options of a job. The defaults, the config file with its comments, the flags,
 * the help, the validation, the completions and the type `Config` are derived from it. To add an
 * option, add an entry and run `scripts/config_interfaces.ts`.
 *
 * @module
 */

import { LEGACY_OPTIONS } from "../compat/legacy_options.ts";
import type { OptionSpec, ValueTypes } from "./option_types.ts";

/** The names of the engines. A new engine also needs an entry in `engines/mod.ts`. */
export const ENGINES = ["inline", "local", "ssh", "kubernetes", "slurm", "compute"] as const;

/** The engines that have options of their own, which are job options with their names. */
export const ENGINES_WITH_OPTIONS = ["ssh", "kubernetes", "slurm", "compute"] as const;

/** The groups of options in the help, by name, with their titles, in the order of the help. */
export const OPTION_GROUPS = {
  place: "Where it runs",
  limits: "Limits",
  failures: "Failures",
  output: "Output",
  messages: "Messages",
} as const;

/** An entry of the table: an option that belongs to a group of the help. */
type Entry = OptionSpec & { readonly group: keyof typeof OPTION_GROUPS };

/** Every option of a job. Records of jobs and `config --info` list them in this order. */
export const OPTIONS = [
  {
    name: "engine",
    type: "text",
    default: "local",
    choices: ENGINES,
    doc: "The engine that runs the tasks.",
    group: "place",
    isCommon: true,
  },
  LEGACY_OPTIONS.is_dev,
  {
    name: "workers",
    short: "j",
    type: "share",
    default: null,
    min: 1,
    limit: 10_000,
    doc: "Number of worker processes, or 50% of the CPUs; by default, one for each CPU.",
    example: "8",
    group: "place",
    isCommon: true,
  },
  {
    name: "concurrency",
    type: "count",
    default: 1,
    min: 1,
    limit: 100_000,
    doc:
      "Number of tasks that a worker runs at a time; auto adapts the number to services that are slow or limit requests.",
    example: "20",
    group: "place",
    isCommon: true,
  },
  {
    name: "max_attempts",
    type: "integer",
    default: 1,
    none: 1,
    min: 1,
    limit: 100_000,
    doc: "Maximum number of attempts of a task, including the first one.",
    example: "3",
    group: "failures",
    isCommon: true,
  },
  {
    name: "retry",
    type: "map",
    label: "CLASS=N",
    default: {},
    none: {},
    doc:
      "Maximum attempts by class of failure (error, timeout, oom, crash, lost, limited), such as error=3 or oom=x2.",
    example: "error=3,oom=x2",
    group: "failures",
    isCommon: true,
  },
  {
    name: "backoff",
    type: "duration",
    default: "1s",
    none: 0,
    min: 0,
    doc: "Wait before the second attempt; it doubles for each later attempt.",
    example: "5s",
    group: "failures",
  },
  {
    name: "final",
    type: "text",
    label: "REGEX",
    default: null,
    doc: "Do not try a task again after a failure whose message, type or class matches this " +
      "regular expression, such as 'HTTP 404'.",
    example: "'HTTP 40[134]'",
    group: "failures",
  },
  {
    name: "halt",
    type: "text",
    label: "N|N%",
    default: null,
    doc: "Start no more tasks after this number or share of failures, such as 10 or 5%.",
    example: "5%",
    group: "failures",
    isCommon: true,
  },
  {
    name: "rate",
    type: "rates",
    default: null,
    doc:
      "Limit on the tasks that start in a time, such as 10/s or {host}=5/s for each host, or that " +
      "run at the same time, such as '{host}=2 at a time'.",
    group: "limits",
    example: "10/s",
    isCommon: true,
  },
  {
    name: "grace",
    type: "duration",
    default: "10s",
    min: 0,
    doc:
      "Time for running tasks to finish after Ctrl-C or halt, and to react before a task is killed.",
    example: "30s",
    group: "limits",
  },
  {
    name: "reuse",
    type: "stem",
    default: false,
    words: ["args"],
    doc:
      "Reuse results of earlier jobs with the same code and arguments; args ignores changes of code.",
    group: "output",
  },
  {
    name: "timeout",
    type: "duration",
    default: null,
    doc: "Time limit of an attempt, in seconds or as 90s, 5m, 2h.",
    example: "5m",
    group: "limits",
    isCommon: true,
  },
  {
    name: "memory",
    type: "memory",
    default: null,
    min: 1e6,
    limit: 100e12,
    doc: "Memory limit of a worker with all its processes, in bytes or as 512MB, 4GB, 1GiB.",
    example: "4GB",
    group: "limits",
    isCommon: true,
  },
  {
    name: "max_result",
    type: "memory",
    default: "256MB",
    max: 500e6,
    doc: "Largest result of a task as JSON; a larger one fails the task, so write it to a file.",
    example: "10MB",
    group: "limits",
  },
  {
    name: "inspectable",
    type: "boolean",
    default: false,
    doc:
      "Let debuggers of this machine's users connect to workers, so that a hang shows its stack.",
    group: "limits",
  },
  {
    name: "nan",
    type: "text",
    default: null,
    choices: ["fail"],
    doc: "Fail a task that returns NaN or Infinity; by default, they become null, with a warning.",
    group: "failures",
  },
  {
    name: "big_integers",
    type: "text",
    default: "number",
    choices: ["number", "bigint"],
    doc: "Type of integers beyond 2^53 in code; a number is rounded, with a warning.",
    group: "failures",
  },
  {
    name: "chunk",
    type: "integer",
    default: null,
    min: 1,
    limit: 1_000_000,
    doc:
      "Number of tasks that a worker receives at a time; by default, it depends on their duration.",
    example: "100",
    group: "place",
  },
  {
    name: "tasks_per_worker",
    type: "integer",
    default: null,
    min: 1,
    limit: 1_000_000_000,
    doc: "Number of tasks after which a new process replaces a worker; by default, none does.",
    example: "100",
    group: "place",
  },
  {
    name: "ordered",
    type: "boolean",
    default: false,
    doc: "Write results in the order of the list, not in the order in which the tasks end.",
    group: "output",
    isCommon: true,
  },
  {
    name: "permissions",
    type: "map",
    default: null,
    doc:
      "Permissions of a worker, such as net=example.com or read=true; by default, those of dl_jobs.",
    example: "net=example.com",
    group: "limits",
    isCommon: true,
  },
  {
    name: "env",
    type: "env",
    default: {},
    doc: "Environment variables of the workers: LEVEL=debug, or TOKEN to pass on your own.",
    example: "LEVEL=debug",
    group: "place",
    isCommon: true,
  },
  {
    name: "env_file",
    type: "list",
    label: "FILE",
    isPath: true,
    default: [],
    doc: "Files with environment variables of the workers, such as .env.",
    example: ".env",
    group: "place",
    isCommon: true,
  },
  {
    name: "python",
    type: "text",
    label: "COMMAND",
    default: null,
    doc:
      "Python interpreter: a path, or a command such as 'uv run python'; by default, that of the virtual environment, or python3.",
    example: ".venv/bin/python",
    group: "place",
    isCommon: true,
  },
  {
    name: "sandbox",
    type: "text",
    default: null,
    choices: ["bwrap"],
    doc:
      "Run a Python function without network and with a read-only file system, by the program bwrap.",
    group: "limits",
  },
  {
    name: "cpus",
    type: "number",
    default: 1,
    min: 0,
    limit: 10_000,
    doc: "Number of CPUs that a task needs.",
    example: "4",
    group: "place",
    isCommon: true,
  },
  {
    name: "gpus",
    type: "integer",
    default: 0,
    none: 0,
    min: 0,
    limit: 1_000,
    doc: "Number of GPUs that a task needs.",
    example: "1",
    group: "place",
    isCommon: true,
  },
  LEGACY_OPTIONS.cpu_job,
  LEGACY_OPTIONS.cpu_image,
  LEGACY_OPTIONS.gpu_image,
  {
    name: "ssh",
    type: "map",
    default: {},
    doc: "Options of the engine ssh, such as hosts=lab1,lab2*8.",
    example: "hosts=lab1,lab2*8",
    group: "place",
    isCommon: true,
  },
  {
    name: "kubernetes",
    type: "map",
    default: {},
    doc: "Options of the engine kubernetes, such as pods=20 or memory=8Gi.",
    example: "pods=20",
    group: "place",
    isCommon: true,
  },
  {
    name: "slurm",
    type: "map",
    default: {},
    doc: "Options of the engine slurm, such as partition=long.",
    example: "partition=long",
    group: "place",
    isCommon: true,
  },
  {
    name: "compute",
    type: "map",
    default: {},
    doc: "Options of the engine compute, such as cpus=2 or memory=8GB.",
    example: "memory=8GB",
    group: "place",
    isCommon: true,
  },
  {
    name: "module_dir",
    type: "text",
    label: "DIR",
    isPath: true,
    default: "run",
    none: "",
    doc: "Directory of the modules with run methods.",
    example: "jobs",
    group: "place",
  },
  {
    name: "default_method",
    type: "text",
    default: "task",
    doc: "Method to use when only a module is named.",
    example: "main",
    group: "place",
  },
  {
    name: "noisy",
    type: "boolean",
    takesBool: true,
    default: true,
    doc: "Show the start and the end of a job, and print its results.",
    group: "messages",
  },
  {
    name: "quiet",
    short: "q",
    type: "boolean",
    default: false,
    doc: "Show warnings and errors only; results are still printed.",
    group: "messages",
    isCommon: true,
  },
  {
    name: "progress",
    type: "text",
    default: "auto",
    choices: ["auto", "json", "off"],
    doc:
      "Form of the progress; json prints each message as a line of JSON, and progress once a second.",
    group: "messages",
    isCommon: true,
  },
  LEGACY_OPTIONS.suppress,
  {
    name: "notify",
    type: "text",
    label: "COMMAND",
    default: null,
    doc: "Run this command with sh when the job ends; its stdin is the summary, as JSON.",
    example: "'mail -s done me@example.com'",
    group: "messages",
  },
  {
    name: "on",
    type: "map",
    label: "EVENT=COMMAND",
    default: {},
    doc: "Commands as that of notify, by event: end, or failures.",
    example: "failures='./alert.sh'",
    group: "messages",
  },
  {
    name: "print_logs",
    type: "boolean",
    takesBool: true,
    default: true,
    doc: "Print the logs of tasks as they arrive.",
    group: "messages",
    isCommon: true,
  },
  {
    name: "save_results",
    type: "stem",
    default: true,
    doc: "Save results as ndjson; a text value is the name of the file.",
    group: "output",
    isCommon: true,
  },
  {
    name: "results_dir",
    type: "text",
    label: "DIR",
    isPath: true,
    default: "results",
    doc: "Directory of the results files.",
    example: "out/results",
    group: "output",
    isCommon: true,
  },
  {
    name: "results_timestamp",
    type: "boolean",
    default: true,
    doc: "Add the time to the names of results and errors files.",
    group: "output",
  },
  {
    name: "grouped_results",
    type: "boolean",
    default: false,
    doc: "Save a result that is a list as one line, not as one line for each element.",
    group: "output",
  },
  {
    name: "save_errors",
    type: "stem",
    default: true,
    doc: "Save errors as ndjson; a text value is the name of the file.",
    group: "output",
  },
  {
    name: "errors_dir",
    type: "text",
    label: "DIR",
    isPath: true,
    default: "errors",
    doc: "Directory of the errors files.",
    example: "out/errors",
    group: "output",
  },
  {
    name: "log",
    type: "stem",
    default: true,
    doc: "Write a log file; a text value is its name.",
    group: "messages",
  },
  {
    name: "log_dir",
    type: "text",
    label: "DIR",
    isPath: true,
    default: "logs",
    doc: "Directory of the log files.",
    example: "out/logs",
    group: "messages",
  },
] as const satisfies readonly Entry[];

/** The camelCase form of a snake_case name: `maxAttempts` for `max_attempts`. */
export type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** The type of an option's parsed value. */
export type ValueOf<Entry extends OptionSpec> =
  | (Entry extends { choices: readonly (infer Choice)[] } ? Choice : ValueTypes[Entry["type"]])
  | (Entry["default"] extends null ? null : never);

/** The values of a table of options, by their names in camelCase. */
export type TableValues<Table extends readonly OptionSpec[]> = {
  readonly [Entry in Table[number] as Camel<Entry["name"]>]: ValueOf<Entry>;
};

export type { Config } from "./config.ts";

/** Converts `max_attempts` to `maxAttempts`. */
export function camelCase<Name extends string>(name: Name): Camel<Name> {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as Camel<Name>;
}
