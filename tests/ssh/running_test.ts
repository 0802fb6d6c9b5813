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
