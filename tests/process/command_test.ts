import config from "../../deno.json" with { type: "json" };
import { makeFolder } from "../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { endOf, type Said } from "../support/jobs.ts";

const CLI = new URL("../../cli.ts", import.meta.url).href;

// A program that behaves like the output of `deno compile`.
const COMPILED = {
  "compiled.ts": `
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });
    Deno.execPath = () => import.meta.dirname + "/dl_jobs";`,
  "dl_jobs": `#!/bin/sh
    exec '${Deno.execPath()}' run -A --no-config --preload "\${0%/*}/compiled.ts" '${CLI}' "$@"`,
  "task.ts": `
    export const task = (n: number) => {
      console.log("got", n);
      if (n === 2) throw new Error("two");
      if (n === 3) Deno.exit(3);
      return n;
    };`,
};

Deno.test("a compiled program runs tasks, without deno run", async () => {
  await using folder = await makeFolder(COMPILED);
  await Deno.chmod(`${folder.path}/dl_jobs`, 0o755);
  const run = async (args: readonly string[], input = ""): Promise<Said> => {
    const child = new Deno.Command(`${folder.path}/dl_jobs`, {
      args: [...args],
      cwd: folder.path,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return await endOf(child, input);
  };
  const { code, stdout, stderr } = await run(["map", "task.ts", "--ordered"], "1\n2\n3\n4\n");
  assertEquals([code, stdout], [1, "1\n4\n"]);
  assertMatch(stderr, /2 of 4 succeeded, 2 failed/);
  assertMatch((await run(["logs", "--task", "3"])).stdout, /^[-\d]+ [\d:.]+ 3: got 4\n$/);
  assertEquals((await run(["replay", "last", "0"])).stdout, "got 1\n1\n");
  const sandboxed = await run(["map", "task.ts", "--allow-read"], "1\n");
  assertEquals(sandboxed.code, 2);
  assertMatch(sandboxed.stderr, /^Error: Cannot limit what the function may do: /m);
});

Deno.test("a mistake shows no frames of a library that is reached through a link", async () => {
  await using folder = await makeFolder();
  await Deno.symlink(new URL(".", CLI), `${folder.path}/link`);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${folder.path}/link/cli.ts`, "why"],
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [
    2,
    "Error: Cannot tell why: write the number of a task, such as dl_jobs why last 17\n",
  ]);
});

Deno.test("the version needs no permission", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", CLI, "--version"],
    stderr: "inherit",
  }).output();
  const { deno, v8 } = Deno.version;
  assertEquals([success, new TextDecoder().decode(stdout)], [
    true,
    `dl_jobs ${config.version}\ndeno ${deno}\nv8 ${v8}\n`,
  ]);
});
