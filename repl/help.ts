/**
 * What there is in a session.
 *
 * @module
 */

import { INSPECT } from "../lib/show.ts";

/** Each helper with what it does and how it is written. */
export const HELP: Readonly<Record<string, readonly [doc: string, example: string]>> = {
  job: [
    "makes a job of a function, module.method, a path or a URL",
    "j = job(fn, { argsList: 9 })",
  ],
  local: ["runs a job here; await it for its counts", "run = local(j)"],
  submit: ["hands a job to a process that outlives the session", "h = await submit(j)"],
  results: ["shows the first results, gives all, streams them", "await results(run)"],
  status: ["tells how a job stands", 'status("last")'],
  jobs: ["lists the jobs of this folder", "jobs()"],
  logs: ["shows what the tasks of a job wrote", "logs(run)"],
  cancel: ["ends a job; what is done is kept", "await cancel(h)"],
  retry: ["runs again what failed in a job", 'await retry("last")'],
  resume: ["runs what has no end yet of a job", 'await resume("last")'],
  save: ["writes the session as a script", 'save("scripts/tiles.ts")'],
  config: ["gives the options in force", "await config()"],
  ndjson: ["reads and writes lines of JSON", 'await Array.fromAsync(ndjson.read("a.ndjson"))'],
  updateList: ["makes objects of values, for a list", 'updateList({ band: 1 }, tiles, "tile")'],
  $: ["runs other programs (zx)", "await $`ls`"],
  help: ["shows this list", "help"],
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
