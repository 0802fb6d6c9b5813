/**
 * Options that users of other tools write by habit, and that have no counterpart of the same kind.
 *
 * @module
 */

/** Names in snake_case, each with the letter that it has in GNU parallel or xargs. */
const LETTERS: Readonly<Record<string, string>> = {
  a: "arg_file",
  C: "colsep",
  d: "line_delimiter",
  I: "replace",
  k: "keep_order",
  L: "max_lines",
  m: "max_args",
  N: "max_args",
  P: "max_procs",
  r: "no_run_if_empty",
  S: "sshlogin",
  t: "verbose",
  u: "ungroup",
  v: "verbose",
  X: "max_args",
};

/** Formats that are a switch elsewhere. */
const FORMATS = ["csv", "tsv", "ndjson", "geojson", "parquet"];

/** Pieces of advice, each with the names in snake_case of the options that it is about. */
const ADVICE: readonly (readonly [way: string, names: readonly string[]])[] = [
  ["name the list after the function, or before -- PROGRAM", ["arg_file", "input_file"]],
  [
    "progress is always shown, write --progress json for programs",
    ["bar", "eta", "progress_bar", "show_progress", "tqdm"],
  ],
  ["dl_jobs query shows the state and the time of each task", ["joblog", "job_log"]],
  ["dl_jobs results --with-args shows the arguments beside results", ["tag", "tagstring"]],
  [
    "a failure stops only its own task",
    ["keep_going", "ignore_errors", "continue_on_error", "return_exceptions", "no_fail_fast"],
  ],
  ["write --rate 10/s for the most tasks that begin in a second", ["delay", "interval"]],
  [
    "write --rate '{host}=2 at a time' for the most tasks of a host that run together",
    ["semaphore", "mutex", "pool", "resources", "max_per_host", "per_host", "concurrency_group"],
  ],
  [
    "a task is one element of the list, see dl_jobs docs batches of records",
    [
      ...["max_args", "max_lines", "max_replace_args", "xargs", "context_replace"],
      ...["pipe", "pipe_part", "pipepart", "spreadstdin", "block", "recstart", "recend"],
    ],
  ],
  [
    "see dl_jobs docs nights load and nice",
    [
      ...["load", "max_load", "load_average", "memfree", "memsuspend", "noswap"],
      ...["nice", "ionice", "niceness", "pin", "start_at", "begin", "at", "schedule"],
    ],
  ],
  [
    "it is a command, write dl_jobs retry",
    ["resume_failed", "retry_failed", "rerun_failed", "last_failed"],
  ],
  ["it is a command, write dl_jobs resume", ["rerun_incomplete"]],
  ["tasks run in the folder of the command, write cd FOLDER first", [
    ...["wd", "cwd", "chdir", "workdir", "work_dir", "working_dir", "working_directory"],
  ]],
  ["write --grid n=1..10 for a task for each number", ["array", "range"]],
  ["write --retry crash=3 for attempts after crashes", ["crash_limit", "max_crashes"]],
  ["write :::+ before a list that belongs to the one before it", ["link", "xapply"]],
  ["write --engine ssh --ssh hosts=FILE", ["slf", "sshloginfile"]],
  ["messages are shown without --quiet", ["verbose", "verbosity"]],
  [
    "a result is printed when its task ends, and log lines as they arrive",
    ["ungroup", "group", "lb", "line_buffer", "linebuffer"],
  ],
  ["a list without elements has no tasks", ["no_run_if_empty"]],
  ["{} is the element in the arguments of a program", ["replace"]],
  ["write --input lines, or -0 for texts that end with a NUL", ["line_delimiter"]],
  ["write --input csv or tsv, and --delimiter for another character", ["colsep"]],
  [
    "see dl_jobs docs jobs in the background",
    ["background", "detach", "daemon", "daemonize", "nohup", "tmux"],
  ],
  ["see dl_jobs docs jobs that depend on others", ["after", "depends_on", "dependency"]],
  ["see dl_jobs docs order and priority", ["priority"]],
  ["the command ends with its job", ["wait"]],
];

/** Returns the long name, in snake_case, of a short flag of other tools, or undefined. */
export function longName(letter: string): string | undefined {
  return Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
}

/**
 * Returns what to write instead of an option of another tool, or undefined.
 *
 * @param name the option, in snake_case
 * @param flags the flags of the command, in snake_case
 */
export function adviceFor(name: string, flags: readonly string[]): string | undefined {
  if (FORMATS.includes(name)) {
    if (flags.includes("input")) {
      return `write --input ${name} for the list, or -o FILE.${name} for the results`;
    }
    return flags.includes("format") ? `write --format ${name}` : undefined;
  }
  // The advice is about the start of a job.
  if (!flags.includes("workers") || !flags.includes("dry_run")) return undefined;
  return ADVICE.find(([, names]) => names.includes(name))?.[0];
}
