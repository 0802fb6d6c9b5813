/**
 * A session in a real terminal.
 *
 * @module
 */

import { enterFolder, Mark, readLines } from "../../support/jobs.ts";
import { skipSuffix } from "../../support/programs.ts";
import { noTerminal, Terminal } from "../../support/terminal.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";

const CLI = new URL("../../../cli.ts", import.meta.url).href;
const LIBRARY = new URL("../../../mod.ts", import.meta.url).href;
const options = { name: skipSuffix(noTerminal), ignore: noTerminal !== undefined };

async function openRepl({ env }: Mark): Promise<Terminal> {
  const terminal = new Terminal(Deno.execPath(), ["run", "-A", "--no-check", CLI, "repl"], {
    ...env,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
  });
  await terminal.until(/help lists.*\n> $/);
  return terminal;
}

const MEASURE = `function measure(x: number) {
  // It takes a while.
  const end = performance.now() + 5;
  while (performance.now() < end);
  return { x, square: x * x };
}`;

Deno.test({
  ...options,
  name: `dl_jobs repl: a session runs, shows, refuses and becomes a script${options.name}`,
  async fn(t) {
    await using _folder = await enterFolder();
    const mark = new Mark();
    await using repl = await openRepl(mark);

    await t.step("a function of several lines is run while progress draws", async () => {
      await repl.enter(MEASURE);
      await repl.enter('import { join } from "node:path"');
      await repl.enter("const list = Array.from({ length: 1000 }, (_, i) => i)");
      await repl.enter("const j = job(measure, { argsList: list, ordered: true, workers: 2 })");
      assertStringIncludes(await repl.enter("j"), "list      1000 elements");
      assertMatch(await repl.enter("const run = local(j)"), /undefined\n> $/);
      const said = await repl.enter("await run");
      assertMatch(said, /\d+ of 1000 done, .*\d+\/s/);
      assertStringIncludes(said, "1000 of 1000 succeeded");
    });

    await t.step("the results are shown as a table with their count", async () => {
      const said = await repl.enter("results(run)");
      assertMatch(said, /measure: job [\w-]+, succeeded: 1000 results of 1000 tasks/);
      assertStringIncludes(said, "x  square\n0       0\n1       1\n2       4\n");
      assertStringIncludes(said, "... and 990 more");
      assertStringIncludes(await repl.enter("(await results(run)).length"), "\n1000\n");
    });

    await t.step("a name from around a function is refused before anything runs", async () => {
      await repl.enter("const factor = 2");
      const said = await repl.enter("local(job((x: number) => x * factor, { argsList: list }))");
      assertStringIncludes(said, 'it uses "factor" from the scope around it');
      assertStringIncludes(said, "pass factor in the arguments");
      assertEquals(await jobCount(), 1);
    });

    await t.step("the session is saved as a script", async () => {
      await repl.enter('console.log(join("a", "b")); throw new Error("no")');
      await repl.enter("this is not code");
      const said = await repl.enter('save("scripts/measure.ts")');
      assertStringIncludes(said, "to scripts/measure.ts, deno check finds no errors");
      assertEquals(
        await Deno.readTextFile("scripts/measure.ts"),
        `// From a session of dl_jobs. Run it: deno run -A scripts/measure.ts

import { job, local } from "${LIBRARY}";
import { join } from "node:path"

${MEASURE}

const list = Array.from({ length: 1000 }, (_, i) => i)
const j = job(measure, { argsList: list, ordered: true, workers: 2 })
const run = local(j)
await run
const factor = 2
`,
      );
    });

    await t.step("it is left, and leaves nothing running", async () => {
      await repl.press("close()\r");
      assertEquals(await repl.end(), 0);
      await mark.untilGone();
    });

    await t.step("the script is checked, runs and gives the same results", async () => {
      const [first] = await resultFiles();
      for (const args of [["check"], ["run", "-A"]]) {
        const { success, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [...args, "scripts/measure.ts"],
        }).output();
        assert(success, new TextDecoder().decode(stderr));
      }
      const [, second] = await resultFiles();
      assertEquals(readLines(second).length, 1000);
      assertEquals(readLines(second), readLines(first));
    });

    await t.step("the next session finds the entries, and saves none of them", async () => {
      await using next = await openRepl(mark);
      await next.press("\x1b[A\x1b[A");
      await next.until(/this is not code$|save\("scripts/);
      await next.enter("\x15const only = 1");
      await next.enter('save("scripts/next.ts")');
      await next.enter("function untyped(x) { return x + only }");
      const said = await next.enter('save("scripts/next.ts")');
      assertStringIncludes(said, "Saved 2 of 3 entries to scripts/next.ts, but deno check finds");
      assertStringIncludes(said, "Parameter 'x' implicitly has an 'any' type");
      assertEquals((await Deno.readTextFile("scripts/next.ts")).split("\n").slice(2, -1), [
        "const only = 1",
        "function untyped(x) { return x + only }",
      ]);
      await Deno.writeTextFile("scripts/next.ts", "// Mine.", { append: true });
      assertStringIncludes(
        await next.enter('save("scripts/next.ts")'),
        "the file exists, choose another",
      );
    });
    await mark.untilGone();
  },
});

Deno.test({
  ...options,
  name: `dl_jobs repl: a submitted job survives Ctrl-C and the session${options.name}`,
  async fn() {
    await using _folder = await enterFolder();
    const mark = new Mark();
    {
      await using repl = await openRepl(mark);
      // The tasks wait for a file, so the job cannot have ended before the session has.
      await repl.enter(
        `const wait = async (x: number) => {
  while (!Deno.readDirSync(".").some(({ name }) => name === "go")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return x + 1;
}`,
      );
      await repl.enter("const list = Array.from({ length: 500 }, (_, i) => i)");
      await repl.enter("const h = await submit(job(wait, { argsList: list, workers: 1 }))");
      assertMatch(await repl.enter("h"), /wait: job [\w-]+ on local, running/);
      const id = await onlyJob();
      assertEquals(readLines(`.dl_jobs/${id}/tasks.ndjson`).length, 500);
      await repl.press('console.log("it waits"); await results(h)\r');
      await repl.until(/\nit waits\n/);
      await repl.press("\x03");
      await repl.until(/Stopped waiting for job [\w-]+: it is still running[^]*\n> $/);
      await repl.press('console.log("it waits"); await new Promise(() => {})\r');
      await repl.until(/\nit waits\n/);
      await repl.press("\x03");
      assertEquals(await repl.end(), 130);
    }
    const id = await onlyJob();
    await using repl = await openRepl(mark);
    assertMatch(await repl.enter(`const r = results("${id}"); r`), /running: \d+ results of 500/);
    await Deno.writeTextFile("go", "");
    const sum = "(await r).reduce((sum: number, x) => sum + (x as number), 0)";
    assertStringIncludes(await repl.enter(sum), `\n${500 * 501 / 2}\n`);
    assertMatch(await repl.enter("r"), /succeeded: 500 results of 500 tasks/);
    await repl.press("close()\r");
    assertEquals(await repl.end(), 0);
    await mark.untilGone();
  },
});

Deno.test({
  ...options,
  name: `dl_jobs repl: Ctrl-C ends an entry that computes without a pause${options.name}`,
  async fn() {
    await using _folder = await enterFolder();
    await using repl = await openRepl(new Mark());
    await repl.press('console.log("it computes"); while (true);\r');
    await repl.until(/\nit computes\n/);
    await repl.press("\x03");
    await repl.until(/The session did not react to Ctrl-C and was ended: its entry did not pause/);
    assertEquals(await repl.end(), 137);
  },
});

async function onlyJob(): Promise<string> {
  const { listJobs } = await import("../../../lib/job_dir/find.ts");
  const [id] = await until(() => listJobs(), "there is a job");
  return id!;
}

async function jobCount(): Promise<number> {
  const { listJobs } = await import("../../../lib/job_dir/find.ts");
  return (await listJobs()).length;
}

async function resultFiles(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir("results"));
  return files.map(({ name }) => `results/${name}`).sort();
}
