/**
 * What there is in a session.
 *
 * @module
 */

import { INSPECT } from "../lib/job/format.ts";

/** Each helper with what it does and how it is written. */
export const HELP: Readonly<Record<string, readonly [doc: string, example: string]>> = {
  job: ["makes a job of a function or of its name", "j = job(fn, { argsList: 9 })"],
  local: ["runs a job here; await it to the end", "run = local(j)"],
  submit: ["runs a job also when this is left", "h = await submit(j)"],
  results: ["the first results; await it for all", "results(run)"],
  status: ["how a job stands", 'status("last")'],
  jobs: ["the jobs of this folder", "jobs()"],
  logs: ["what the tasks of a job wrote", "logs(run)"],
  cancel: ["ends a job; what is done is kept", "await cancel(h)"],
  retry: ["runs again what failed in a job", 'await retry("last")'],
  resume: ["runs what has no end yet of a job", 'await resume("last")'],
  save: ["writes the session as a script", 'save("scripts/tiles.ts")'],
  config: ["the options in force", "await config()"],
  ndjson: ["reads and writes lines of JSON", 'ndjson.read("tiles.ndjson")'],
  updateList: ["a copy of an object for each value", 'updateList({}, [1, 2], "x")'],
  $: ["other programs (zx)", "await $`ls`"],
  help: ["this list", "help"],
};

/** Lists what there is; it need not be called. */
export const help: () => void = Object.assign(
  () => console.log(helpText()),
  { [INSPECT]: helpText },
);

function helpText(): string {
  const width = Math.max(...Object.keys(HELP).map((name) => name.length));
  return Object.entries(HELP)
    .map(([name, [doc, example]]) => `${name.padEnd(width)}  ${doc.padEnd(DOC)}  ${example}`)
    .join("\n");
}

const DOC = Math.max(...Object.values(HELP).map(([doc]) => doc.length));
