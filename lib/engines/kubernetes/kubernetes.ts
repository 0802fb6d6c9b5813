/**
 * The engine `kubernetes`, which runs tasks in the pods of one Job.
 *
 * The pods only wait. The program arrives by `kubectl exec`, and works as on a host of `ssh`.
 *
 * @module
 */

import { loadYaml } from "../../deps.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { engineFolder } from "../../job_dir/layout.ts";
import { readRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { removeReport } from "../stream/host_report.ts";
import { readMirrors, removeMirror } from "../stream/mirror.ts";
import type { StreamPlaces } from "../stream/place.ts";
import { farProgram } from "../stream/shell_place.ts";
import { streamEngine } from "../stream/stream_engine.ts";
import { JOB_LABEL, jobManifest, POD_FOLDER } from "./job_manifest.ts";
import { jobName, PodJobRecord } from "./job_record.ts";
import { Kubectl, KubectlError } from "./kubectl.ts";
import { type KubernetesSettings, parseKubernetesOptions, wholeCpus } from "./options.ts";
import { PodPlace } from "./pod_place.ts";
import { PodPool } from "./pod_pool.ts";

/** Runs tasks in the pods of a Job of Kubernetes. */
export const kubernetesEngine: Engine = streamEngine({
  name: "kubernetes",
  check: (options) => void parseKubernetesOptions(options.kubernetes),
  open,
  cancel,
  preview,
});

/** Returns the Job as it would be created. */
async function preview({ settings: given, job, grace }: EngineContext): Promise<string> {
  const settings = parseKubernetesOptions(given);
  const options = { ...settings, name: jobName(job), grace };
  const manifest = jobManifest(options, await readTemplate(settings.template));
  return `${new Kubectl(settings).text} create -f -\n\n${JSON.stringify(manifest, null, 2)}\n`;
}

// `kubectl exec` has no limit of its own, and waits for a node that is silent.
const ANSWER_MS = 15_000;

async function open(context: EngineContext): Promise<StreamPlaces> {
  const settings = parseKubernetesOptions(context.settings), kubectl = new Kubectl(settings);
  const record = new PodJobRecord(context.folder);
  const template = await readTemplate(settings.template);
  const advice = `mount a larger volume at ${POD_FOLDER} in the template`;
  const far = await farProgram(
    { folder: POD_FOLDER, advice, answerMs: ANSWER_MS },
    context.folder,
  );
  await checkRights(kubectl);
  await ensureJob(kubectl, record, settings, template, context);
  const pool = new PodPool(kubectl, record, context.warn);
  const workers = workersOf(settings, context);
  const places = Array.from(
    { length: settings.pods },
    (_, i) => new PodPlace(`pod-${i + 1}`, workers, pool, far),
  );
  const { lostAfter, lease } = settings;
  return { places, lostAfter, lease, close: () => close(kubectl, record, context) };
}

/** Returns the number of workers of a pod by its CPUs; `undefined` when the job or the node has it. */
function workersOf({ cpu }: KubernetesSettings, context: EngineContext): number | undefined {
  if (cpu === undefined || context.workers) return undefined;
  return Math.max(1, Math.floor(wholeCpus(cpu) / context.cpus));
}

async function readTemplate(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  const wrong = (reason: string, cause?: unknown) =>
    new UsageError(
      `Cannot use ${path} as template in the option kubernetes: ${reason}, write a PodTemplate ` +
        "with spec in YAML or JSON",
      { cause },
    );
  let value: unknown;
  try {
    value = (await loadYaml()).parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  const template = isDict(value) && isDict(value.template) ? value.template : value;
  if (isDict(template) && isDict(template.spec)) return template;
  throw wrong("it has no spec");
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
    if (answer.trim() === "yes") return;
    const name = more.length > 0 ? "pods/exec" : what;
    const words = /^no\b/.test(answer.trim())
      ? `you may not ${verb} ${name} in this namespace`
      : answer;
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

/** Removes the Job with its pods. */
async function close(
  kubectl: Kubectl,
  record: PodJobRecord,
  { folder, grace, warn }: EngineContext,
): Promise<void> {
  try {
    await removeJob(kubectl, record, folder, grace);
  } catch (error) {
    warn(
      `Cannot delete the Job ${record.name}: ${(error as Error).message}, delete it by hand: ` +
        `${kubectl.text} delete job ${record.name}, or with dl_jobs cancel ${folder}`,
    );
  }
}

/** Deletes the Job with its pods, and what the folder of the job records about them. */
async function removeJob(
  kubectl: Kubectl,
  record: PodJobRecord,
  folder: string,
  grace: number,
): Promise<void> {
  if (record.name !== undefined) {
    await kubectl.run([
      ...["delete", "jobs,pods", "-l", `${JOB_LABEL}=${record.name}`, "--ignore-not-found"],
      ...["--wait=false", `--grace-period=${Math.max(1, Math.ceil(grace / 1000))}`],
    ]);
  }
  const dir = engineFolder(folder, "kubernetes");
  for (const { path } of readMirrors(dir)) removeMirror(path);
  record.remove();
  removeReport(dir);
}

async function cancel(folder: string): Promise<void> {
  // A controller that is alive ends the work of its pods itself.
  if (holderOf(folder)) return;
  const { options } = readRecord(folder), record = new PodJobRecord(folder);
  const kubectl = new Kubectl(parseKubernetesOptions(options.kubernetes));
  try {
    await removeJob(kubectl, record, folder, options.grace);
  } catch (error) {
    throw new UsageError(
      `Cannot cancel the Job ${record.name}: ${(error as Error).message}, try again`,
      { cause: error },
    );
  }
}
