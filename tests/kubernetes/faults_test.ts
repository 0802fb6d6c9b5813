/**
 * Jobs in two pods, where a pod, a connection, the server or the controller fails.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { delay } from "../../lib/util/time/delay.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { besides } from "../support/besides.ts";
import { LANES, whyNot } from "./clusters.ts";
import { type Controller, PodJob, type PodJobOptions } from "./jobs.ts";

/** The number of tasks that a pod may have when it is given up: those of its last seconds. */
const GIVEN = 2000;

/** A fault while a job runs. */
interface Fault extends PodJobOptions {
  /** Hurts a part and heals it, and returns the controller that ends the job. */
  readonly hurt: (job: PodJob, controller: Controller) => Promise<Controller | void> | void;
  /** The number of tasks that may run twice. @default {0} */
  readonly mostTwice?: number;
  /** The number of attempts charged as `lost` and `oom`. @default {any} */
  readonly charged?: Readonly<Record<string, number>>;
}

const NONE = { lost: 0, oom: 0 };

const FAULTS: Readonly<Record<string, Fault>> = {
  "no fault": { hurt: () => {}, charged: NONE },
  "a pod is killed": {
    hurt: (job) => job.cluster.kill(job.running().name),
    // Results that were not on their way are lost with the pod.
    mostTwice: GIVEN,
  },
  "all pods are deleted at once": {
    hurt: ({ cluster }) => cluster.pods().forEach(({ name }) => cluster.evict(name, 0)),
    mostTwice: GIVEN,
  },
  "a pod is evicted, and flushes": {
    hurt: (job) => job.cluster.evict(job.running().name),
    charged: NONE,
  },
  "a pod with several tasks uses too much memory": {
    hurt: (job) => job.cluster.kill(job.running().name, "OOMKilled"),
    mostTwice: GIVEN,
    charged: NONE,
  },
  "a pod with one task uses too much memory": {
    args: ["--workers", "2", "--concurrency", "1", "--retry", "oom=2"],
    hurt: (job) => job.cluster.kill(job.running().name, "OOMKilled"),
    mostTwice: GIVEN,
    charged: { lost: 0, oom: 1 },
  },
  "a pod with a memory limit uses too much, and the task runs in a larger one": {
    args: ["--workers", "2", "--concurrency", "1", "--retry", "oom=x2"],
    kubernetes: ["memory=1Gi"],
    hurt: async (job, { end }) => {
      await job.cluster.kill(job.running().name, "OOMKilled");
      assertMatch((await end).stderr, /tasks that need more memory run in a pod of 2Gi/);
    },
    mostTwice: GIVEN,
    charged: { lost: 0, oom: 1 },
  },
  "the connections are killed": {
    hurt: ({ cluster }) => assert(cluster.cutExecs() > 0, "nothing was killed"),
    charged: NONE,
  },
  "the server is away": {
    kubernetes: ["lost_after=2s"],
    hurt: async ({ cluster }) => {
      await cluster.fail({ isDown: true });
      await delay(8000);
      await cluster.fail({ isDown: false });
    },
    charged: NONE,
  },
  "uploads lose their end": { faults: { cutUploads: 3 }, hurt: () => {}, charged: NONE },
  "a node is silent": {
    kubernetes: ["lost_after=2s"],
    hurt: async (job, { end }) => {
      job.cluster.freeze(job.running().name);
      await end;
      job.cluster.thaw();
    },
    mostTwice: GIVEN,
  },
  "pods are pending for a while": {
    faults: { pending: { reason: "Unschedulable", message: "0/2 nodes: 2 Insufficient cpu." } },
    hurt: () => {},
    charged: NONE,
  },
  "a quota allows one pod": { faults: { quota: 1 }, hurt: () => {}, charged: NONE },
  "the controller is killed": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      return job.start("resume");
    },
    charged: NONE,
  },
  "the controller is killed, and the pods end their work": {
    kubernetes: ["lease=2s"],
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      await until(() => job.cluster.processes(" daemon ").length === 0, "the pods end their work");
      return job.start("resume");
    },
    charged: NONE,
  },
  "the controller is killed, and a pod is replaced": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      job.cluster.evict(job.running().name, 0);
      return job.start("resume");
    },
    mostTwice: GIVEN,
  },
  "the controller is killed, and the Job is deleted": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      job.cluster.removeJobs();
      return job.start("resume");
    },
    mostTwice: GIVEN,
  },
  "Ctrl-C ends the job, and it resumes": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGINT");
      assertEquals((await end).code, 130);
      await job.assertClean();
      return job.start("resume");
    },
    charged: NONE,
  },
};

Deno.test({
  name: `kubernetes: each task of a job ends once when a part fails${
    whyNot ? ` (skipped: ${whyNot})` : ""
  }`,
  ignore: whyNot !== undefined,
  fn: async (t) => {
    const faults = Object.entries(FAULTS).filter(([name]) =>
      new RegExp(Deno.env.get("TEST_FAULT") ?? "").test(name)
    );
    await besides(t, faults.map(([name, fault]) => [name, () => play(fault)]), LANES);
  },
});

/** Runs a job with a fault, and checks its outcome. */
async function play(fault: Fault): Promise<void> {
  await using job = await PodJob.create(fault);
  const controller = job.begin();
  if (fault.faults?.pending) {
    await until(() => job.cluster.pods().length === 2, "the pods wait");
    await job.cluster.fail({ pending: undefined });
  }
  await Promise.race([job.untilDone(300), failure(controller)]);
  const last = await fault.hurt(job, controller) ?? controller;
  const { code, stderr } = await last.end;
  assertEquals(code, 0, stderr);
  job.assertWhole(fault.mostTwice ?? 0);
  for (const [name, count] of Object.entries(fault.charged ?? {})) {
    assertEquals(job.charged(name), count, `${name}: ${stderr}`);
  }
  await job.assertClean();
}

async function failure({ end }: Controller): Promise<void> {
  const { code, stderr } = await end;
  if (code !== 0) throw new Error(stderr);
}

/** The commands that end the pods of a job without a controller, and what they say without a server. */
const ENDINGS: readonly (readonly [name: string, words: readonly string[], refused: RegExp])[] = [
  ["canceled", ["cancel"], /^Error: Cannot cancel the Job dl-jobs-.*refused.*, try again/m],
  [
    "removed with its pods",
    ["rm", "last", "--yes"],
    /^Error: Cannot remove job \S+: its tasks on kubernetes cannot be/m,
  ],
];

for (const [name, words, refused] of ENDINGS) {
  Deno.test({
    name: `kubernetes: a job without a controller is ${name}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using job = await PodJob.create();
      const { process, end } = job.begin();
      await job.untilDone(300);
      process.kill("SIGKILL");
      await end;
      await job.cluster.fail({ isDown: true });
      const first = await job.start(...words).end;
      assertMatch(first.stderr, refused);
      await job.cluster.fail({ isDown: false });
      const second = await job.start(...words).end;
      assertEquals(second.code, 0, second.stderr);
      await job.assertClean();
    },
  });
}

Deno.test({
  name: "kubernetes: a Job that the server does not delete at first is deleted at the end",
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await PodJob.create({ kubernetes: ["command=sh busy.sh"] });
    await job.folder.write(
      "busy.sh",
      `case "$*" in *"delete jobs"*) test -e busy || {
  : > busy; echo "Error from server (TooManyRequests): try again later" >&2; exit 1
};; esac
exec ${job.cluster.command} "$@"
`,
    );
    const { code, stderr } = await job.begin().end;
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /^Cannot delete the Job \S+ yet, and tries again: .*TooManyRequests/m);
    await job.assertClean();
  },
});

Deno.test({
  name: "kubernetes: a job ends without the pod that it lost when no task was there",
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await PodJob.create({ args: ["--concurrency", "1", "--workers", "2"] });
    // All tasks wait until each pod has one, and the last one also for the fault.
    await job.folder.write(
      "work.ts",
      `export async function task(x: number) {
  const step = x === 59 ? 2 : 1;
  while (Number(Deno.readTextFileSync(${JSON.stringify(`${job.folder.path}/go`)})) < step) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return x + 1;
}
`,
    );
    await job.folder.write("list.ndjson", Array.from({ length: 60 }, (_, i) => `${i}\n`).join(""));
    await job.folder.write("go", "");
    const { end } = job.begin();
    const engine = () => `${job.path}/kubernetes`;
    type Host = { readonly name: string; readonly state: string; readonly tasks: number };
    const hosts = (): Host[] => JSON.parse(readIfThere(`${engine()}/hosts.json`) || "[]");
    const isBusy = () => hosts().length === 2 && hosts().every(({ tasks }) => tasks > 0);
    await until(isBusy, "each pod has a task", 120_000);
    await job.folder.write("go", "1");
    const idle = () => {
      const isLast = hosts().reduce((all, { tasks }) => all + tasks, 0) === 1;
      return isLast && hosts().find(({ state, tasks }) => state === "there" && tasks === 0);
    };
    const { name } = await until(idle, "a pod has no task left");
    const { pods } = JSON.parse(readIfThere(`${engine()}/job.json`));
    const pending = { reason: "Unschedulable", message: "no node has room" };
    await job.cluster.fail({ pending });
    await job.cluster.kill(pods[name]);
    await until(
      () => /Unschedulable: /.test(readIfThere(`${engine()}/hosts.json`)),
      "it waits",
      60_000,
    );
    await job.folder.write("go", "2");
    const { code, stderr } = await within(end, "the end", 30_000);
    assertEquals(code, 0, stderr);
  },
});
