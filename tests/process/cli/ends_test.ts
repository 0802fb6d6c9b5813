/**
 * The end of a command on a signal and on a closed pipe.
 *
 * @module
 */

import { assertEquals } from "../../support/assert.ts";
import { endOf } from "../../support/jobs.ts";
import { CLI, command, makeProject, plain } from "./commands.ts";

Deno.test("dl_jobs ends quietly when its output is no longer read", async () => {
  await using project = await makeProject();
  const process = command("map work.same -", { cwd: project.path }, "piped");
  const input = new Blob(Array.from({ length: 200_000 }, (_, i) => `${i}\n`)).stream();
  const writing = input.pipeTo(process.stdin).catch(() => {});
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [{ code }, err] = await Promise.all([process.status, new Response(process.stderr).text()]);
  await writing;
  assertEquals([code, plain(err, project.path)], [
    141,
    "work.same: job ID on local\n",
  ]);
});

Deno.test("dl_jobs keeps its results on a signal, and exits with 130", async (t) => {
  await using project = await makeProject();
  const started = "work.waits: job ID on local\n";
  const stopping =
    "Stopping: running tasks may finish, Ctrl-C again ends them, dl_jobs resume runs the rest\n";
  const early = "Error: Interrupted before the job began\n";
  const canceled = "1 of 3 succeeded, 2 canceled, in MS\n  next    dl_jobs resume ID\n";
  const cases: [string, Deno.Signal, string][] = [
    ["map work.waits - --grace 50ms", "SIGINT", started + stopping + canceled],
    ["map work.waits - --grace 50ms", "SIGTERM", started + stopping + canceled],
    ["run jobs.hangs", "SIGINT", early],
  ];
  for (const [args, signal, err] of cases) {
    await t.step(`${args} ${signal}`, async () => {
      const process = command(`${args} --no-log`, { cwd: project.path }, "piped");
      await new Blob(["0\n1\n2\n"]).stream().pipeTo(process.stdin);
      const reader = process.stdout.getReader();
      await reader.read();
      process.kill(signal);
      reader.releaseLock();
      const { code, stderr } = await endOf(process);
      assertEquals([code, plain(stderr, project.path)], [130, err]);
    });
  }
});

// Gives a command a pipe whose writes fail instead of wait, and reads it more slowly than it writes.
const SLOW_READER = `
import os, subprocess, sys, time
reads, writes = os.pipe()
os.set_blocking(writes, False)
child = subprocess.Popen(sys.argv[1:], stdout=writes)
os.close(writes)
text = b""
for piece in iter(lambda: os.read(reads, 4096), b""):
    text += piece
    time.sleep(0.02)
lines = text.split()
print(len(lines), len(set(lines)), child.wait())
`;

Deno.test({
  name: "dl_jobs waits for a slow reader of a pipe that another program has made non-blocking",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const list = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join("");
    await using project = await makeProject({ "list.ndjson": list });
    const call = ["run", "--quiet", "-A", CLI, "map", "work.same", "list.ndjson", "--quiet"];
    const process = new Deno.Command("python3", {
      args: ["-c", SLOW_READER, Deno.execPath(), ...call],
      cwd: project.path,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr } = await endOf(process);
    assertEquals([stdout, stderr], ["50000 50000 0\n", ""]);
  },
});
