/**
 * The engine `kubernetes`, which runs tasks in the pods of a Job.
 *
 * The pods only wait. The program arrives by `kubectl exec`, and works as on a host of `ssh`. Tasks
 * that were short of memory run in the larger pods of a second Job.
 *
 * @module
 */

import { readRecord } from "../../job_dir/record.ts";
import type { EventBatch } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { streamEngine } from "../stream/stream_engine.ts";
import { runByMemory, type RunOfGrowth } from "./by_memory.ts";
import { jobManifest } from "./job_manifest.ts";
import { jobName, PodJobRecord } from "./job_record.ts";
import { Kubectl } from "./kubectl.ts";
import { parseKubernetesOptions } from "./options.ts";
import { bytesOf, knownSizes, settingsOfSize } from "./pod_size.ts";
import { podSystem } from "./pod_system.ts";
import { removeJob } from "./remove_job.ts";
import { readPodTemplate } from "./template.ts";

/** Runs tasks in the pods of a Job of Kubernetes. */
export const kubernetesEngine: Engine = {
  name: "kubernetes",
  check: (options) => void parseKubernetesOptions(options.kubernetes),
  taskMemory,
  run,
  describe: (folder) => ofSizes(folder, (one) => one.describe!(folder)),
  given: (folder) => ofSizes(folder, (one) => one.given!(folder)),
  cancel,
  preview,
};

function taskMemory(settings: EngineContext["settings"]): number | undefined {
  const { memory } = parseKubernetesOptions(settings);
  return memory === undefined ? undefined : bytesOf(memory);
}

async function* run(
  tasks: AsyncIterable<TaskBatch>,
  context: EngineContext,
): AsyncGenerator<EventBatch> {
  const memory = taskMemory(context.settings);
  const runOf: RunOfGrowth = (growth, part, own) => {
    if (growth > 1) tell(growth, context);
    return streamEngine(podSystem(growth)).run(part, { ...context, ...own });
  };
  if (memory === undefined) yield* runOf(1, tasks, context);
  else {
    yield* runByMemory(tasks, context, context.memory ?? memory, runOf);
    const { folder, settings, grace, warn } = context;
    await removeSizes(folder, settings, grace).catch(({ message }: Error) => warn(message));
  }
}

function tell(growth: number, { settings, warn }: EngineContext): void {
  const { pods, memory } = settingsOfSize(parseKubernetesOptions(settings), growth);
  warn(`tasks that need more memory run in ${pods === 1 ? "a pod" : `${pods} pods`} of ${memory}`);
}

/** Returns what all sizes of a job have. */
async function ofSizes<T>(
  folder: string,
  read: (engine: Engine) => Promise<readonly T[]>,
): Promise<T[]> {
  const engines = knownSizes(folder).map((name) => streamEngine({ ...podSystem(1), name }));
  return (await Promise.all(engines.map(read))).flat();
}

/** Returns the Job as it would be created. */
async function preview({ settings: given, job, grace }: EngineContext): Promise<string> {
  const settings = parseKubernetesOptions(given);
  const options = { ...settings, name: jobName(job), grace };
  const manifest = jobManifest(options, await readPodTemplate(settings.template));
  return `${new Kubectl(settings).text} create -f -\n\n${JSON.stringify(manifest, null, 2)}\n`;
}

async function cancel(folder: string): Promise<void> {
  const { options } = readRecord(folder);
  await removeSizes(folder, options.kubernetes, options.grace);
}

/** Removes the Jobs of all sizes, also those of an earlier controller. */
async function removeSizes(
  folder: string,
  settings: EngineContext["settings"],
  grace: number,
): Promise<void> {
  const kubectl = new Kubectl(parseKubernetesOptions(settings));
  for (const size of knownSizes(folder).reverse()) {
    const { name } = new PodJobRecord(folder, size);
    try {
      await removeJob(kubectl, folder, size, grace);
    } catch (error) {
      throw new UsageError(
        `Cannot cancel the Job ${name}: ${(error as Error).message}, try again`,
        { cause: error },
      );
    }
  }
}
