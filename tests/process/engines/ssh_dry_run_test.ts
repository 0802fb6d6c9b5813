import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

Deno.test("ssh: a dry run names the hosts, and asks none of them", async () => {
  await using folder = await enterFolder({ "list.txt": "a\n" });
  const ssh = ["--engine", "ssh", "--ssh", "hosts=lab1,ann@lab2:2222*8"];
  const { code, stderr } = await cli(["map", "list.txt", "--dry-run", ...ssh, "--", "echo", "{}"], {
    cwd: folder.path,
  });
  assertEquals([code, stderr.replace(/job \S+ would/, "job ID would").split("\n")], [0, [
    "CPU job with 1 CPU",
    "echo: job ID would run all tasks of its list on ssh",
    "on 2 hosts: lab1, ann@lab2:2222 with 8 workers",
    "echo a",
    "",
  ]]);
});
