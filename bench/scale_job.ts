/**
 * A script that runs a job and prints the CPU time of its own process, which is the controller, in
 * milliseconds.
 *
 * `deno run -A scale_job.ts list workers [config]`, where config is that of ssh
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { Job } from "../mod.ts";

const [list = "", workers, config] = Deno.args;
const where = config === undefined
  ? { workers: Number(workers) }
  : { engine: "ssh" as const, ssh: { hosts: [`h1*${workers}`], command: `ssh -F ${config}` } };
const job = new Job({
  moduleName: "./tasks.mjs",
  methodName: "task",
  argsList: list,
  noisy: false,
  quiet: true,
  ...where,
});
const { total, succeeded } = await job.run({ output: "output.ndjson" });
if (succeeded !== total) throw new Error(`Cannot measure: ${succeeded} of ${total} succeeded`);
const { user, system } = cpuUsage();
console.log((user + system) / 1000);
