/**
 * The code of a job that runs again after its sources have changed.
 *
 * @module
 */

import { Job } from "../../../lib/api/job.ts";
import { resume, retry } from "../../../lib/api/history.ts";
import { findJob } from "../../../lib/job_dir/find.ts";
import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { splitByCode } from "../../../lib/journal/code_line.ts";
import { readJournal } from "../../../lib/journal/reader.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { cli, enterFolder, kill, readEvents, runJob } from "../../support/jobs.ts";

const WORK = `import { limit } from "./limit.ts";
export const task = (x: number) => {
  if (x > limit.most) throw new Error("above " + limit.most);
  return limit.version + x;
};`;
const limit = (version: string, most: number) =>
  `export const limit = { version: "${version}-", most: ${most} };\n`;
const FILES = {
  "work.ts": WORK,
  "limit.ts": limit("v1", 1),
  "list.ndjson": "0\n1\n2\n3\n",
};
const MAP = ["map", "work.ts", "list.ndjson"];

/** Returns the results of the newest job by task, from its journal. */
function results(): unknown[] {
  const all: unknown[] = [];
  for (const event of readEvents(findJob())) if ("result" in event) all[event.id] = event.result;
  return all;
}

function programs(): readonly string[] {
  return readRecord(findJob()).programs!.map(({ file }) => file);
}

/** Returns the first line on stderr, without times. */
function firstLine(stderr: string): string {
  return stderr.split("\n", 1)[0]!.replace(/since \w+ \d+ \d+ [\d:]+/, "since TIME");
}

const SAME = /^retry runs the same code: it has not changed since .*\n[\w.]+: job /;

Deno.test("retry runs the current code and says so, and resume keeps that of the job", async (t) => {
  await using folder = await enterFolder(FILES);
  await cli(MAP);
  assertEquals(results(), ["v1-0", "v1-1"]);
  const old = await Deno.readTextFile(`${findJob()}/bundle.js`);

  await t.step("without a change, the same code runs", async () => {
    const { stderr } = await cli(["retry"]);
    assertMatch(stderr, SAME);
    assertEquals(programs(), ["bundle.js"]);
  });
  await t.step("a file that is only saved again has not changed", async () => {
    await Deno.utime("limit.ts", new Date(), new Date());
    assertMatch((await cli(["retry"])).stderr, SAME);
  });
  await t.step("--code original runs the old code", async () => {
    await folder.write("limit.ts", limit("v2", 2));
    const { code, stderr } = await cli(["retry", "--code", "original"]);
    assertEquals([code, results(), programs()], [1, ["v1-0", "v1-1"], ["bundle.js"]]);
    assertMatch(stderr, /^work\.task: job /);
  });
  await t.step("resume says that the sources differ", async () => {
    const { stderr } = await cli(["resume", "-q"]);
    assertEquals(
      firstLine(stderr),
      "resume runs the code of the job: limit.ts changed since TIME, --code current runs the " +
        "current code",
    );
    assertEquals(programs(), ["bundle.js"]);
  });
  await t.step("retry runs the current code", async () => {
    const { code, stderr } = await cli(["retry"]);
    assertEquals(
      firstLine(stderr),
      "retry runs the current code: limit.ts changed since TIME, --code original runs the old code",
    );
    assertEquals([code, results()], [1, ["v1-0", "v1-1", "v2-2"]]);
    assertEquals(programs(), ["bundle.js", "bundle.2.js"]);
    assertEquals(await Deno.readTextFile(`${findJob()}/bundle.js`), old);
  });
  await t.step("the journal says which events come from which code", async () => {
    const { id, code, programs } = readRecord(findJob());
    const first = programs![0]!.hash, texts = new Map<string, string>();
    let current = first;
    for await (const events of readJournal(`${findJob()}/events.ndjson`, id)) {
      for (const { code = current, bytes } of splitByCode(events)) {
        current = code;
        texts.set(code, (texts.get(code) ?? "") + new TextDecoder().decode(bytes));
      }
    }
    const results = (hash: string) => texts.get(hash)!.match(/v\d-\d/g)!.sort();
    assertEquals([results(first), results(code)], [["v1-0", "v1-1"], ["v2-2"]]);
    assertEquals(programs!.map(({ hash }) => hash).at(-1), code);
  });
  await t.step("verify checks both programs, and runs results of the last one again", async () => {
    const { code, stdout } = await cli(["verify", "--run", "100%"]);
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /bundle\.js +sound: its hash\nbundle\.2\.js +sound: its hash\n/);
    assertMatch(stdout, /1 task ran again with --seed \d+: all results are equal/);
  });
  await t.step("a later retry of the same sources runs the newer code", async () => {
    const { code, stderr } = await cli(["retry"]);
    assertMatch(stderr, /^retry runs the same code: [^]*above 2/);
    assertEquals([code, programs()], [1, ["bundle.js", "bundle.2.js"]]);
  });
  await t.step("--code original goes back, and the next retry forward again", async () => {
    assertMatch((await cli(["retry", "--code", "original"])).stderr, /above 1/);
    assertEquals(programs(), ["bundle.js", "bundle.2.js", "bundle.js"]);
    await folder.write("limit.ts", limit("v3", 3));
    assertEquals((await cli(["retry"])).code, 0);
    assertEquals(results(), ["v1-0", "v1-1", "v2-2", "v3-3"]);
    assertEquals(programs(), ["bundle.js", "bundle.2.js", "bundle.js", "bundle.3.js"]);
  });
});

Deno.test("resume takes the current code on request only", async () => {
  await using folder = await enterFolder(FILES);
  await cli(MAP);
  kill(findJob(), { events: ({ id }) => id === 0 });
  await folder.write("limit.ts", limit("v2", 9));
  const current = await cli(["resume", "--code", "current", "-q"]);
  assertEquals([current.code, results()], [0, ["v1-0", "v2-1", "v2-2", "v2-3"]], current.stderr);
  assertEquals(programs(), ["bundle.js", "bundle.2.js"]);
});

Deno.test("code that cannot be built or found stops retry before it changes the job", async (t) => {
  await using folder = await enterFolder(FILES);
  await cli(MAP);
  const before = await Deno.readTextFile(`${findJob()}/events.ndjson`);
  const cases: [name: string, change: () => Promise<void>, message: RegExp][] = [
    ["torn", () => folder.write("limit.ts", "export const limit = {"), /^Error: Cannot load limit/],
    ["no file", () => Deno.remove("limit.ts"), /^Error: Cannot /],
    [
      "no export",
      () => folder.write("work.ts", "export const other = 1;"),
      /^Error: Cannot find "task" in work\.ts/,
    ],
    [
      "the function has moved",
      () => Deno.rename("work.ts", "moved.ts"),
      /^Error: Cannot find work\.ts: no such file\n/,
    ],
  ];
  for (const [name, change, message] of cases) {
    await t.step(name, async () => {
      await change();
      const { code, stderr } = await cli(["retry"]);
      assertEquals(code, 2, stderr);
      assertMatch(stderr, message);
      const { id } = readRecord(findJob());
      assertMatch(
        stderr,
        new RegExp(`with dl_jobs retry ${id} --code original\n$`),
      );
      assertEquals(await Deno.readTextFile(`${findJob()}/events.ndjson`), before);
    });
  }
  await t.step("replay names the task, too", async () => {
    const { code, stderr } = await cli(["replay", "2"]);
    const { id } = readRecord(findJob());
    assertEquals(code, 2, stderr);
    assertMatch(stderr, new RegExp(`with dl_jobs replay ${id} 2 --code original\n$`));
  });
  await t.step("resume says which files are missing", async () => {
    assertMatch(
      (await cli(["resume"])).stderr,
      /^resume runs the code of the job: (limit\.ts, work\.ts|work\.ts, limit\.ts) are missing, /m,
    );
  });
  await t.step("and the old code still runs", async () => {
    assertMatch((await cli(["retry", "--code", "original"])).stderr, /above 1/);
  });
});

Deno.test("the API chooses the code in the same way", async () => {
  await using folder = await enterFolder(FILES);
  await runJob({ moduleName: "./work.ts", argsList: [0, 1, 2, 3] });
  await folder.write("limit.ts", limit("v2", 2));
  assertEquals((await retry("last", { code: "original" })).failed, 2);
  assertEquals((await resume("last")).failed, 2);
  assertEquals((await retry("last")).failed, 1);
  assertEquals(results(), ["v1-0", "v1-1", "v2-2"]);
});

Deno.test("a function without a module keeps its code", async () => {
  await using _folder = await enterFolder();
  await new Job({ fn: (x: number) => [x].at(1)!.toFixed(), argsList: 2, quiet: true }).run();
  assertEquals((await retry("last")).failed, 2);
  const { message } = await assertRejects(
    async () => await retry("last", { code: "current" }),
    UsageError,
  );
  assertMatch(message, /^Cannot run new code of job .*: its function is a value in a script, run /);
});

Deno.test("retry names the changed script of a function that was a value in it", async () => {
  await using folder = await enterFolder();
  const script = (text: string) =>
    `import { job } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
    export const numbers = () => job((x: number) => { throw new Error("${text}" + x); }, { argsList: 2 });`;
  await folder.write("run/jobs.ts", script("old"));
  assertEquals((await cli(["run", "jobs.numbers"])).code, 1);
  assertMatch((await cli(["retry"])).stderr, SAME);
  await folder.write("run/jobs.ts", script("new"));
  const { code, stderr } = await cli(["retry"]);
  assertEquals(code, 1);
  assertEquals(
    firstLine(stderr),
    "retry runs the code of the job: run/jobs.ts changed since TIME, and its function is a value in " +
      "a script, run the script again for the current code",
  );
  assertMatch(stderr, /old\d/);
});

Deno.test("a record without sources keeps its code", async () => {
  await using folder = await enterFolder(FILES);
  await cli(MAP);
  const { programs: _programs, ...old } = readRecord(findJob());
  writeRecord(findJob(), old);
  await folder.write("limit.ts", limit("v2", 9));
  assertMatch((await cli(["retry"])).stderr, /above 1/);
  const { code, stderr } = await cli(["retry", "--code", "current"]);
  assertEquals(code, 2);
  assertMatch(stderr, /it was started by an older version, start a new job with --reuse\n$/);
});

Deno.test("results of several programs are not reused as those of one", async () => {
  await using folder = await enterFolder(FILES);
  await cli(MAP);
  await folder.write("limit.ts", limit("v2", 9));
  assertEquals((await cli(["retry"])).code, 0);
  const { stderr, stdout } = await cli([...MAP, "--reuse", "--ordered"]);
  assertEquals(stdout, '"v2-0"\n"v2-1"\n"v2-2"\n"v2-3"\n');
  assertMatch(stderr, /its results are not reused, pass --reuse=args/);
});
