/**
 * The command `kubectl` of the stand-in: the calls that the engine kubernetes makes.
 *
 * `KUBECTL_STAND_IN` is the folder of the cluster.
 *
 * @module
 */

import { ClusterFiles, type JobManifest, type Objects, type Pod } from "./cluster.ts";
import { deletePod, inPod, podEnv, reconcile } from "./pods.ts";

class Refusal extends Error {}

const files = new ClusterFiles(Deno.env.get("KUBECTL_STAND_IN")!);

async function main(given: readonly string[]): Promise<number> {
  const split = given.indexOf("--"), own = split < 0 ? given : given.slice(0, split);
  const { words: [verb = "", ...words], flags } = parse(own);
  if (files.faults.isDown) {
    throw new Refusal(
      "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host " +
        "or port?",
    );
  }
  if (verb === "exec") return await exec(words[0]!, given.slice(split + 1));
  if (verb === "auth") return canI(words, flags);
  if (verb === "create") return create(await new Response(Deno.stdin.readable).json());
  if (verb === "get") return print(get(words, flags));
  if (verb === "delete") return remove(words, flags);
  if (verb === "version") return print({ serverVersion: { gitVersion: "stand-in" } });
  throw new Refusal(`error: unknown command "${verb}"`);
}

const VALUES = ["-n", "--namespace", "--context", "-l", "-o", "-f", "-c", "--field-selector"];

function parse(args: readonly string[]) {
  const words: string[] = [], flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [name = "", value] = args[i]!.split(/=(.*)/s);
    if (!name.startsWith("-")) words.push(args[i]!);
    else flags.set(name, value ?? (VALUES.includes(name) ? args[++i]! : "true"));
  }
  return { words, flags };
}

function print(value: object | undefined): number {
  if (value) console.log(JSON.stringify(value));
  return 0;
}

function isForbidden(verb: string, what: string): boolean {
  return files.faults.forbidden?.includes(`${verb} ${what}`) ?? false;
}

function canI([, verb = "", what = ""]: readonly string[], flags: Map<string, string>): number {
  const part = flags.get("--subresource");
  const isAllowed = !isForbidden(verb, part ? `${what}/${part}` : what);
  console.log(isAllowed ? "yes" : "no");
  return isAllowed ? 0 : 1;
}

function create(job: JobManifest): number {
  const { name } = job.metadata;
  files.change((objects) => {
    if (objects.jobs[name]) {
      throw new Refusal(
        `Error from server (AlreadyExists): error when creating "STDIN": jobs.batch "${name}" ` +
          "already exists",
      );
    }
    objects.jobs[name] = job;
    reconcile(files, objects);
  });
  console.log(`job.batch/${name} created`);
  return 0;
}

function get([kind = "", name]: readonly string[], flags: Map<string, string>): object | undefined {
  return files.change((objects) => {
    reconcile(files, objects);
    if (kind === "events") return eventsOf(objects, flags.get("--field-selector") ?? "");
    if (kind === "pods") return { items: podsOf(objects, flags.get("-l")).map(podObject) };
    const job = objects.jobs[name ?? ""];
    if (job) return { ...job, status: {} };
    if (flags.has("--ignore-not-found")) return undefined;
    throw new Refusal(`Error from server (NotFound): jobs.batch "${name}" not found`);
  });
}

function eventsOf({ events }: Objects, selector: string): object {
  const job = /involvedObject\.name=([^,]+)/.exec(selector)?.[1];
  return { items: events.filter((event) => event.job === job) };
}

function podsOf({ pods, jobs }: Objects, selector = ""): Pod[] {
  const [label = "", value] = selector.split("=");
  return Object.values(pods).filter(({ job }) =>
    label === "" || (jobs[job]?.metadata.labels[label] ?? job) === value
  );
}

function podObject({ name, phase, killAt, terminated }: Pod): object {
  const { pending, waiting } = files.faults;
  const state = terminated ? { terminated } : phase === "Running" ? { running: {} } : { waiting };
  const isUnscheduled = phase === "Pending" && pending;
  return {
    metadata: {
      name,
      deletionTimestamp: killAt === undefined ? undefined : new Date(killAt).toISOString(),
    },
    status: {
      phase,
      conditions: isUnscheduled ? [{ type: "PodScheduled", status: "False", ...pending }] : [],
      containerStatuses: isUnscheduled ? [] : [{ name: "dl-jobs", state }],
    },
  };
}

function remove([kinds = "", name]: readonly string[], flags: Map<string, string>): number {
  files.change((objects) => {
    reconcile(files, objects);
    const { pods, jobs } = objects;
    const chosen = podsOf(objects, flags.get("-l")).filter((pod) => !name || pod.name === name);
    const value = flags.get("-l")?.split("=")[1];
    if (kinds.includes("job")) delete jobs[name ?? value ?? ""];
    if (name && kinds.startsWith("pod") && !pods[name] && !flags.has("--ignore-not-found")) {
      throw new Refusal(`Error from server (NotFound): pods "${name}" not found`);
    }
    const graceMs = Number(flags.get("--grace-period") ?? 30) * 1000;
    for (const pod of chosen) deletePod(files, objects, pod, graceMs);
  });
  return 0;
}

/** Runs a command in a pod. Its streams end with this process, as those of the real one do. */
async function exec(name: string, command: readonly string[]): Promise<number> {
  const [pod, [program = "", ...args]] = files.change((objects) => {
    reconcile(files, objects);
    const found = objects.pods[name];
    if (!found) throw new Refusal(`Error from server (NotFound): pods "${name}" not found`);
    if (found.phase !== "Running") {
      throw new Refusal(
        `error: cannot exec into a container in a completed pod; current phase is ` +
          found.phase,
      );
    }
    return [found, inPod(files, objects, found, command)] as const;
  });
  // A node that is silent accepts nothing.
  if (pod.isFrozen) await new Promise(() => setInterval(() => {}, 1000));
  const child = new Deno.Command(program, {
    args,
    env: podEnv(files, pod),
    clearEnv: true,
    cwd: files.podDir(name),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const input = isCut(command) ? Deno.stdin.readable.pipeThrough(cut()) : Deno.stdin.readable;
  input.pipeTo(child.stdin).catch(() => {});
  await Promise.all([
    child.stdout.pipeTo(Deno.stdout.writable, { preventClose: true }).catch(() => {}),
    child.stderr.pipeTo(Deno.stderr.writable, { preventClose: true }).catch(() => {}),
  ]);
  const { code } = await child.status;
  if (code !== 0) console.error(`command terminated with exit code ${code}`);
  return code;
}

/** Returns true when this upload must lose its end. */
function isCut(command: readonly string[]): boolean {
  const { cutUploads = 0, ...others } = files.faults;
  if (cutUploads === 0 || !command.join(" ").includes("cat >")) return false;
  files.faults = { ...others, cutUploads: cutUploads - 1 };
  return true;
}

function cut(): TransformStream<Uint8Array, Uint8Array> {
  let left = 40_000;
  return new TransformStream({
    transform(part, controller) {
      if (left > 0) controller.enqueue(part.subarray(0, left));
      left -= part.length;
    },
  });
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
