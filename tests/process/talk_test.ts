import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { findJob } from "../../lib/job_dir/find.ts";
import { jobIdOf } from "../../lib/job_dir/layout.ts";
import { cli, endOf, enterFolder, readLogs } from "../support/jobs.ts";

const WORK = `
export const half = (n) => {
  if (n % 2) throw new RangeError("odd: " + n);
  return n < 1200 ? { n } : { n, late: true };
};
`;

Deno.test("--progress json writes each message as a line of JSON, also for retry", async () => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("work.ts", WORK);
  const run = ["start", "progress", "summary"];
  const commands: [args: string[], types: string[]][] = [
    [["map", "work.ts#half", "-o", "out.ndjson", "--progress", "json"], run],
    // The message tells that the code has not changed.
    [["retry", "--progress", "json"], ["message", ...run]],
  ];
  for (const [i, [args, expected]] of commands.entries()) {
    const { stderr, code } = await cli(args, { input: "1\n2\n3\n" });
    const said = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    const types = new Set(said.map(({ type }) => type));
    assertEquals([code, [...types]], [1, expected]);
    const { done, total } = said.at(-2);
    assertEquals({ done, total }, { done: 3, total: 3 });
    const { id, succeeded, failed, commonErrors, next } = said.at(-1);
    assertEquals({ succeeded, failed, commonErrors, next }, {
      ...{ succeeded: 1, failed: 2, next: `dl_jobs retry ${id}` },
      commonErrors: [{ ...commonErrors[0], count: 2, type: "RangeError" }],
    }, `command ${i}`);
    assertMatch(commonErrors[0].message, /^odd: [13]$/);
  }
});

const SAYS = `
export function say(n) {
  const deep = { a: { b: { c: { d: "it" } } } };
  console.log(deep, [["x", deep]], new Map([[1, deep]]), -0, 1n, new Date(0), "100%", n);
  console.log("%s %d %o %%", "a", 1.5, [1]);
  console.table([{ a: 1, b: "x" }]);
  console.group("group");
  console.dir(deep);
  console.warn("in\\nside");
  console.groupEnd();
  console.debug();
  console.assert(n > 1, "small", deep);
}
`;

Deno.test("console writes the text of a task as that of any program", async () => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("says.js", SAYS);
  await Deno.writeTextFile("plain.js", 'import { say } from "./says.js"; say(1);');
  const args = ["run", "plain.js"], env = { NO_COLOR: "1" };
  const { stdout, stderr } = await endOf(
    new Deno.Command(Deno.execPath(), { args, env, stdout: "piped", stderr: "piped" }).spawn(),
  );
  await cli(["map", "says.js#say", "--quiet"], { input: "1\n" });
  const logs = readLogs(findJob());
  const logged = (name: string) =>
    logs.map(({ stream, text }) => stream === name ? text : "").join("");
  assertEquals([logged("stdout"), logged("stderr")], [stdout, stderr]);
});

Deno.test("a line is in the log while a synchronous call computes", async () => {
  await using _folder = await enterFolder({
    "prints.ts": `function waitFor(text: string) {
  const folder = [...Deno.readDirSync(".dl_jobs")].find(({ name }) => name.includes("T"))!.name;
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    try {
      if (Deno.readTextFileSync(".dl_jobs/" + folder + "/logs.ndjson").includes(text)) return;
    } catch { /* There is no log yet. */ }
  }
  throw new Error("not in the log: " + text);
}

export function task(x: number) {
  console.log("begun", x);
  waitFor("begun " + x);
  console.error("failing", x);
  waitFor("failing " + x);
  return x;
}
`,
  });
  const input = "0\n1\n2\n";
  const { stdout, code } = await cli(["map", "prints.ts", "-", "-q", "-j1", "--ordered"], {
    input,
  });
  assertEquals({ stdout, code }, { stdout: input, code: 0 });
});

Deno.test("--quiet shows only results, warnings and errors", async () => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("work.ts", WORK);
  const args = ["map", "work.ts#half", "--quiet", "--halt", "1", "--workers", "1"];
  const { stdout, stderr, code } = await cli(args, { input: "2\n1\n" });
  assertEquals({ stdout, stderr, code }, {
    ...{ stdout: '{"n":2}\n', code: 1 },
    stderr: "1 task has failed: no more tasks are started\n" +
      `work.half: 1 of 2 tasks failed, see dl_jobs errors ${jobIdOf(findJob())}\n`,
  });
});

Deno.test("results --format table takes its columns from the first results", async () => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("work.ts", WORK);
  const input = Array.from({ length: 2500 }, (_, i) => `${2 * i}\n`).join("");
  await cli(["map", "work.ts#half", "--ordered", "--workers", "1"], { input });
  const { stdout, stderr } = await cli(["results", "--ordered", "--format", "table"]);
  const lines = stdout.split("\n");
  assertEquals([lines.length, lines[0], lines[1], lines[2500]], [
    2502,
    "   n  late",
    "   0",
    "4998  true",
  ]);
  assertEquals(stderr, "");
  const late = await cli(["map", "work.ts#half", "--ordered"], {
    input: Array.from({ length: 1100 }, (_, i) => `${i < 1050 ? 2 : 4000}\n`).join(""),
  });
  assertEquals(late.code, 0);
  const cut = await cli(["results", "--ordered", "--format", "table"]);
  assertEquals(cut.stdout.split("\n").slice(0, 2), ["n", "2"]);
  assertStringIncludes(cut.stderr, "no column for late: the first 1000 results have no such key");
});

Deno.test("--progress json writes messages of the command as lines of JSON, also errors", async (t) => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("work.ts", WORK);
  const json = ["--progress", "json"], input = "1\n2\n3\n";
  const cases: [args: string[], text: RegExp, config?: string][] = [
    [["map", "none.ts#half", ...json], /^Error: Cannot find none\.ts: /],
    [["map", "work.ts#half", "--progress=json", "--wrong"], /^Error: Cannot use option "--wrong"/],
    [
      ["map", "work.ts#half", "--canary", "2", "--max-hours", "0", ...json],
      /^Stopped after the canary: all 2 tasks failed$/,
    ],
    [
      ["map", "work.ts#half", "--canary", "2", "--max-hours", "0"],
      /^Stopped after the canary: all 2 tasks failed$/,
      "progress: json\n",
    ],
    [["map", "none.ts#half"], /^Error: Cannot find none\.ts: /, "progress: json\n"],
  ];
  for (const [args, text, config = ""] of cases) {
    await t.step(args.join(" "), async () => {
      await Deno.writeTextFile("dl_jobs.config.yaml", config);
      const { stderr } = await cli(args, { input });
      const said = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
      const texts = said.filter(({ type }) => type === "message").map((one) => one.text);
      assert(texts.some((one) => text.test(one)), stderr);
    });
  }
});
