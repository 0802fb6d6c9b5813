import { assertEquals } from "../../support/assert.ts";
import { useEnv } from "../../../lib/util/env.ts";
import { cli, enterFolder, readEvents, runJob } from "../../support/jobs.ts";
import { inlineEngine } from "../../../lib/engines/inline.ts";
import { testEngine } from "../../support/conformance/mod.ts";

// The function is called in this process: one call at a time, and its output is not captured.
testEngine("inline", inlineEngine, {
  hasTimeout: false,
  kinds: ["javascript", "python", "program"],
  overlaps: false,
  hasLogs: false,
});

Deno.test("inline sets the variables of a job, and restores those of the process", async () => {
  await using _folder = await enterFolder();
  using _env = useEnv({ DL_TEST_OLD: "old" });
  const names = ["DL_TEST_OLD", "DL_TEST_NEW"];
  const read = (names: string[]) => names.map((name) => Deno.env.get(name));
  const { paths } = await runJob({
    fn: read,
    argsList: [names],
    engine: "inline",
    env: { DL_TEST_OLD: "1", DL_TEST_NEW: "2" },
  });
  const [event] = readEvents(paths.folder);
  assertEquals("result" in event! && event.result, ["1", "2"]);
  assertEquals(read(names), ["old", undefined]);
});

Deno.test("inline runs Python in one interpreter without limits", async () => {
  await using folder = await enterFolder();
  const lines = ["import os, time", "def pid(x):", "    time.sleep(0.4)", "    return os.getpid()"];
  await folder.write("work.py", lines.join("\n") + "\n");
  const flags = ["--engine", "inline", "--workers", "2", "--timeout", "0.1"];
  const { code, stdout } = await cli(["map", "work.py#pid", ...flags, ":::", "1", "2"]);
  const [first, second, ...others] = stdout.trim().split("\n");
  assertEquals([code, second, others], [0, first, []]);
});

Deno.test("inline says that a task has ended the process, and resume runs the rest", async () => {
  await using folder = await enterFolder();
  const exits = ["Deno.exit(0)", "process.exit(0)"];
  await folder.write(
    "work.ts",
    'import process from "node:process";\nexport const once = (x: number) => {\n' +
      '  if (x < 2 && !Deno.readTextFileSync("done").includes(`${x}`)) {\n' +
      '    Deno.writeTextFileSync("done", `${x}`, { append: true });\n' +
      `    if (x === 0) ${exits[0]};\n    ${exits[1]};\n  }\n  return x;\n};\n`,
  );
  await folder.write("done", "");
  await folder.write("in.ndjson", "0\n1\n2\n");
  const map = ["map", "work.once", "in.ndjson", "--engine", "inline"];
  for (const words of [map, ["resume"]]) {
    const { code, stderr } = await cli(words);
    assertEquals([code, stderr.includes("the code of the job ended this process")], [1, true]);
  }
  const { code, stdout } = await cli(["resume"]);
  assertEquals([code, stdout.trim().split("\n").sort()], [0, ["1", "2"]]);
});
