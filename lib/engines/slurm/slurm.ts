/**
 * The engine `slurm`, which runs tasks on a cluster in job arrays.
 *
 * @see https://slurm.schedmd.com/documentation.html
 *
 * @module
 */

import { readRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { existsOr } from "../../util/files/fs.ts";
import { counted } from "../../util/text/counted.ts";
import { batchEngine } from "../batch/batch_engine.ts";
import type { Engine, EngineContext } from "../engine.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import type { ArrayTask } from "./array_task.ts";
import { programOf, SlurmBackend } from "./backend.ts";
import { cancelArrays, clusterSize, findArrays, phaseOf, queue } from "./commands.ts";
import {
  arrayName,
  arraySettings,
  jobArrays,
  lastRefusal,
  markEnded,
  pauseFile,
  removeEnv,
} from "./job_array.ts";
import { sbatchDefaults } from "./environment.ts";
import { clustersOf, parseSlurmOptions, partitionOf } from "./options.ts";
import { complaint, runSlurm } from "./run_slurm.ts";
import { arrayJobOf, sbatchArgs, scriptOf } from "./sbatch.ts";
import { explain } from "./waiting.ts";

// The state of a job does not need Slurm's answer.
const DESCRIBE_MS = 10_000;

/** Runs tasks on a Slurm cluster. */
export const slurm: Engine = batchEngine<ArrayTask>({
  name: "slurm",
  label: "Slurm",
  check: (options) => void parseSlurmOptions(options.slurm),
  open: SlurmBackend.open,
  describe,
  cancel,
  given,
  preview,
});

async function describe(folder: string): Promise<string[]> {
  try {
    const isPaused = jobArrays(folder).list().some((dir) => existsOr(pauseFile(dir), false));
    const refusal = lastRefusal(jobArrays(folder).folder);
    const lines = await describeArrays(await arraysOf(folder), isPaused);
    return refusal === "" ? lines : [...lines, `last submission refused: ${refusal}`];
  } catch (error) {
    // On a machine without Slurm, the caller can still show the rest of the job's status.
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

async function describeArrays(arrays: readonly string[], isPaused: boolean): Promise<string[]> {
  if (arrays.length === 0) return [];
  const states = await queue(arrays, { limitMs: DESCRIBE_MS });
  if (!states) return ["Slurm does not answer"];
  const groups = Map.groupBy(states.values(), ({ state, reason }) => {
    const waiting = phaseOf(state) === "waiting" ? explain(reason, { isPaused }) : undefined;
    return `${state.toLowerCase()}${waiting ? `, ${waiting.text}` : ""}`;
  });
  return [...groups].map(([text, all]) => `${counted(all.length, "array task")} ${text}`);
}

/** Returns the known Slurm ids of a job's arrays. */
async function arraysOf(folder: string): Promise<string[]> {
  const clusters = () => clustersOf(parseSlurmOptions(readRecord(folder).options.slurm));
  const ids = await findArrays(await jobArrays(folder).readAll(), clusters);
  return [...ids.values()];
}

async function given(folder: string): Promise<TaskRange[]> {
  const records = await jobArrays(folder).readAll();
  return records.flatMap(({ elements }) => elements.flat());
}

async function cancel(folder: string): Promise<void> {
  const arrays = jobArrays(folder), all = arrays.list();
  if (all.length === 0) return;
  await arrays.markCanceled();
  for (const dir of all) await markEnded(dir);
  const refusal = await cancelArrays(await arraysOf(folder));
  removeEnv(arrays.folder);
  if (refusal === undefined) return;
  throw new UsageError(
    `${refusal}. Its array tasks end as soon as they see that the job is canceled; ` +
      "run dl_jobs cancel again to take them out of Slurm's queue",
  );
}

/** Returns the command and the script of an array, with the verdict of `sbatch --test-only`. */
async function preview(context: EngineContext): Promise<string> {
  const settings = parseSlurmOptions(context.settings);
  const dir = `${jobArrays(context.folder).folder}/0`;
  const record = {
    name: arrayName(dir),
    settings: arraySettings(context, settings.workers, undefined),
    elements: [[[0, 1, 1]]],
  } as const;
  const { mostMinutes } = await clusterSize(partitionOf(settings), clustersOf(settings));
  const array = arrayJobOf(dir, record, settings, context, { mostMinutes });
  const args = sbatchArgs(array), script = scriptOf(array, programOf(context.folder));
  const tried = await runSlurm("sbatch", [...args, "--test-only"], { script });
  const verdict = tried.code === 0
    ? tried.stderr.trim().replace(/^sbatch: /, "")
    : `refused: ${complaint(tried)}`;
  const defaults = Object.entries(sbatchDefaults(Deno.env.toObject(), args))
    .map(([name, value]) => `${name}=${value} `).join("");
  return `${defaults}sbatch ${args.join(" ")}\n\n${script}\n${verdict}\n`;
}
