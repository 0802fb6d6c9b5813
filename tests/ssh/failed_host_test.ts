/**
 * The name of the host in the failures of a job.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli, enterFolder } from "../support/jobs.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

useHosts({ count: 2 });

function test(claim: string, fn: () => Promise<void>): void {
  Deno.test({ name: `ssh: ${claim}${skipped}`, ignore: whyNot !== undefined, fn });
}

/** Runs a program for the lines of a list on some hosts. */
async function mapOn(hosts: string, ...program: string[]) {
  const ssh = ["--ssh", `hosts=${hosts}`, "--ssh", `command=ssh -F ${theHosts().config}`];
  return await cli(["map", "list.txt", "--quiet", "--engine", "ssh", ...ssh, "--", ...program]);
}

test("a short task that fails names its host everywhere", async () => {
  await using _folder = await enterFolder({ "list.txt": "a\nb\nb\n" });
  assertEquals((await mapOn("h2*1", "test", "{}", "=", "b")).code, 1);
  const outOf = async (...args: string[]) => (await cli(args)).stdout;
  assertMatch(await outOf("why", "0"), /^Task 0 \(list\.txt:1\) has the arguments "a"$/m);
  // On a slow machine, the task has a span of its own, which names the worker.
  assertMatch(await outOf("why", "0"), /^Attempt 1 on (h2|worker h2\.0, from .*,) failed after /m);
  assertMatch(await outOf("errors"), /^ +task 0 {2}list\.txt:1 {2}on h2 {2}"a"$/m);
  const { groups: [{ examples }] } = JSON.parse(await outOf("errors", "--json"));
  assertEquals(examples.map(({ host }: { host: string }) => host), ["h2"]);
  const query = "select worker from tasks where state = 'failed'";
  assertMatch(await outOf("query", query), /^worker\nh2(\.0)?\n$/);
});

test("a program that no host has is said once, with all hosts", async () => {
  await using _folder = await enterFolder({ "list.txt": "a\n" });
  const errorOf = async (program: string) => {
    const { code, stdout, stderr } = await mapOn("h1,h2", program, "{}");
    assertEquals([code, stdout], [2, ""], stderr);
    return stderr.split("\n").filter((line) => line.startsWith("Error: "));
  };
  assertEquals(await errorOf("fctor"), [
    'Error: Cannot run the program on hosts h1, h2: no folder of PATH has the program "fctor", ' +
    "install it there, or write its path there",
  ]);
  assertEquals(await errorOf("./prog.sh"), [
    "Error: Cannot run the program on hosts h1, h2: ./prog.sh does not exist, files of this " +
    "machine do not travel: write a path that exists there, or send the file with the option " +
    "data of a job",
  ]);
});
