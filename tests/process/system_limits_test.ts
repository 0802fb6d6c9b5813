/**
 * Jobs that reach a limit of the system.
 *
 * @module
 */

import { Job } from "../../mod.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { CLI, enterFolder, type Said } from "../support/jobs.ts";

const FILES = {
  "task.js":
    "export const slow = ({ x }) => new Promise((end) => setTimeout(() => end(2 * x), 50));\n",
};
const TASKS = Array.from({ length: 60 }, (_, x) => x);

/** Runs a command that may open few files. */
async function withFewFiles(limit: number, args: readonly string[]): Promise<Said> {
  const script = `ulimit -n ${limit} && exec "$@"`;
  const command = [Deno.execPath(), "run", "-A", "--no-check", CLI, ...args];
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...command],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out!, stderr: err! };
}

function results({ stdout }: Said): unknown[] {
  return stdout.trim().split("\n").map((line) => JSON.parse(line)).sort((a, b) => a - b);
}

Deno.test("a job with more workers than the system starts runs on those that it has", async () => {
  await using _folder = await enterFolder(FILES);
  const list = ["--grid", `x=0..${TASKS.length - 1}`];
  const map = ["map", "task.js#slow", ...list, "--workers", "50"];
  const said = await withFewFiles(64, map);
  const doubled = TASKS.map((x) => 2 * x);
  assertEquals([said.code, results(said)], [0, doubled], said.stderr);
  assertMatch(
    said.stderr,
    /^\d+ workers? runs? the tasks, not 50: the limit on open files is reached, raise it \(ulimit -n\), or use fewer --workers$/m,
  );
});

Deno.test("a job waits while the system refuses all of its workers", async () => {
  await using _folder = await enterFolder();
  const { Command } = Deno;
  let refusals = 20;
  Deno.Command = class extends Command {
    override spawn(): Deno.ChildProcess {
      if (refusals-- > 0) throw new Error("Resource temporarily unavailable (os error 11)");
      return super.spawn();
    }
  };
  try {
    const job = new Job({ fn: (x: number) => x, argsList: 50, workers: 8, quiet: true });
    assertEquals((await job.run()).succeeded, 50);
    assertEquals(refusals < 0, true);
  } finally {
    Deno.Command = Command;
  }
});

Deno.test("a worker runs as many programs as the system starts", async () => {
  await using _folder = await enterFolder();
  const list = ["--grid", `x=0..${TASKS.length - 1}`];
  const command = ["--command", "sh -c 'sleep 0.1; echo $0' {x}", "--concurrency", "60"];
  const said = await withFewFiles(64, ["map", ...command, ...list, "--workers", "1"]);
  assertEquals([said.code, results(said)], [0, TASKS.map(String)], said.stderr);
});
