import { type Kubectl, KubectlError } from "../../../../lib/engines/kubernetes/kubectl.ts";
import { PodJobRecord } from "../../../../lib/engines/kubernetes/job_record.ts";
import { PodPool } from "../../../../lib/engines/kubernetes/pod_pool.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const failed = (name: string) => ({ metadata: { name }, status: { phase: "Failed" } });

/** Returns a pool whose Job has some pods, and has given pods to places before. */
function poolOf(
  folder: string,
  items: readonly object[],
  pods: Readonly<Record<string, string>>,
  answers: object = {},
  { told, patienceMs }: { told?: string[]; patienceMs?: number } = {},
): PodPool {
  const record = new PodJobRecord(folder, "kubernetes");
  record.begin("job");
  for (const [place, pod] of Object.entries(pods)) record.setPod(place, pod);
  const kubectl = {
    read: ([, what]: string[]) => Promise.resolve({ items: what === "pods" ? items : [] }),
    run: (args: string[]) => Promise.resolve(`job.batch/${args[2]}`),
  };
  const warn = (text: string) => void told?.push(text);
  return new PodPool({ ...kubectl, ...answers } as unknown as Kubectl, record, warn, patienceMs);
}

Deno.test("PodPool.waitFor() ends a job whose pods never run, but not one that lost pods before", async () => {
  await using folder = await makeFolder({});
  const items = ["a", "b", "c"].map(failed), signal = new AbortController();
  await assertRejects(
    () => poolOf(folder.path, items, {}).waitFor("pod-2", signal.signal, () => {}),
    UsageError,
    "its pods end before a task runs",
  );
  const reasons: string[] = [], pool = poolOf(folder.path, items, { "pod-1": "d" });
  await pool.waitFor("pod-2", signal.signal, (reason) => {
    reasons.push(reason);
    signal.abort();
  });
  assertEquals(reasons, ["its pod is being created"]);
});

Deno.test("PodPool.waitFor() finds that the Job is gone without the right to list events", async () => {
  await using folder = await makeFolder({});
  const refused = new KubectlError("Error from server (Forbidden): events is forbidden");
  const answers = {
    read: ([, what]: string[]) =>
      what === "events" ? Promise.reject(refused) : Promise.resolve({ items: [] }),
    run: () => Promise.resolve(""),
  };
  const reasons: string[] = [], late = AbortSignal.timeout(500);
  await assertRejects(
    () => poolOf(folder.path, [], {}, answers).waitFor("pod-1", late, (one) => reasons.push(one)),
    UsageError,
    "was deleted",
  );
  assertEquals(reasons, []);
});

Deno.test("PodPool.waitFor() tells the reason of a wait, and that it is over", async () => {
  await using folder = await makeFolder({});
  const waiting = { reason: "ContainerCreating" };
  const podIn = (phase: string, state: object) => ({
    metadata: { name: "a" },
    status: { phase, containerStatuses: [{ name: "dl-jobs", state }] },
  });
  const answers = [podIn("Pending", { waiting }), podIn("Running", { running: {} })];
  const read = () =>
    Promise.resolve({ items: [answers.length > 1 ? answers.shift() : answers[0]] });
  const pool = poolOf(folder.path, [], {}, { read }), reasons: string[] = [];
  const wait = () =>
    pool.waitFor("pod-1", new AbortController().signal, (one) => reasons.push(one));
  await within(wait(), "a pod");
  assertEquals(reasons, ["ContainerCreating", ""]);
  // A pod that is there was not waited for, so what is known of it stays.
  await within(wait(), "the same pod");
  assertEquals([reasons.length, pool.podOf("pod-1")], [2, "a"]);
});

/** Waits without success, and returns what was told to the user, or the error. */
async function toldOf(pods: readonly object[] | Error, message?: string): Promise<string> {
  await using folder = await makeFolder({});
  const told: string[] = [], late = AbortSignal.timeout(300);
  const read = ([, what]: string[]) => {
    if (what === "events") return Promise.resolve({ items: message ? [{ message }] : [] });
    return pods instanceof Error ? Promise.reject(pods) : Promise.resolve({ items: pods });
  };
  const pool = poolOf(folder.path, [], {}, { read }, { told, patienceMs: 0 });
  try {
    await pool.waitFor("pod-1", late, () => {});
  } catch (error) {
    return (error as Error).message;
  }
  return told.join();
}

Deno.test("PodPool.waitFor() tells what a pod lacks that is being created", async () => {
  const state = { waiting: { reason: "ContainerCreating" } };
  const containerStatuses = [{ name: "dl-jobs", state }];
  const pod = { metadata: { name: "a" }, status: { phase: "Pending", containerStatuses } };
  const missing = 'MountVolume.SetUp failed for volume "keys": secret "keys" not found';
  assertEquals(await toldOf([pod], missing), `pods wait: ContainerCreating: ${missing}`);
  assertEquals(await toldOf([pod]), "pods wait: ContainerCreating");
});

Deno.test("PodPool.waitFor() asks once for a warning about a pod, and keeps the pod without an answer", async () => {
  await using folder = await makeFolder({});
  const state = { waiting: { reason: "ContainerCreating" } };
  const containerStatuses = [{ name: "dl-jobs", state }];
  const pods = ["a", "b"].map((name) => (
    { metadata: { name }, status: { phase: "Pending", containerStatuses } }
  ));
  let asked = 0;
  const read = ([, what]: string[]) => {
    if (what === "pods") return Promise.resolve({ items: pods });
    asked++;
    return Promise.reject(new KubectlError("the server does not answer"));
  };
  const told: string[] = [], places = ["pod-1", "pod-2", "pod-3"];
  const pool = poolOf(folder.path, [], { "pod-1": "a" }, { read }, { told, patienceMs: 0 });
  const late = AbortSignal.timeout(300);
  await Promise.all(places.map((place) => pool.waitFor(place, late, () => {})));
  assertEquals([asked, told, pool.podOf("pod-1")], [1, ["pods wait: ContainerCreating"], "a"]);
});

Deno.test("PodPool.waitFor() tells an error that does not pass", async () => {
  assertEquals(await toldOf(new KubectlError("a login page")), "pods wait: a login page");
});

Deno.test("PodPool.waitFor() adds the way out to the words of a namespace that refuses pods", async () => {
  const cases: Readonly<Record<string, string>> = {
    "failed quota: small: must specify limits.cpu":
      ", set what it names, as --kubernetes cpu=N,memory=SIZE",
    "exceeded quota: small, requested: pods=1":
      ", ask for less with --kubernetes pods=N,cpu=N,memory=SIZE",
    'violates PodSecurity "restricted:latest"':
      ", set a securityContext in --kubernetes template=FILE",
    'serviceaccount "jobs" not found': "",
  };
  for (const [message, advice] of Object.entries(cases)) {
    assertEquals(await toldOf([], message), `Kubernetes creates no pod: ${message}${advice}`);
  }
});
