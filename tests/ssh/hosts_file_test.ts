/**
 * Jobs whose file of hosts changes between two controllers.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../support/assert.ts";
import { skipped, whyNot } from "../support/ssh_hosts.ts";
import { SshJob } from "./jobs.ts";

/** Registers a test with a job whose controller was killed, and whose file then lacks `h2`. */
function test(claim: string, fn: (job: SshJob) => Promise<void>): void {
  Deno.test({
    name: `ssh: ${claim}${skipped}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using job = await SshJob.create({ ssh: ["hosts=./lab.hosts"] });
      await job.folder.write("lab.hosts", "h1*2\nh2*2\n");
      const { process, end } = job.begin();
      await job.untilDone(500);
      process.kill("SIGKILL");
      await end;
      await job.folder.write("lab.hosts", "h1*2\n");
      await fn(job);
      for (const name of job.hosts.names) {
        await job.assertIdle(name);
        job.assertNoFiles(name);
      }
    },
  });
}

test("a host that is no longer listed ends what runs there, and no task runs twice", async (job) => {
  const { code, stderr } = await job.start("resume").end;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^host h2 is no longer listed: it ends the tasks that run there, and /m);
  job.assertWhole(0);
});

test("a job is canceled on a host that is no longer listed", async (job) => {
  const { code, stderr } = await job.start("cancel").end;
  assertEquals(code, 0, stderr);
});

test("a job is removed from a host that is no longer listed", async (job) => {
  const { code, stderr } = await job.start("rm", "last", "--yes").end;
  assertEquals(code, 0, stderr);
});
