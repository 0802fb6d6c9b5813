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
