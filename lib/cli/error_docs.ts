/**
 * The part of the documentation that explains an error.
 *
 * @module
 */

import type { ErrorCode } from "../util/errors.ts";

/**
 * The words that `dl_jobs docs` finds, each with phrases of the messages that it explains. The
 * first match counts. A phrase is part of a text in the code, and not of a value in it.
 */
export const EXPLAINED: Readonly<Record<string, readonly string[]>> = {
  "rate limits": ["the rate", "of a rate", "--concurrency auto"],
  "moving a job": ["Cannot move job"],
  // Its messages name hosts, too.
  "kubernetes": [
    "in the option kubernetes",
    "on Kubernetes",
    "Kubernetes creates no pod",
    "the Job ",
    "its pods end",
  ],
  "ssh": [
    "in the option ssh",
    "Cannot run on ssh",
    "on host",
    "Cannot use the host",
    "the hosts in",
  ],
  "slurm": ["in the option slurm", "on Slurm", "Cannot submit to"],
  "sign in": ["Cannot sign in", "the credentials"],
  "compute": ["in the option compute", "on the platform", "with --engine compute", "platform job"],
  "inline": ["--engine inline"],
  "sandbox": ["--sandbox", "the sandbox", "Deno's sandbox"],
  "what a task may do": ["permission", "Cannot limit"],
  "folders that others can write to": ["Cannot trust"],
  "the interpreter": ["interpreter"],
  "environment variables": ["as env (", "of env (", "the variables in", "are not recorded"],
  "a file that is not what it seems": ["it looks like"],
  "csv": ["most records have", "the header has", "the character between", "--no-header"],
  "geojson": ["has no geometry"],
  "paths": ["no path matches"],
  "parameters": ["Cannot combine", "the range", "values follow it"],
  "a part of a list": ["--where", "--unique"],
  "a schema for the elements": ["the schema", "--invalid skip"],
  "how a function is named": ["it exports", "no task is named, write dl_jobs map"],
  "functions and lists": ["no list is named"],
  "programs": ["pass --shell", "Cannot run the command", "Cannot read the command"],
  "kinds of failures": ["the retry policy", "the classes of failure"],
  "changing a job while it runs": ["Cannot change job", "while a job runs", "Cannot set options"],
  "results of earlier jobs": ["with --reuse"],
  "sql over tasks": ["Cannot run the query", "Cannot run a query"],
  "results in files": [
    "is not written, write",
    "are not compressed",
    "columns, use another format",
  ],
  "reduce": ["Cannot reduce", "as reduce"],
  "the page in a browser": ["Cannot serve on port", "the address of a page"],
};

/** The words for the errors of a kind, whatever their message. */
export const EXPLAINED_CODES: { readonly [C in ErrorCode]?: string } = {
  job_damaged: "damage",
  tasks_failed: "failures and resuming",
  interrupted: "stop and resume",
  results_differ: "verify",
  not_ready: "doctor",
};

/** An option of a job in a message, such as `as workers (--workers)`. */
const OPTION = / as ([a-z_]+) \(/;

/** Returns the words with which `dl_jobs docs` explains an error, if it does. */
export function docsOf(code: ErrorCode, message: string): string | undefined {
  const [line = ""] = message.replace(/"[^"]*"/g, "").replaceAll(/ +/g, " ").split("\n");
  const found = Object.entries(EXPLAINED).find(([, phrases]) =>
    phrases.some((phrase) => line.includes(phrase))
  );
  return found?.[0] ?? EXPLAINED_CODES[code] ?? OPTION.exec(line)?.[1];
}
