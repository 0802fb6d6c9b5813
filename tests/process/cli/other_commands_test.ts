/**
 * The help, and the commands `dl_jobs test`, `dl_jobs config` and `dl_jobs status`.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { noTerminal, Terminal } from "../../support/terminal.ts";
import { checkAll, CLI, dlJobs, plain, readAll, said } from "./commands.ts";

Deno.test("dl_jobs --help lists the commands, and each command has its own help", async (t) => {
  await using folder = await makeFolder();
  const cwd = folder.path;
  const { out, err, code } = await dlJobs("--help", { cwd });
  assertEquals({ err, code }, { err: "", code: 0 });
  assertMatch(out, /^Usage: dl_jobs COMMAND \[arguments\] \[options\]\n/);
  const commands = [...out.split("Options:")[0]!.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) =>
    name!
  );
  assertEquals(commands.slice(0, 3), ["run", "map", "test"]);
  for (const name of commands) {
    await t.step(`${name} --help`, async () => {
      const help = await dlJobs(`${name} --help`, { cwd });
      assertEquals({ ...help, out: help.out.split(" ", 3) }, {
        out: ["Usage:", "dl_jobs", name],
        err: "",
        code: 0,
      });
      assertStringIncludes(help.out, "-h, --help");
    });
  }
  await checkAll(t, cwd, [
    { args: "-h", out },
    { args: "help", out },
    { args: "help run", out: (await dlJobs("run x -h", { cwd })).out },
    { args: "", err: out, code: 2 },
  ]);
  assertEquals(await Array.fromAsync(Deno.readDir(cwd)), []);
});

Deno.test("dl_jobs test returns its arguments", async (t) => {
  await using folder = await makeFolder();
  const echo = (value: unknown) => JSON.stringify(value) + "\n";
  const ok = (total: number) =>
    said("test", total, { log: false, ...total > 0 ? {} : { results: "" } });
  await checkAll(t, folder.path, [
    { args: "test 0 --ordered", err: ok(0) },
    { args: "test 1", out: echo({ args: [], kwargs: {}, options: {} }), err: ok(1) },
    {
      args: "test 1 a b hello=world n:=2 task_id=7 args=x --cpus 3",
      out: echo({
        args: ["a", "b"],
        kwargs: { hello: "world", n: 2, task_id: "7", args: "x" },
        options: { cpus: "3" },
      }),
      err: ok(1),
    },
    {
      args: "test 3 a hello=world --ordered",
      out: [0, 1, 2].map((task_id) =>
        echo({ args: ["a"], kwargs: { hello: "world" }, options: { ordered: "true" }, task_id })
      ).join(""),
      err: ok(3),
    },
    {
      args: "test 1 platform=true --no-dev --no-noisy --save_results=x",
    },
  ]);
  assertEquals((await readAll(folder.path))["results/x_TIME.ndjson"], [
    {
      args: [],
      kwargs: { platform: "true" },
      options: { isDev: "false", noisy: "false", saveResults: "x" },
    },
  ]);
});

Deno.test("dl_jobs config writes a file once, and shows the options in force", async (t) => {
  await using folder = await makeFolder();
  await checkAll(t, folder.path, [
    { args: "config workers=3", err: "Wrote DIR/dl_jobs.config.yaml\n" },
    {
      args: "config workers=4",
      err: "Error: Cannot write DIR/dl_jobs.config.yaml: it exists, use --force to overwrite it\n",
      code: 2,
    },
    { args: "config workers=5 -f", err: "Wrote DIR/dl_jobs.config.yaml\n" },
  ]);
  await checkAll(t, folder.path, [
    { args: "config workers=5 dev=no max-attempts=3 -f", err: "Wrote DIR/dl_jobs.config.yaml\n" },
  ]);
  const { out, err, code } = await dlJobs("config --info", { cwd: folder.path });
  assertEquals({ err, code }, { err: "DIR/dl_jobs.config.yaml\n", code: 0 });
  assertMatch(out, /^max_attempts +3 +DIR/m);
  assertMatch(out, /^is_dev +false +DIR\/dl_jobs\.config\.yaml:\d+$/m);
  assertMatch(out, /^workers +5 +DIR\/dl_jobs\.config\.yaml:\d+$/m);
});

Deno.test({
  name: "dl_jobs status shows ids, paths and commands whole on a narrow terminal",
  ignore: noTerminal !== undefined,
  async fn() {
    await using folder = await makeFolder();
    const long = "long".repeat(30), cwd = `${folder.path}/${long}`;
    await Deno.mkdir(cwd);
    assertEquals((await dlJobs("test 1 -q", { cwd })).code, 0);
    const args = ["-c", `cd ${cwd}; exec "$0" "$@"`, Deno.execPath(), "run", "-A", CLI, "status"];
    await using terminal = new Terminal("sh", args, {});
    await terminal.end();
    const lines = plain(terminal.said, folder.path).split("\n").map((line) =>
      line.trim().split(/ {2,}/)
    );
    const { job, next, folder: shown } = Object.fromEntries(lines);
    assertEquals([job, next, shown], ["ID", "dl_jobs results ID", `DIR/${long}/.dl_jobs/ID`]);
  },
});
