/**
 * The commands of `dl_jobs`, by name.
 *
 * @module
 */

/**
 * The commands in the order of the help, each with the first sentence of its own help. The help of
 * `dl_jobs` loads no command for it.
 */
export const SUMMARIES = {
  run:
    "Call a run method, module.method in the directory module_dir, and run the jobs that it returns.",
  map:
    "Call a function for each record of a list (ndjson, CSV, JSON, Parquet, text and more), and print a line for each result.",
  test: "Run a job of NB_JOBS tasks that return their arguments, to check the installation.",
  init: "Write a new project: a function, a list of three lines, and a config file.",
  jobs: "List the jobs of this folder: id, name, state, counts, age, size.",
  status: "Show the state of a job, and the command to run next.",
  results: "Print the results of a job, or its errors, from its journal.",
  errors: "List the kinds of failures of a job: counts, times and examples.",
  query: "Run SQL over the tasks of jobs.",
  verify: "Check the record, program, list, journal and output files of a job for damage.",
  why:
    "Show the history of a task: its attempts, where they ran, how they ended, and why another one followed or not.",
  stack:
    "Show what the running tasks of a job do: their stacks, their last output and their processes.",
  logs: "Show what the tasks of a job printed, with the local time and the task of each line.",
  resume: "Run the pending tasks of a job that stopped or died, with the code of the job.",
  retry: "Run the failed tasks of a job again, and its pending ones.",
  cancel: "Stop a job and its running tasks.",
  rm: "Remove jobs: their lists, journals, logs and programs.",
  clean: "Show old jobs with their sizes, ask, and remove them.",
  set:
    "Change options of a job while it runs: workers, rate, timeout, memory, halt, max_attempts, retry and backoff.",
  pause: "Start no more tasks of a job until dl_jobs continue.",
  continue: "Start more tasks of a paused job.",
  replay: "Run one task of a job again, with the same arguments, environment and permissions.",
  ui: "Serve a page that shows the jobs of this folder, and one of them live, until Ctrl-C.",
  report: "Write the page of a job, with its current data, as one HTML file.",
  doctor: "Show which engines and languages work on this machine, and how to fix the others.",
  repl: "Try functions and jobs by hand in Deno's REPL, and save the session as a script.",
  config: "Write dl_jobs.config.yaml to the current directory, or show the values in force.",
  docs: "Print the part of the documentation that explains a word.",
  completions: "Print a script that makes a shell complete commands, options, methods and jobs.",
} as const;

/** The name of a command. */
export type CommandName = keyof typeof SUMMARIES;
