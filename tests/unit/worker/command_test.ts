import { UsageError } from "../../../lib/util/errors.ts";
import { selfCommand, workerCommand } from "../../../lib/worker/command.ts";
import { sandboxMain } from "../../../lib/worker/sandbox.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const CLI = new URL("../../../cli.ts", import.meta.url).href;
const ALL = ["--allow-all"];

Deno.test("workerCommand() runs a program by deno run, with its permissions", () => {
  assertEquals(
    workerCommand("/bundle.js", { permissions: ["--allow-net"], options: "{}" }, false),
    {
      executable: Deno.execPath(),
      args: [
        ...["run", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"],
        ...["--allow-net", sandboxMain("/bundle.js"), "{}"],
      ],
      env: {},
    },
  );
  const { args } = workerCommand(
    "/bundle.js",
    { permissions: ALL, options: "{}", memory: 2 ** 20, inspect: "--inspect-brk" },
    false,
  );
  assertEquals(args.slice(5), [
    ...["--inspect-brk", "--allow-all", "--v8-flags=--max-old-space-size=1", "/bundle.js", "{}"],
  ]);
});

Deno.test("workerCommand() takes packages from node_modules in an npm project", async () => {
  await using folder = await makeFolder();
  const bundle = `${folder.path}/part/.dl_jobs/cache/bundle.js`;
  const flag = () => workerCommand(bundle, { permissions: ALL, options: "{}" }, false).args[4];
  assertEquals(flag(), "--node-modules-dir=none");
  await folder.write("package.json", "{}");
  assertEquals(flag(), "--node-modules-dir=none");
  await folder.write("node_modules/a/index.js", "");
  await folder.write("part/.dl_jobs/cache/bundle.js", "export {};");
  assertEquals(flag(), "--node-modules-dir=manual");
  await folder.write("part/.dl_jobs/cache/bundle.js", 'await import("npm:a@1.0.0");');
  assertEquals(flag(), "--node-modules-dir=none");
});

Deno.test("workerCommand() runs a Python program by its interpreter", () => {
  const python = ["uv", "run", "python"];
  assertEquals(workerCommand("/bundle.py", { permissions: ALL, options: "{}", python }), {
    executable: "uv",
    args: ["run", "python", "/bundle.py", "{}"],
    env: {},
  });
});

Deno.test("workerCommand() of a compiled program is its hidden command worker", () => {
  assertEquals(workerCommand("/bundle.js", { permissions: ALL, options: "{}" }, true), {
    executable: Deno.execPath(),
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

Deno.test("workerCommand() of a compiled program refuses limits and debuggers", () => {
  const limited = "Cannot limit what the function may do: the compiled dl_jobs cannot do that; " +
    "install Deno and run dl_jobs with it, or trust the code with --allow-all";
  for (const permissions of [[], ["--allow-read"], [...ALL, "--allow-read"]]) {
    const options = { permissions, options: "{}" };
    assertThrows(() => workerCommand("/bundle.js", options, true), UsageError, limited);
  }
  assertThrows(
    () =>
      workerCommand(
        "/bundle.js",
        { permissions: ALL, options: "{}", inspect: "--inspect-brk" },
        true,
      ),
    UsageError,
    "Cannot accept a debugger: the compiled dl_jobs cannot do that; install Deno and run dl_jobs with it",
  );
});

Deno.test("selfCommand() is the command itself, compiled or not", () => {
  assertEquals(selfCommand(["resume", "last"], true), ["resume", "last"]);
  const args = selfCommand(["resume", "last"], false);
  assertEquals([args[0], ...args.slice(-3)], ["run", CLI, "resume", "last"]);
});
