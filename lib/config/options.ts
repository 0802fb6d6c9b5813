/**
 * The one table of options. From it come the defaults, the config file with its comments, the flags,
 * the help, the validation, the completions and the type `Config`. A new option is one entry here.
 *
 * @module
 */

import type { Option, ValueTypes } from "./option_types.ts";

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

/** `max_attempts` as `maxAttempts`. */
export type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** The type of one option's value in `Config`. */
export type ValueOf<Entry extends Option> =
  | (Entry extends { choices: readonly (infer Choice)[] } ? Choice : ValueTypes[Entry["type"]])
  | (Entry["default"] extends null ? null : never);

export type { Config } from "./config.ts";

/** `max_attempts` as `maxAttempts`. */
export function camelCase<Name extends string>(name: Name): Camel<Name> {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as Camel<Name>;
}
