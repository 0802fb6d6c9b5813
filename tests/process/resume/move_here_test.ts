/**
 * Jobs that move on one machine: from the process that runs them, with new options, or not at all.
 *
 * @module
 */

import { retry } from "../../../lib/api/history.ts";
import { findJob } from "../../../lib/job_dir/find.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { cli, endOf, enterFolder, eventLines, readLines, startCli } from "../../support/jobs.ts";
import { engines, start, writeList } from "../../support/moves.ts";

const LIMIT_MS = 60_000;

// Each task records that it ran, and waits for the file `go`.
const HELD = `
export async function held(x) {
  Deno.writeTextFileSync("ran", x + "\\n", { append: true });
  while (!Deno.readDirSync(".").some(({ name }) => name === "go")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return x;
}
`;

Deno.test("a process that runs a job is asked for it, and its running tasks finish", async () => {
  await using _folder = await enterFolder({ "work.js": HELD });
  await writeList(6);
  const first = await start("map", "work.js#held", "list.ndjson", "-j2", "--grace", "0.1");
  await until(() => readLines("ran").length === 2, "two tasks run", LIMIT_MS);
  const second = await start("resume", "--engine", "inline");
  const isAsked = () => readRecord(findJob()).controlled !== undefined;
  await until(isAsked, "the process sees that the job is asked for", LIMIT_MS);
  // Longer than the grace of a job that is stopped.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await Deno.writeTextFile("go", "");
  const [left, moved] = [await first.end, await second.end];
  assertEquals([left.code, moved.code], [1, 0], moved.stderr);
  assertEquals(left.stdout.split("\n").sort(), ["", "0", "1"]);
  assertEquals(moved.stdout, "2\n3\n4\n5\n");
  assertMatch(left.stderr, /^Another process moves the job: .*\n2 of 6 succeeded, 4 canceled/m);
  assertMatch(
    moved.stderr,
    /^Waiting for process \d+ on \S+ to finish the running tasks; --now ends/,
  );
  assertEquals(readLines("ran").map(Number).sort(), [0, 1, 2, 3, 4, 5]);
});

Deno.test("a job whose list only its process can read does not move", async () => {
  await using _folder = await enterFolder({ "work.js": HELD });
  const process = startCli(["map", "work.js#held", "-", "-j2"]);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("0\n1\n"));
  await until(() => readLines("ran").length === 2, "two tasks run", LIMIT_MS);
  for (const flags of [[], ["--now"]]) {
    const { code, stderr } = await cli(["resume", "--engine", "inline", ...flags]);
    assertEquals(code, 2, stderr);
    const { pid } = process;
    assertMatch(stderr, new RegExp(`^Error: Cannot move job \\S+: .* only process ${pid} reads, `));
  }
  await Deno.writeTextFile("go", "");
  await writer.write(new TextEncoder().encode("2\n"));
  await writer.close();
  const { code, stdout } = await endOf(process);
  assertEquals([code, stdout.split("\n").sort()], [0, ["", "0", "1", "2"]]);
});

Deno.test("a script moves a job, and retries failed tasks elsewhere", async () => {
  await using folder = await enterFolder({
    "work.js": "export const fails = (x) => { if (x % 2) throw new Error(x); return x; };",
  });
  await writeList(6);
  await cli(["map", "work.js#fails", "list.ndjson"]);
  const move = { engine: "inline", workers: 1 } as const;
  const { succeeded, failed } = await retry("last", { move });
  assertEquals([succeeded, failed, engines()], [3, 3, ["local", "inline"]]);
  await assertRejects(
    () => retry("last", { move: { engine: "slrum" as "slurm" } }),
    UsageError,
    'Cannot use "slrum" as engine (--engine): write one of inline, local, ssh, kubernetes, slurm, compute',
  );
  await folder.write("work.js", "export const fails = (x) => x;");
  assertEquals((await cli(["retry", "--engine", "local", "--workers", "3"])).code, 0);
  assertEquals(engines(), ["local", "inline", "local"]);
  assertEquals(readRecord(findJob()).options.workers, 3);
  assertEquals((await cli(["results", "--ordered"])).stdout, "0\n1\n2\n3\n4\n5\n");
});

/** Moves that are refused, with their reasons. */
const REFUSED: readonly (readonly [flags: readonly string[], reason: string])[] = [
  [
    ["--engine", "ssh", "--slurm", "partition=long"],
    "Cannot use --slurm with the engine ssh: pass --engine slurm, or leave it out",
  ],
  [["--now"], "Cannot use --now alone: name what changes, such as --engine ssh"],
  [
    ["--engine", "inline"],
    "Cannot limit permissions with --engine inline: the function runs in this process, with all " +
    "its permissions, use --engine local or pass --allow-all",
  ],
];

Deno.test("a job that cannot move stays where it is", async (t) => {
  await using _folder = await enterFolder({
    "work.js": "export const fails = (x) => { throw new Error(x) };",
  });
  const { stderr } = await cli(["map", "work.js#fails", ":::", "1", "--allow-read=."]);
  assert(stderr.includes("1 failed"), stderr);
  const before = [readRecord(findJob()), eventLines(findJob())];
  for (const [flags, reason] of REFUSED) {
    await t.step(reason, async () => {
      const said = await cli(["retry", ...flags]);
      assertEquals([said.code, said.stderr], [2, `Error: ${reason}\n`]);
      assertEquals([readRecord(findJob()), eventLines(findJob())], before);
    });
  }
});
