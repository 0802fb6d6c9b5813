/**
 * Clusters that cannot run a job: each is told with the words of kubectl before anything runs.
 *
 * @module
 */

import type { Faults } from "../../tools/kubectl_stand_in/cluster.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { whyNot } from "./clusters.ts";
import { PodJob } from "./jobs.ts";

const REFUSALS: Readonly<Record<string, readonly [RegExp, Faults, string?]>> = {
  "a right that the user does not have": [
    /you may not create pods\/exec in this namespace, check it by hand: \S+ auth can-i create pods/,
    { forbidden: ["create pods/exec"] },
  ],
  "a quota without pods": [/Kubernetes creates no pod: .*exceeded quota: small/, { quota: 0 }],
  "a server that is away": [/The connection to the server \S+ was refused/, { isDown: true }],
  "no kubectl": [/there is no nowhere on the PATH, install kubectl/, {}, "command=nowhere"],
  "no template": [/Cannot use no\.yaml as template in .* No such file/, {}, "template=no.yaml"],
  "a template without a pod": [
    /list\.ndjson as template.*write a PodTemplate/,
    {},
    "template=list.ndjson",
  ],
};

Deno.test({
  name: `kubernetes: a cluster that cannot run a job is told${
    whyNot ? ` (skipped: ${whyNot})` : ""
  }`,
  ignore: whyNot !== undefined,
  fn: async (t) => {
    for (const [name, [words, faults, option]] of Object.entries(REFUSALS)) {
      await t.step(name, async () => {
        await using job = await PodJob.create({ faults, kubernetes: option ? [option] : [] });
        const { code, stderr } = await job.begin().end;
        assertMatch(stderr, words);
        assertEquals(code, 2, stderr);
        await job.cluster.fail({ isDown: false });
        await job.assertClean();
      });
    }
  },
});

Deno.test({
  name: "kubernetes: a job whose Job is deleted ends, and resumes with another one",
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await PodJob.create();
    const { end } = job.begin();
    await job.untilDone(300);
    job.cluster.removeJobs();
    const { code, stderr } = await end;
    assertMatch(stderr, /Cannot run on hosts? pod-\d(, pod-\d)*: the Job dl-jobs-\S+ was deleted/);
    assertEquals(code, 2);
    assertEquals((await job.start("resume").end).code, 0);
    job.assertWhole(2000);
    await job.assertClean();
  },
});

Deno.test({
  name: "kubernetes: the reason of an image that cannot be used is told while the job waits",
  ignore: whyNot !== undefined,
  fn: async () => {
    const waiting = { reason: "ErrImagePull", message: "manifest unknown" };
    await using job = await PodJob.create({ faults: { waiting } });
    const { end } = job.begin();
    const status = async () => (await job.start("status").end).stdout;
    await until(async () => /(ErrImagePull|ImagePullBackOff): /.test(await status()), "it is told");
    await job.cluster.fail({ waiting: undefined });
    const { code, stderr } = await end;
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /pods wait: (ErrImagePull|ImagePullBackOff): /);
    job.assertWhole(0);
    await job.assertClean();
  },
});

Deno.test({
  name: "kubernetes: a script around kubectl may print lines of its own",
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await PodJob.create({ kubernetes: ["command=sh login.sh"] });
    const { command } = job.cluster;
    await job.folder.write("login.sh", `echo Signed in as ann\nexec ${command} "$@"\n`);
    const { code, stderr } = await job.begin().end;
    assertEquals(code, 0, stderr);
    job.assertWhole(0);
    await job.assertClean();
  },
});
