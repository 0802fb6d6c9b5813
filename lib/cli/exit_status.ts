/**
 * The exit statuses of the command.
 *
 * @module
 */

/** An exit status and its meaning, as the help shows them. */
export interface ExitStatus {
  /** The number that the process exits with. */
  readonly status: number;
  /** The meaning, in one plain sentence. */
  readonly doc: string;
}

/**
 * The exit statuses of `dl_jobs`. `repl` and `replay` return the status of the process that they
 * start.
 */
export const EXIT = {
  done: { status: 0, doc: "The command did its work: every task succeeded." },
  failed: { status: 1, doc: "A task failed, or the command itself failed." },
  usage: { status: 2, doc: "The command line, the configuration or a file it names is wrong." },
  interrupted: { status: 130, doc: "The user stopped the job: dl_jobs resume runs the rest." },
  pipeClosed: { status: 141, doc: "The reader of stdout closed the pipe, as head does." },
} as const satisfies Readonly<Record<string, ExitStatus>>;
