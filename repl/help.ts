/**
 * The help text of a session, a list of its helpers.
 *
 * @module
 */

import { INSPECT } from "../lib/util/text/custom_inspect.ts";

/** The helpers by name, each with a description and an example. */
export const HELP: Readonly<Record<string, readonly [doc: string, example: string]>> = {
  job: ["creates a job of a function", "const j = job(fn, { argsList: 9 })"],
  local: ["runs a job here; await its end", "const run = local(j)"],
  submit: ["starts a job in the background", "const h = await submit(j)"],
  results: ["shows first results; await all", "results(run)"],
  status: ["shows the state of a job", 'status("last")'],
  jobs: ["lists the jobs of this folder", "jobs()"],
  logs: ["shows what the tasks print", "logs(run)"],
  cancel: ["cancels a job", "await cancel(h)"],
  retry: ["runs failed and pending tasks", 'await retry("last")'],
  resume: ["runs the pending tasks", 'await resume("last")'],
  save: ["writes the session as a script", 'save("scripts/tiles.ts")'],
  Job: ["creates a job of a program", 'new Job({ command: "cat {}" })'],
  files: ["lists the records of files", 'files(["a.csv", "b.csv"])'],
  glob: ["lists paths", 'glob("data/**/*.tif")'],
  grid: ["lists all combinations", 'grid({ year: "2020..2024" })'],
  zip: ["lists values side by side", "zip({ a: [1, 2], b: [3, 4] })"],
  config: ["shows the options in force", "await config()"],
  ndjson: ["reads and writes lines of JSON", 'ndjson.read("tiles.ndjson")'],
  updateList: ["copies an object once per value", 'updateList({}, [1, 2], "x")'],
  $: ["runs another program (zx)", "await $`ls`"],
  help: ["shows this list", "help"],
};

/** Prints the list of helpers. A session also displays the list for `help` without parentheses. */
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
