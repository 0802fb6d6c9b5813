/**
 * The commands that run when a job ends.
 *
 * @module
 */

import { findJob } from "../../../lib/job_dir/find.ts";
import { checkEvents, notifyEnd } from "../../../lib/job/options/notify.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";
import { cli, enterFolder, kill, runJob } from "../../support/jobs.ts";

const WORK = `export const task = (x) => {
  if (x === 2) throw new Error("two");
  return x;
};`;

const read = (path: string) => JSON.parse(Deno.readTextFileSync(path));

Deno.test("--notify gets the summary on stdin, and changes no exit status", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const args = ["map", "work.ts", "--grid", "x=1,3", "-q", "--notify", "cat > end.json; exit 7"];
  const { code, stderr } = await cli(args);
  assertEquals([code, stderr], [
    0,
    "Warning: the command `cat > end.json; exit 7` of notify failed: exit status 7\n",
  ]);
  const { total, succeeded, name } = read("end.json");
  assertEquals([total, succeeded, name], [2, 2, "work.task"]);
});

Deno.test("--notify may end by a signal without a name", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const notify = "kill -40 $$";
  const { stderr } = await cli(["map", "work.ts", "--grid", "x=1", "-q", "--notify", notify]);
  assertEquals(stderr, "Warning: the command `kill -40 $$` of notify failed: exit status 168\n");
});

Deno.test("on.failures runs for failures only, also of a run that resumes", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const on = { end: "cat >> ends.json", failures: "cat >> failures.json" };
  const job = { moduleName: "work", on, quiet: true };
  await runJob({ ...job, argsList: [1] });
  assertEquals([read("ends.json").failed, fileExists("failures.json")], [0, false]);
  await runJob({ ...job, argsList: [1, 2] });
  assertEquals(read("failures.json").failed, 1);
  Deno.removeSync("failures.json");
  assertEquals((await cli(["retry", "-q"])).code, 1);
  assertEquals(read("failures.json").next, `dl_jobs retry ${read("failures.json").id}`);
});

Deno.test("--notify gets the text of any value that the list throws", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const job = { moduleName: "work", notify: "cat > end.json", quiet: true };
  for (const [thrown, text] of [["no more", "no more"], [{ code: 7 }, "{ code: 7 }"]] as const) {
    await runJob({ ...job, argsList: throwing(thrown) }).catch(() => {});
    assertEquals(read("end.json").error, text);
  }
});

/** Yields an element, then throws a value. */
async function* throwing(value: unknown): AsyncGenerator<number> {
  yield* [1];
  throw value;
}

Deno.test("the end of a job that was killed is told once, by the run that resumes it", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK, "list.ndjson": "1\n3\n4\n" });
  const map = ["map", "work.ts", "list.ndjson", "-q", "--notify", "cat >> ends.ndjson"];
  assertEquals((await cli(map)).code, 0);
  Deno.removeSync("ends.ndjson");
  kill(findJob(), { read: 1 });
  for (let i = 0; i < 2; i++) assertEquals((await cli(["resume", "-q"])).code, 0);
  const { total, succeeded } = read("ends.ndjson");
  assertEquals([total, succeeded], [3, 3]);
});

Deno.test("the end of a job whose setup failed is told, and a start that is refused is not", async (t) => {
  await using _folder = await enterFolder({
    "work.ts": `${WORK}\nexport const setup = () => { throw new Error("no model"); };`,
  });
  for (const engine of ["local", "inline"]) {
    await t.step(engine, async () => {
      const map = ["map", "work.ts", "--engine", engine, "-q", "--notify", "cat > end.json"];
      assertEquals((await cli([...map, "--grid", "x=1,3"])).code, 2);
      const { name, paths, error } = read("end.json");
      assertEquals([name, paths], ["work.task", {}]);
      assertMatch(error, /^Cannot set up a worker: setup threw Error: no model/);
      Deno.removeSync("end.json");
      assertEquals((await cli([...map, "nofile.csv"])).code, 2);
      assertEquals(fileExists("end.json"), false);
    });
  }
});

Deno.test("a command that hangs is ended, and a program that it leaves is not waited for", async () => {
  const said: string[] = [], end = { id: "x", name: "x", paths: { folder: "/" }, error: "full" };
  const commands = { notify: "sleep 1000", on: { end: "sleep 20 &" } };
  await notifyEnd(end, commands, (text) => said.push(text), 500);
  assertEquals(said, ["Warning: the command `sleep 1000` of notify was ended after 0.5 s"]);
});

Deno.test("on has only the events that exist", () => {
  assertThrows(
    () => checkEvents({ ended: "true" }),
    UsageError,
    'Cannot run a command on "ended": the events are end and failures',
  );
});

function fileExists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
