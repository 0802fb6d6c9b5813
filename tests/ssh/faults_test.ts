/**
 * Jobs on two hosts, where a host, its network or the controller fails.
 *
 * The jobs run side by side: most of their time is the time after which a host counts as away.
 *
 * @module
 */

import { delay } from "../../lib/util/time/delay.ts";
import { runSync } from "../../tools/support/system.ts";
import { until } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { besides } from "../support/besides.ts";
import { readEvents, readLines } from "../support/jobs.ts";
import { skipped, whyNot } from "../support/ssh_hosts.ts";
import { type Controller, SshJob, type SshJobOptions, TASKS } from "./jobs.ts";

/** The time for which a network or a host is away: ssh notices it after 15 to 20 s. */
const AWAY_MS = 25_000;

/** The number of tasks that a killed process may run again: those of its last moment. */
const LATEST = 200;

/** The number of tasks that a host may have when it is given up: those of its last seconds. */
const GIVEN = 2000;

const SMALL_DISK = { home: "size=8m" };
const FILL_DISK = "cat /dev/zero > fill 2> /dev/null || :";
const LAST = `${TASKS - 1}`;

/** A fault while a job runs. */
interface Fault extends SshJobOptions {
  /** Hurts a part and heals it, and returns the controller that ends the job. */
  readonly hurt: (job: SshJob, controller: Controller) => Promise<Controller | void> | void;
  /** The number of tasks that may run twice. @default {0} */
  readonly mostTwice?: number;
  /** The host that keeps its files, because it is away at the end. @default {none} */
  readonly keepsFiles?: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  "the link of a host is down": {
    hurt: async ({ hosts }) => {
      hosts.cut("h2");
      await delay(AWAY_MS);
      hosts.mend("h2");
    },
  },
  "packets from a host are dropped": {
    hurt: async ({ hosts }) => {
      hosts.drop("h2", "out");
      await delay(AWAY_MS);
      hosts.mend("h2");
    },
  },
  "packets to a host are dropped": {
    hurt: async ({ hosts }) => {
      hosts.drop("h2", "in");
      await delay(AWAY_MS);
      hosts.mend("h2");
    },
  },
  "a host stops, and continues": {
    hurt: async ({ hosts }) => {
      hosts.freeze("h2");
      await delay(AWAY_MS);
      hosts.thaw("h2");
    },
  },
  "the processes of ssh are killed": {
    hurt: ({ hosts }) => assertKilled(hosts.killNear()),
  },
  "the processes of sshd are killed": {
    hurt: ({ hosts }) => assertKilled(hosts.kill("h2", "sshd: ")),
  },
  "the workers of a host are killed": {
    hurt: ({ hosts }) => assertKilled(hosts.kill("h2", "program-")),
    mostTwice: LATEST,
  },
  "the daemon of a host is killed": {
    hurt: ({ hosts }) => assertKilled(hosts.kill("h2", " daemon ")),
    mostTwice: LATEST,
  },
  "all processes of a host are killed": {
    hurt: ({ hosts }) => assertKilled(hosts.kill("h2", "")),
    mostTwice: LATEST,
  },
  "a host reboots": {
    hurt: async ({ hosts }) => await hosts.reboot("h2"),
    mostTwice: LATEST,
  },
  "a host has no power": {
    hurt: async ({ hosts }) => {
      hosts.cut("h2");
      await hosts.off("h2");
      await delay(AWAY_MS);
      hosts.mend("h2");
      await hosts.on("h2");
    },
    mostTwice: LATEST,
  },
  "the controller is killed": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      return job.start("resume");
    },
  },
  "the controller is killed, and the hosts end their work": {
    ssh: ["lease=3s"],
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      const { hosts } = job;
      const isQuiet = (name: string) => hosts.processes(name).length === 0;
      await until(() => hosts.names.every(isQuiet), "the hosts end their work");
      return job.start("resume");
    },
  },
  "no host is there when a controller resumes": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      for (const name of job.hosts.names) job.hosts.cut(name);
      const next = job.start("resume");
      await delay(AWAY_MS);
      for (const name of job.hosts.names) job.hosts.mend(name);
      return next;
    },
  },
  "a host reboots while the controller is dead": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      await job.hosts.reboot("h2");
      return job.start("resume");
    },
    mostTwice: LATEST,
  },
  "a host is away for good": {
    ssh: ["lost_after=4s", "lease=4s"],
    hurt: async ({ hosts }, { end }) => {
      hosts.cut("h2");
      await end;
      hosts.mend("h2");
    },
    mostTwice: GIVEN,
    keepsFiles: "h2",
  },
  "the disk of a host is full": {
    hosts: { h2: SMALL_DISK },
    hurt: ({ hosts }) => void hosts.run("h2", FILL_DISK),
    mostTwice: GIVEN,
  },
  "the disk of the controller is full for a while": {
    disk: "64m",
    hurt: async (job, { end }) => {
      const fill = `${job.folder.path}/.dl_jobs/fill`;
      runSync("sh", ["-c", `cat /dev/zero > '${fill}' 2> /dev/null || :`]);
      const { code, stderr } = await end;
      assertEquals(code, 1, stderr);
      await Deno.remove(fill);
      return job.start("resume");
    },
  },
  "Ctrl-C ends the job, and it resumes": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGINT");
      assertEquals((await end).code, 130);
      for (const name of job.hosts.names) await job.assertIdle(name);
      return job.start("resume");
    },
  },
  "the shells of the hosts are others that print, and have no deno": {
    hosts: {
      h1: { shell: "/usr/bin/fish", prints: "welcome", hasDeno: false },
      h2: { shell: "/usr/bin/csh", prints: "welcome", hasDeno: false },
    },
    hurt: () => {},
  },
  "there is a second controller": {
    hurt: async (job, { process, end }) => {
      process.kill("SIGKILL");
      await end;
      const [first, second] = [job.start("resume"), job.start("resume")];
      const winner = await Promise.race([first, second].map(async (one) => {
        const { code, stderr } = await one.end;
        if (code !== 2) return one;
        assertMatch(stderr, /has been running it/);
        return one === first ? second : first;
      }));
      return winner;
    },
  },
};

Deno.test({
  name: `ssh: each task of a job ends once when a part fails${skipped}`,
  ignore: whyNot !== undefined,
  fn: async (t) => {
    const faults = Object.entries(FAULTS);
    await besides(t, faults.map(([name, fault]) => [name, () => play(fault)]), 7);
  },
});

function assertKilled(processes: number): void {
  assert(processes > 0, "nothing was killed");
}

Deno.test({
  name: `ssh: a job ends when a host cannot write after its last task${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await SshJob.create({ hosts: { h1: SMALL_DISK, h2: SMALL_DISK } });
    const { hosts } = job;
    for (const name of hosts.names) hosts.run(name, "touch /var/tmp/wait");
    const controller = job.begin();
    await job.untilDone(TASKS - 1);
    const ends = () => readEvents(job.path!).filter(({ type }) => type === "succeeded").length;
    await until(() => ends() === TASKS - 1, "all tasks but the last have ended");
    const isBusy = (name: string) => readLines(`${hosts.root(name)}/var/tmp/ran`).includes(LAST);
    const [busy, idle] = isBusy("h1") ? ["h1", "h2"] as const : ["h2", "h1"] as const;
    hosts.run(idle, FILL_DISK);
    hosts.run(busy, "rm /var/tmp/wait");
    const { code, stderr } = await controller.end;
    assertEquals(code, 0, stderr);
    job.assertWhole(0);
    for (const name of hosts.names) job.assertNoFiles(name);
  },
});

/** Runs a job with a fault, and checks its outcome. */
async function play(fault: Fault): Promise<void> {
  await using job = await SshJob.create(fault);
  const controller = job.begin();
  await job.untilDone(500);
  const last = await fault.hurt(job, controller) ?? controller;
  const { code, stderr } = await last.end;
  assertEquals(code, 0, stderr);
  job.assertWhole(fault.mostTwice ?? 0);
  for (const name of job.hosts.names) {
    await job.assertIdle(name);
    if (name !== fault.keepsFiles) job.assertNoFiles(name);
  }
}

Deno.test({
  name: `ssh: a job that is canceled leaves nothing on its hosts${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await SshJob.create();
    const controller = job.begin();
    await job.untilDone(500);
    const { code, stderr } = await job.start("cancel").end;
    assertEquals(code, 0, stderr);
    assertEquals((await controller.end).code, 130);
    for (const name of job.hosts.names) {
      await job.assertIdle(name);
      job.assertNoFiles(name);
    }
  },
});

Deno.test({
  name: `ssh: a canceled job tells which host may run its tasks on${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await SshJob.create();
    const controller = job.begin();
    await job.untilDone(500);
    job.hosts.cut("h2");
    await job.start("cancel").end;
    const { code, stderr } = await controller.end;
    assertEquals(code, 130, stderr);
    const told = stderr.match(/^host h\d has not ended its tasks: .* until dl_jobs cancel$/gm);
    assertEquals(told?.map((line) => line.slice(0, 7)), ["host h2"], stderr);
    job.hosts.mend("h2");
    assertEquals((await job.start("cancel").end).code, 0);
    for (const name of job.hosts.names) await job.assertIdle(name);
  },
});

Deno.test({
  name: `ssh: a job without a controller is canceled, also on a host that is back later${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using job = await SshJob.create();
    const { process, end } = job.begin();
    await job.untilDone(500);
    process.kill("SIGKILL");
    await end;
    job.hosts.cut("h2");
    const first = await job.start("cancel").end;
    assertMatch(first.stderr, /^Error: Cannot cancel the tasks on host h2: .*, try again/m);
    await job.assertIdle("h1");
    job.hosts.mend("h2");
    const second = await job.start("cancel").end;
    assertEquals(second.code, 0, second.stderr);
    for (const name of job.hosts.names) {
      await job.assertIdle(name);
      job.assertNoFiles(name);
    }
  },
});
