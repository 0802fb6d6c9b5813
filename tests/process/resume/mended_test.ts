/**
 * `retry`, `resume` and `replay` after the user has mended the list, the function, or neither.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

const WORK = `export function size({ name, people }: { name: string; people: string }) {
  if (people === "") throw new TypeError("no people");
  return { name, people: Number(people) };
}
`;
const MENDED = WORK.replace('throw new TypeError("no people")', "return { name }");
const CITIES = "name,people\nTokyo,37\nDhaka,\n";
const MAP = ["map", "work.ts#size", "cities.csv", "-o", "out.csv", "--workers", "1"];

/** Runs a command, and returns the lines of stderr without ids and times. */
async function linesOf(args: readonly string[]): Promise<{ code: number; lines: string[] }> {
  const { code, stderr } = await cli(args);
  const plain = stderr.trimEnd().replaceAll(/\d{8}T\d{6}-[\da-f]{6}/g, "ID")
    .replaceAll(/[A-Z][a-z]{2} \d\d? \d{4} \d\d:\d\d:\d\d/g, "TIME");
  return { code, lines: plain.split("\n") };
}

Deno.test("retry tells what has changed since the job: the function, its list, or nothing", async (t) => {
  await using folder = await enterFolder({ "work.ts": WORK, "cities.csv": CITIES });
  const failed = (await linesOf(MAP)).lines;
  assertEquals(failed[2], "  failed  task 1 (cities.csv:3): TypeError: no people");
  assertEquals(failed.at(-1), "  next    dl_jobs retry ID");

  await t.step("nothing", async () => {
    const { code, lines } = await linesOf(["retry"]);
    assertEquals(code, 1);
    assertEquals(lines[0], "retry runs the same code: it has not changed since TIME");
    assertEquals(lines[3], failed[2]);
  });
  const list =
    "keeps the tasks of the job: cities.csv may have changed since, a new job with --reuse " +
    "reads the new content and runs only what has changed";
  await t.step("the list", async () => {
    await folder.write("cities.csv", `name,people\nOslo,1\nTokyo,37\nDhaka,22\n`);
    assertEquals((await linesOf(["retry"])).lines[1], `retry ${list}`);
    assertEquals((await linesOf(["resume"])).lines.slice(0, 2), [
      "No task of job ID is pending",
      `resume ${list}`,
    ]);
  });
  await t.step("the function", async () => {
    await folder.write("work.ts", MENDED);
    const { code, lines } = await linesOf(["retry"]);
    assertEquals(code, 0);
    assertEquals(lines.slice(0, 2), [
      "retry runs the current code: work.ts changed since TIME, --code original runs the old code",
      `retry ${list}`,
    ]);
    assertEquals(Deno.readTextFileSync("out.csv"), "name,people\nTokyo,37\nDhaka,\n");
  });
  await t.step("no task has failed any more", async () => {
    const logs = [...Deno.readDirSync("logs")].length;
    assertEquals(await linesOf(["retry"]), {
      code: 0,
      lines: ["No task of job ID has failed: there is nothing to retry"],
    });
    assertEquals([...Deno.readDirSync("logs")].length, logs);
  });
});

Deno.test("retry says why it runs no failed task", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK, "cities.csv": `${CITIES}Rio\n` });
  await cli([...MAP, "-q"]);
  const none = await linesOf(["retry", "-q", "--failed-with", "timeout"]);
  assertEquals(none, {
    code: 1,
    lines: [
      "retry runs none of 2 failed tasks: no failure that can run again matches, see dl_jobs " +
      "errors ID",
      "work.size: 2 of 3 tasks failed, see dl_jobs errors ID",
    ],
  });
  await cli([...MAP, "-q", "--where", 'name == "Rio"']);
  assertStringIncludes(
    (await linesOf(["retry"])).lines.join("\n"),
    "retry cannot help: the list has no valid elements for 1 failed task, see dl_jobs errors ID",
  );
});

Deno.test("replay runs the current code, or that of the job, and says so", async () => {
  await using folder = await enterFolder({ "work.ts": WORK, "cities.csv": CITIES });
  await cli([...MAP, "-q"]);
  const same = await cli(["replay", "1"]);
  assertEquals([same.code, same.stdout], [1, ""]);
  assertStringIncludes(same.stderr, "TypeError: no people\n");
  await folder.write("work.ts", MENDED);
  const today = await cli(["replay", "1"]);
  assertEquals([today.code, today.stdout], [0, '{"name":"Dhaka"}\n']);
  assertEquals((await linesOf(["replay", "1"])).lines, [
    "replay runs the current code: work.ts changed since TIME, --code original runs the old code",
  ]);
  const original = await cli(["replay", "1", "--code", "original"]);
  assertEquals([original.code, original.stdout], [1, ""]);
  const [notice, error] = original.stderr.split("\n");
  assertEquals(error, same.stderr.split("\n")[0]);
  assertMatch(
    notice!,
    /^replay runs the old code: work\.ts changed since .*, but a stack may show lines of the current code$/,
  );
  await folder.write("work.ts", "export const size = (");
  const broken = await cli(["replay", "1"]);
  assertEquals(broken.code, 2);
  assertStringIncludes(broken.stderr, "fix it, or run the old code with dl_jobs replay ");
});
