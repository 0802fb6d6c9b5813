/**
 * The engine `compute`: the tasks run on the platform that the original was for, by the Compute
 * service that followed the one it spoke to.
 *
 * The platform runs functions in Python. The one that is sent there starts Deno, which runs a slice
 * of the tasks, and hands back what became of them. Many tasks go into one of its jobs.
 *
 * @module
 */

import type { Config } from "../../config/options.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { chooseImage } from "../../compat/image.ts";
import { canceledFile, listBulks, openJobs, readBulk, taggedJobs } from "./submission.ts";
import { checkBuild, prepare } from "./deploy.ts";
import { reached } from "./http.ts";
import { parseComputeOptions } from "./options.ts";
import { type FunctionFields, Platform } from "./platform.ts";
import { ComputeRun } from "./run.ts";

/** Runs tasks on the platform. */
export const compute: Engine = {
  name: "compute",
  check: (options) => void parseComputeOptions(settingsContext(options)),
  async *run(tasks, context) {
    await using run = await ComputeRun.begin(tasks, context);
    yield* run.events();
  },
  describe,
  cancel,
  preview,
};

function settingsContext(options: Config) {
  const { cpus, workers, memory, compute: settings } = options;
  return {
    ...{ settings, cpus },
    ...chooseImage(options),
    ...workers ? { workers } : {},
    ...memory ? { memory } : {},
  };
}

/** How a job's platform jobs stand, in words. */
async function describe(folder: string): Promise<string[]> {
  if (listBulks(folder).length === 0) return [];
  try {
    const platform = await Platform.open(() => {});
    const jobs = await platform.jobsBy(taggedJobs(folder));
    const groups = Map.groupBy(jobs, ({ status }) => status);
    const lines = [...groups].map(([status, { length }]) =>
      `${length} platform ${length === 1 ? "job" : "jobs"} ${status}`
    );
    return [...lines, ...await describeBuild(folder, platform)];
  } catch (error) {
    return [(error as Error).message];
  }
}

async function describeBuild(folder: string, platform: Platform): Promise<string[]> {
  const { function: { id } } = await readBulk(listBulks(folder).at(-1)!);
  const status = await checkBuild(platform, id);
  return status === "building" ? ["the platform still builds the function"] : [];
}

async function cancel(folder: string): Promise<void> {
  if (listBulks(folder).length === 0) return;
  // Its controller, wherever it runs, must not submit them again.
  await Deno.writeTextFile(canceledFile(folder), "");
  const platform = await Platform.open(() => {});
  await reached(platform.cancelJobs(openJobs(folder)));
}

/** The function that would be made, and what would travel; the platform is not asked. */
async function preview(context: EngineContext): Promise<string> {
  const settings = parseComputeOptions(context);
  const { deployment: { fields, zip }, names } = await prepare(context, settings);
  const list = names.map((name) => `  ${name}`).join("\n");
  return `${fieldsText(fields)}\n\na zip of ${zip.length} bytes with\n${list}\n`;
}

function fieldsText(fields: FunctionFields): string {
  return Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join("\n");
}
