/**
 * The list of the helpers in a session.
 *
 * @module
 */

import { INSPECT } from "../lib/job/format.ts";

/** Each helper with its sentence and an example. */
export const HELP: Readonly<Record<string, readonly [doc: string, example: string]>> = {
  job: ["creates a job of a function or of its name", "j = job(fn, { argsList: 9 })"],
  local: ["runs a job here; await its end", "run = local(j)"],
  submit: ["starts a job that outlives the session", "h = await submit(j)"],
  results: ["shows the first results; await all", "results(run)"],
  status: ["shows the state of a job", 'status("last")'],
  jobs: ["lists the jobs of this folder", "jobs()"],
  logs: ["shows what the tasks of a job wrote", "logs(run)"],
  cancel: ["ends a job and keeps its results", "await cancel(h)"],
  retry: ["runs the failed tasks of a job again", 'await retry("last")'],
  resume: ["runs the tasks of a job without an end", 'await resume("last")'],
  save: ["writes the session as a script", 'save("scripts/tiles.ts")'],
  config: ["shows the options in force", "await config()"],
  ndjson: ["reads and writes lines of JSON", 'ndjson.read("tiles.ndjson")'],
  updateList: ["copies an object for each value", 'updateList({}, [1, 2], "x")'],
  $: ["runs another program (zx)", "await $`ls`"],
  help: ["shows this list", "help"],
};

/** Prints the list; a session also shows it for `help` without a call. */
export const help: () => void = Object.assign(
  () => console.log(helpText()),
  { [INSPECT]: helpText },
);

function helpText(): string {
  const width = Math.max(...Object.keys(HELP).map((name) => name.length));
  const docWidth = Math.max(...Object.values(HELP).map(([doc]) => doc.length));
  return Object.entries(HELP)
    .map(([name, [doc, example]]) => `${name.padEnd(width)}  ${doc.padEnd(docWidth)}  ${example}`)
    .join("\n");
}
