import { UsageError } from "../../lib/util/errors.ts";
import { selfCommand, workerCommand } from "../../lib/worker/command.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { endOf, type Said } from "../support/jobs.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const CLI = new URL("../../cli.ts", import.meta.url).href;
const ALL = ["--allow-all"];

Deno.test("workerCommand() runs a program by deno run, with what it may do", () => {
  assertEquals(
    workerCommand("/bundle.js", { permissions: ["--allow-net"], options: "{}" }, false),
    {
      args: [
        ...["run", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"],
        ...["--allow-net", "/bundle.js", "{}"],
      ],
      env: {},
    },
  );
  const { args } = workerCommand(
    "/bundle.js",
    { permissions: ALL, options: "{}", memory: 2 ** 20, inspect: true },
    false,
  );
  assertEquals(args.slice(5), [
    ...["--inspect-brk", "--allow-all", "--v8-flags=--max-old-space-size=1", "/bundle.js", "{}"],
  ]);
});

Deno.test("workerCommand() of a compiled program is its hidden worker", () => {
  assertEquals(workerCommand("/bundle.js", { permissions: ALL, options: "{}" }, true), {
    args: ["worker", "/bundle.js", "{}"],
    env: {},
  });
  const { env } = workerCommand(
    "/b.js",
    { permissions: ALL, options: "{}", memory: 2 ** 20 },
    true,
  );
  assertEquals(env, { DENO_V8_FLAGS: "--max-old-space-size=1" });
});

Deno.test("workerCommand() of a compiled program refuses what it cannot hold to", () => {
  const limited = "Cannot limit what the function may do: only Deno itself can, " +
    "install it and run dl_jobs with it, or trust the code with --allow-all";
  for (const permissions of [[], ["--allow-read"], [...ALL, "--allow-read"]]) {
    const options = { permissions, options: "{}" };
    assertThrows(() => workerCommand("/bundle.js", options, true), UsageError, limited);
  }
  assertThrows(
    () => workerCommand("/bundle.js", { permissions: ALL, options: "{}", inspect: true }, true),
    UsageError,
    "Cannot wait for a debugger: only Deno itself can, install it and run dl_jobs with it",
  );
});

// A program that says of itself what one made by `deno compile` says.
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
    const said = endOf(child);
    await ReadableStream.from([new TextEncoder().encode(input)]).pipeTo(child.stdin);
    return await said;
  };
  const { code, stdout, stderr } = await run(["map", "task.ts", "--ordered"], "1\n2\n3\n4\n");
  assertEquals([code, stdout], [1, "1\n4\n"]);
  assertMatch(stderr, /2 of 4 succeeded, 2 failed/);
  assertEquals((await run(["logs", "--task", "3"])).stdout, "3: got 4\n");
  assertEquals((await run(["replay", "last", "0"])).stdout, "got 1\n1\n");
  const sandboxed = await run(["map", "task.ts", "--allow-read"], "1\n");
  assertEquals(sandboxed.code, 2);
  assertMatch(sandboxed.stderr, /^Error: Cannot limit what the function may do: /m);
});

Deno.test("selfCommand() is the command itself, whoever runs it", () => {
  assertEquals(selfCommand(["resume", "last"], true), ["resume", "last"]);
  const args = selfCommand(["resume", "last"], false);
  assertEquals([args[0], ...args.slice(-3)], ["run", CLI, "resume", "last"]);
});
