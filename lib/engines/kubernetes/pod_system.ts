/**
 * The pods of one size: a Job, and the places for tasks in its pods.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import type { EngineContext } from "../engine.ts";
import { tasksOnCpus } from "../shared/tasks_on_cpus.ts";
import type { StreamPlaces, StreamSystem } from "../stream/place.ts";
import { wordsIn } from "../stream/shell.ts";
import { farProgram } from "../stream/shell_place.ts";
import { jobManifest, POD_FOLDER } from "./job_manifest.ts";
import { PodJobRecord } from "./job_record.ts";
import { Kubectl, KubectlError } from "./kubectl.ts";
import { type KubernetesSettings, parseKubernetesOptions, wholeCpus } from "./options.ts";
import { PodPlace } from "./pod_place.ts";
import { PodPool } from "./pod_pool.ts";
import { settingsOfSize, sizeName } from "./pod_size.ts";
import { removeJob } from "./remove_job.ts";
import { readPodTemplate } from "./template.ts";

// The waits of a server that is away when a job ends. A Job that is left costs money.
const BACKOFF = { firstMs: 500, maxMs: 10_000 }, LAST_TRIES_MS = 60_000;
// `kubectl exec` has no limit of its own, and waits for a node that is silent.
const ANSWER_MS = 15_000;

/** Returns the system of the pods whose memory is a multiple of that in the options. */
export function podSystem(growth: number): StreamSystem {
  return { name: sizeName(growth), open: (context) => openPods(growth, context) };
}

async function openPods(growth: number, context: EngineContext): Promise<StreamPlaces> {
  const settings = settingsOfSize(parseKubernetesOptions(context.settings), growth);
  const kubectl = new Kubectl(settings), { folder, warn } = context;
  const record = new PodJobRecord(folder, sizeName(growth));
  const template = await readPodTemplate(settings.template);
  const advice = `mount a larger volume at ${POD_FOLDER} in the template`;
  const far = await farProgram({ folder: POD_FOLDER, advice, answerMs: ANSWER_MS }, folder);
  await checkRights(kubectl);
  await ensureJob(kubectl, record, settings, template, context);
  const pool = new PodPool(kubectl, record, warn), workers = workersOf(settings, context);
  const prefix = growth === 1 ? "pod" : `x${growth}-pod`;
  const places = Array.from(
    { length: settings.pods },
    (_, i) => new PodPlace(`${prefix}-${i + 1}`, workers, pool, far),
  );
  const { lostAfter, lease } = settings;
  return { places, lostAfter, lease, close: () => close(kubectl, record, growth, context) };
}

/** Returns the number of workers of a pod by its CPUs; `undefined` when the job or the node has it. */
function workersOf({ cpu }: KubernetesSettings, context: EngineContext): number | undefined {
  if (cpu === undefined || context.workers) return undefined;
  return tasksOnCpus(wholeCpus(cpu), context.cpus);
}

const RIGHTS = [
  ["create", "jobs"],
  ["list", "pods"],
  ["delete", "pods"],
  ["create", "pods", "--subresource=exec"],
] as const;

/** Checks that the user may do what a job needs. */
async function checkRights(kubectl: Kubectl): Promise<void> {
  await Promise.all(RIGHTS.map(async ([verb, what, ...more]) => {
    const answer = await kubectl.run(["auth", "can-i", verb, what, ...more])
      .catch((error: Error) => error.message);
    // A script around kubectl may print lines of its own before.
    const verdict = answer.trim().split("\n").at(-1)!;
    if (verdict === "yes") return;
    const name = more.length > 0 ? "pods/exec" : what;
    const words = /^no\b/.test(verdict)
      ? `you may not ${verb} ${name} in this namespace`
      : wordsIn(answer);
    throw new UsageError(
      `Cannot run on Kubernetes: ${words}, check it by hand: ` +
        [kubectl.text, "auth can-i", verb, what, ...more].join(" "),
    );
  }));
}

/** Creates the Job, or finds that of an earlier controller. */
async function ensureJob(
  kubectl: Kubectl,
  record: PodJobRecord,
  settings: KubernetesSettings,
  template: Record<string, unknown>,
  { job, grace }: EngineContext,
): Promise<void> {
  const known = record.name;
  const name = known && await isUsable(kubectl, known) ? known : record.begin(job);
  try {
    await kubectl.run(
      ["create", "-f", "-"],
      jobManifest({ ...settings, name, grace }, template),
    );
  } catch (error) {
    if (error instanceof KubectlError && error.isExisting) return;
    throw new UsageError(`Cannot run on Kubernetes: ${(error as Error).message}`, { cause: error });
  }
}

/** Returns false for a Job that has ended, or is gone or being deleted. */
async function isUsable(kubectl: Kubectl, name: string): Promise<boolean> {
  try {
    const { metadata, status } = await kubectl.read<JobObject>(["get", "job", name]);
    const isOver = status?.conditions?.some(({ type, status }) =>
      (type === "Complete" || type === "Failed") && status === "True"
    );
    return !isOver && metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (error instanceof KubectlError && /\(NotFound\)/.test(error.message)) return false;
    throw new UsageError(`Cannot run on Kubernetes: ${(error as Error).message}`, { cause: error });
  }
}

interface JobObject {
  readonly metadata: { readonly deletionTimestamp?: string | undefined };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined;
  } | undefined;
}

/** Removes the Job at the end of a run. A server that does not answer is asked again for a while. */
async function close(
  kubectl: Kubectl,
  { name }: PodJobRecord,
  growth: number,
  { folder, grace, warn, signal }: EngineContext,
): Promise<void> {
  const since = performance.now();
  for (let tries = 1;; tries++) {
    try {
      return await removeJob(kubectl, folder, sizeName(growth), grace);
    } catch (error) {
      const { message } = error as Error, isLate = performance.now() - since >= LAST_TRIES_MS;
      const mayPass = error instanceof KubectlError && !error.isRefused;
      if (!mayPass || isLate || signal.aborted) {
        return warn(
          `Cannot delete the Job ${name}: ${message}, delete it by hand: ` +
            `${kubectl.text} delete job ${name}, or with dl_jobs cancel ${folder}`,
        );
      }
      if (tries === 1) warn(`Cannot delete the Job ${name} yet, and tries again: ${message}`);
      await delay(backoffMs(tries, BACKOFF), [signal]);
    }
  }
}
