/**
 * The pods of the stand-in. A pod is a folder, and processes that have a variable in common.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { processIds } from "../support/system.ts";
import type { ClusterFiles, Objects, Pod } from "./cluster.ts";

const MARK = "STAND_IN_POD";

/** Does what the controllers and the nodes of a cluster have to do. */
export function reconcile(files: ClusterFiles, objects: Objects): void {
  for (const pod of Object.values(objects.pods)) updatePod(files, objects, pod);
  for (const name of Object.keys(objects.jobs)) fillJob(files, objects, name);
  const { pending, waiting } = files.faults;
  if (pending || waiting) return;
  for (const pod of Object.values(objects.pods)) {
    if (pod.phase === "Pending") startPod(files, objects, pod);
  }
}

function updatePod(files: ClusterFiles, objects: Objects, pod: Pod): void {
  if (pod.phase === "Running" && !pod.isFrozen) {
    const code = readNumber(`${files.podDir(pod.name)}/exit`);
    const hasEnded = code !== undefined || processesOf(pod).length === 0;
    if (hasEnded) {
      endPod(pod, { reason: code === 0 ? "Completed" : "Error", exitCode: code ?? 137 });
    }
  }
  if (pod.killAt === undefined) return;
  if (Date.now() > pod.killAt && pod.phase === "Running" && !pod.isFrozen) {
    endPod(pod, { reason: "Error", exitCode: 137 });
  }
  if (pod.phase === "Running" && pod.isFrozen) return;
  if (pod.phase !== "Running") delete objects.pods[pod.name];
}

/** Ends a pod with all its processes. */
export function endPod(pod: Pod, terminated: NonNullable<Pod["terminated"]>): void {
  signalPod(pod, "SIGKILL");
  pod.phase = terminated.exitCode === 0 ? "Succeeded" : "Failed";
  pod.terminated = terminated;
}

/** Begins to delete a pod. */
export function deletePod(files: ClusterFiles, objects: Objects, pod: Pod, graceMs: number): void {
  // The processes on a silent node run on.
  if (graceMs === 0 && pod.isFrozen) return void delete objects.pods[pod.name];
  const pid = readNumber(`${files.podDir(pod.name)}/pid`);
  if (graceMs === 0 || pod.phase !== "Running" || !pid) {
    signalPod(pod, "SIGKILL");
    return void delete objects.pods[pod.name];
  }
  // Deno's signals refuse a process that has just ended.
  pod.killAt = Math.min(pod.killAt ?? Infinity, Date.now() + graceMs);
  sendSignal(pid, "SIGTERM");
}

function fillJob(files: ClusterFiles, objects: Objects, job: string): void {
  const pods = Object.values(objects.pods).filter((pod) => pod.job === job);
  if (pods.some(({ phase }) => phase === "Succeeded")) return;
  const active = pods.filter(({ phase, killAt }) =>
    killAt === undefined && (phase === "Pending" || phase === "Running")
  );
  const { quota = Infinity } = files.faults;
  for (let n = active.length; n < objects.jobs[job]!.spec.parallelism; n++) {
    if (Object.keys(objects.pods).length >= quota) {
      const message = `Error creating: pods "${job}-x" is forbidden: exceeded quota: small, ` +
        `requested: pods=1, used: pods=${quota}, limited: pods=${quota}`;
      if (objects.events.every((event) => event.job !== job)) objects.events.push({ job, message });
      return;
    }
    const mark = crypto.randomUUID(), name = `${job}-${mark.slice(0, 5)}`;
    objects.marks.push(mark);
    objects.pods[name] = { name, job, phase: "Pending", mark };
  }
}

function startPod(files: ClusterFiles, objects: Objects, pod: Pod): void {
  const [container] = objects.jobs[pod.job]?.spec.template.spec.containers ?? [];
  if (!container) return;
  const dir = files.podDir(pod.name);
  for (const { mountPath } of container.volumeMounts) {
    Deno.mkdirSync(dir + mountPath, { recursive: true });
  }
  const command = inPod(files, objects, pod, container.command);
  new Deno.Command("sh", {
    args: ["-c", FIRST, dir, ...command],
    env: podEnv(files, pod),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn().unref();
  pod.phase = "Running";
}

const FIRST = `sh -c 'echo $$ > "$0/pid"; exec "$@"' "$0" "$@"; echo $? > "$0/exit"`;

/** Returns a command with the paths of the pod's volumes, as they are on this machine. */
export function inPod(
  files: ClusterFiles,
  objects: Objects,
  { name, job }: Pod,
  command: readonly string[],
): string[] {
  const mounts = objects.jobs[job]?.spec.template.spec.containers[0]?.volumeMounts ?? [];
  const paths = mounts.map(({ mountPath }) => mountPath).join("|");
  const path = new RegExp(`(?<![\\w/.-])(${paths})(?![\\w-])`, "g");
  return command.map((word) => word.replace(path, (mount) => files.podDir(name) + mount));
}

/** Returns the environment of the processes of a pod. */
export function podEnv(files: ClusterFiles, { name, mark }: Pod): Record<string, string> {
  const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const bin = Deno.execPath().replace(/\/[^/]*$/, "");
  const path = `${bin}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  return { PATH: path, HOME: files.podDir(name), DENO_DIR: denoDir, [MARK]: mark };
}

/** Returns the processes of a pod. */
export function processesOf({ mark }: Pick<Pod, "mark">): number[] {
  const word = `${MARK}=${mark}`;
  return processIds().filter((pid) => readIfThere(`/proc/${pid}/environ`).includes(word));
}

/** Sends a signal to all processes of a pod, also to those that begin meanwhile. */
export function signalPod(pod: Pick<Pod, "mark">, signal: Deno.Signal): void {
  const seen = new Set<number>();
  for (let isMore = true; isMore;) {
    const found = processesOf(pod).filter((pid) => !seen.has(pid));
    for (const pid of found) sendSignal(pid, signal), seen.add(pid);
    isMore = found.length > 0;
  }
}

function readNumber(path: string): number | undefined {
  const text = readIfThere(path).trim();
  return text === "" ? undefined : Number(text);
}
