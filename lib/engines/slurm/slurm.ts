/**
 * The engine `slurm`: the tasks run on a cluster, as elements of job arrays.
 *
 * Each element runs a slice of the tasks and appends what becomes of them to a file in the job's
 * folder, which all nodes share. Those files are the truth; what Slurm says only decides about
 * elements that do not say how they ended.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { Engine, EngineContext } from "../engine.ts";
import type { TaskRange } from "../shared/task_ranges.ts";
import {
  cancelArrays,
  complaint,
  explain,
  findArray,
  phaseOf,
  queue,
  runSlurm,
} from "./commands.ts";
import {
  canceledFile,
  elementSettings,
  listWaves,
  markCanceled,
  readWave,
  waveName,
  wavesOf,
} from "./job_array.ts";
import { parseSlurmOptions } from "./options.ts";
import { SlurmRun } from "./run.ts";
import { sbatchArgs, scriptOf, submissionOf } from "./sbatch.ts";

/** Runs tasks on a Slurm cluster. */
export const slurm: Engine = {
  name: "slurm",
  check: (options) => void parseSlurmOptions(options.slurm),
  async *run(tasks, context) {
    await using run = await SlurmRun.begin(tasks, context);
    yield* run.events();
  },
  describe,
  cancel,
  preview,
};

/** How a job's elements stand, in words. */
async function describe(folder: string): Promise<string[]> {
  try {
    return await describeArrays(await arraysOf(folder));
  } catch (error) {
    // What the folder says is shown also where there is no Slurm.
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

async function describeArrays(arrays: readonly string[]): Promise<string[]> {
  if (arrays.length === 0) return [];
  const seen = await queue(arrays);
  if (!seen) return ["Slurm does not answer"];
  const groups = Map.groupBy(seen.values(), ({ state, reason }) => {
    const waiting = phaseOf(state) === "waiting" ? explain(reason) : undefined;
    return `${state.toLowerCase()}${waiting ? `, ${waiting.text}` : ""}`;
  });
  return [...groups].map(([text, all]) =>
    `${all.length} ${all.length === 1 ? "element" : "elements"} ${text}`
  );
}

/** The ids of a job's arrays. */
async function arraysOf(folder: string): Promise<string[]> {
  const arrays: string[] = [];
  for (const wave of listWaves(folder)) {
    const { array, name } = await readWave(wave);
    const id = array ?? await findArray(name);
    if (id !== undefined) arrays.push(id);
  }
  return arrays;
}

async function cancel(folder: string): Promise<void> {
  const waves = listWaves(folder);
  if (waves.length === 0) return;
  // Its controller, wherever it runs, must not submit them again.
  await Deno.writeTextFile(canceledFile(folder), "");
  for (const wave of waves) await markCanceled(wave);
  await cancelArrays(await arraysOf(folder));
}

/** The script of an array, and what Slurm would do with it. */
async function preview(context: EngineContext): Promise<string> {
  const settings = parseSlurmOptions(context.settings);
  const wave = `${wavesOf(context.folder)}/0`;
  const record = {
    name: waveName(context.folder, 0),
    settings: elementSettings(context, settings.workers, undefined),
    elements: [[[0, 1, 1]]] as TaskRange[][],
    wave,
  };
  const submission = submissionOf(record, settings, context, undefined);
  const args = sbatchArgs(submission);
  const script = scriptOf(submission, `${wavesOf(context.folder)}/element.js`);
  const tried = await runSlurm("sbatch", [...args, "--test-only"], script);
  const verdict = tried.code === 0
    ? tried.stderr.trim().replace(/^sbatch: /, "")
    : `refused: ${complaint(tried)}`;
  return `sbatch ${args.join(" ")}\n\n${script}\n${verdict}\n`;
}
