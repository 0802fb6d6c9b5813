import { delay } from "../../lib/util/time/delay.ts";
import { exists, readIfThere } from "../../lib/util/files/fs.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli } from "../support/jobs.ts";
import { skipped, whyNot } from "../support/ssh_hosts.ts";
import { LIMIT_MS, SshJob } from "./jobs.ts";

// A task holds memory until the file `go` is on its host.
const HELD = `
export async function task(x: number) {
  const held = new Uint8Array(60_000_000).fill(1);
  while (!await Deno.stat("/var/tmp/go").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return x + held.length;
}
`;

Deno.test({
  name: `ssh: status lists the running tasks of the hosts with their memory${skipped}`,
  ignore: whyNot !== undefined,
  async fn() {
    await using job = await SshJob.create();
    await job.folder.write("work.ts", HELD);
    await job.folder.write("list.ndjson", "1\n2\n");
    const controller = job.begin();
    const status = () => cli(["status", "--json"], { cwd: job.folder.path });
    const tasksOf = async () => JSON.parse((await status()).stdout).running?.tasks ?? [];
    const isMeasured = async () => {
      const tasks = await tasksOf();
      return tasks.length === 2 && tasks.every(({ memory }: { memory?: number }) => memory) &&
        tasks;
    };
    // deno-lint-ignore no-explicit-any
    const tasks: any[] = await until(isMeasured, "the memory of both tasks is known", LIMIT_MS);
    const [first] = tasks.toSorted((a, b) => a.id - b.id);
    assertMatch(first.worker, /^h[12]\.\d$/);
    assertEquals([first.id, first.attempt, first.args, first.pid], [0, 1, "1", undefined]);
    assertEquals(first.memory > 60e6 && first.memory < 400e6, true, `${first.memory} bytes`);
    for (const name of job.hosts.names) job.hosts.run(name, "touch /var/tmp/go");
    const { code, stderr } = await controller.end;
    assertEquals(code, 0, stderr);
    assertEquals(await tasksOf(), []);
  },
});

// A task notes when it ran. The first one runs until the file `go` is on its host.
const TIMED = `
export async function task(x: number) {
  const from = Date.now();
  if (x === 0) Deno.writeTextFileSync("/var/tmp/begun", "");
  while (x === 0 && !await Deno.stat("/var/tmp/go").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  Deno.writeTextFileSync("/var/tmp/ran", from + " " + Date.now() + "\\n", { append: true });
  return x + 1;
}
`;

Deno.test({
  name: `ssh: one task runs at a time on all hosts, also after a controller was killed${skipped}`,
  ignore: whyNot !== undefined,
  async fn() {
    await using job = await SshJob.create();
    await job.folder.write("work.ts", TIMED);
    await job.folder.write("list.ndjson", "0\n1\n2\n3\n4\n5\n");
    await job.folder.write("dl_jobs.config.yaml", "rate: 1 at a time\n");
    const { process, end } = job.begin(), names = job.hosts.names;
    const on = (name: string, file: string) => `${job.hosts.root(name)}/var/tmp/${file}`;
    const hasBegun = () => names.some((name) => exists(on(name, "begun")));
    await until(hasBegun, "the first task has begun", LIMIT_MS);
    process.kill("SIGKILL");
    await end;
    const next = job.start("resume");
    const status = () => cli(["status", "--json"], { cwd: job.folder.path });
    const runs = async () => JSON.parse((await status()).stdout).running?.tasks?.length === 1;
    await until(runs, "the host is there again", LIMIT_MS);
    // Another task would begin now.
    await delay(500);
    for (const name of names) job.hosts.run(name, "touch /var/tmp/go");
    const { code, stderr } = await next.end;
    assertEquals(code, 0, stderr);
    const texts = names.map((name) => readIfThere(on(name, "ran"))).join("").trim().split("\n");
    const times = texts.map((line) => line.split(" ").map(Number)).sort(([a], [b]) => a! - b!);
    const overlap = times.filter(([from], i) => i > 0 && from! < times[i - 1]![1]!);
    assertEquals([times.length, overlap], [6, []]);
  },
});
