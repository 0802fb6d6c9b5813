/**
 * A script that uses the library: `Job.run` over a file.
 *
 * `deno run -A job.ts module method input output workers concurrency read|await`
 *
 * @module
 */

import { Job } from "../mod.ts";

const [moduleName = "", methodName = "", argsList, output = "", workers, concurrency, how] =
  Deno.args;
const job = new Job({
  moduleName,
  methodName,
  argsList: argsList!,
  workers: Number(workers),
  concurrency: Number(concurrency),
  noisy: false,
});
const run = job.run({ output });
let count = 0;
if (how === "read") { for await (const _ of run) count++; }
const { total, succeeded } = await run;
if (succeeded !== total || (how === "read" && count !== total)) Deno.exit(1);
