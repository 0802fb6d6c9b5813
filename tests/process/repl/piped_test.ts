/**
 * A session whose entries come from a pipe.
 *
 * @module
 */

import { delay } from "../../../lib/util/time/delay.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { HELP, help } from "../../../repl/help.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, enterFolder, startCli } from "../../support/jobs.ts";

async function repl(input: string) {
  const { code, stdout, stderr } = await cli(["repl"], { input });
  return { code, lines: stdout.split("\n").slice(1, -1), stderr };
}

Deno.test("dl_jobs repl shows the user's frames alone, and ends with 1 after an error", async () => {
  await using _folder = await enterFolder({
    "tiles.ts": 'export function mean() {\n  throw new RangeError("no tiles");\n}\n',
  });
  const { href } = new URL(`file://${Deno.cwd()}/tiles.ts`);
  assertEquals(await repl('import { mean } from "./tiles.ts"\nlocal(5)\nmean()\n1 + 1\n'), {
    code: 1,
    lines: [
      "undefined",
      "Uncaught UsageError: Cannot call local: the value is not a job, write local(job(fn, { argsList }))",
      "    at <anonymous>:1:22",
      "Uncaught RangeError: no tiles",
      `    at mean (${href}:2:9)`,
      "    at <anonymous>:1:22",
      "2",
    ],
    stderr: "",
  });
});

Deno.test("dl_jobs repl uses no colours in a file", async () => {
  await using _folder = await enterFolder();
  const { stdout } = await cli(["repl"], { input: '["a", 1]\nnull.b\n', env: { NO_COLOR: "" } });
  const lines = stdout.split("\n").slice(1, 3);
  assertEquals(lines, [
    '[ "a", 1 ]',
    "Uncaught TypeError: Cannot read properties of null (reading 'b')",
  ]);
});

Deno.test("dl_jobs repl has the functions that make lists, and jobs of programs", async () => {
  await using _folder = await enterFolder({ "a.txt": "b\n" });
  const input = `const of = async (j) => await results(local(j))
const own = (argsList) => of(job((x) => x, { argsList, ordered: true, quiet: true }))
await own(grid({ a: [1, 2], b: [3] }))
await own(zip({ a: [1], b: [3] }))
[await own(files("a.txt")), await own(glob("*.txt"))]
await of(new Job({ command: "cat {}", argsList: ["a.txt"], quiet: true }))
`;
  assertEquals(await repl(input), {
    code: 0,
    lines: [
      ...["undefined", "undefined"],
      "[ { a: 1, b: 3 }, { a: 2, b: 3 } ]",
      "[ { a: 1, b: 3 } ]",
      '[ [ "b" ], [ "a.txt" ] ]',
      '[ "b" ]',
    ],
    stderr: "",
  });
});

Deno.test("dl_jobs repl accepts the examples of its help", async () => {
  await using _folder = await enterFolder({ "tiles.ndjson": "" });
  assertEquals(Deno.inspect(help).split("\n").filter(({ length }) => length > 80), []);
  // A test of a session in a terminal saves it, which takes long.
  const { save: _, ...others } = HELP;
  const examples = Object.values(others).map(([, example]) => example);
  const { code, lines } = await repl(`const fn = (x: number) => x\n${examples.join("\n")}\n`);
  assertEquals([code, lines.filter((line) => line.startsWith("Uncaught"))], [0, []]);
});

Deno.test("dl_jobs repl ends with 0 after a job whose error was caught", async () => {
  await using _folder = await enterFolder();
  const caught = 'await Promise.resolve(job).then((make) => make(1)).catch(() => "caught")';
  assertEquals(await repl(`${caught}\n`), { code: 0, lines: ['"caught"'], stderr: "" });
});

Deno.test("dl_jobs repl waits for the runs of its entries, and says what failed", async (t) => {
  const slow = "const slow = (x: number) => new Promise((end) => setTimeout(() => end(x), 300))\n";
  const cases: Record<string, [input: string, expected: [code: number, out: string, err: RegExp]]> =
    {
      "a run": [
        `${slow}const run = local(job(slow, { argsList: 2 }))`,
        [0, "undefined\nundefined\n", /\n2 of 2 succeeded/],
      ],
      "a use of results": [
        `${slow}results(local(job(slow, { argsList: 1, quiet: true }))).then(console.log); 1`,
        [0, "undefined\n1\n[ 0 ]\n", /^$/],
      ],
      "a run that cannot start": [
        'const run = local(job("none", {}))\n1\n',
        [1, "undefined\n1\n", /^Error: Cannot find module "none"/],
      ],
      "close()": [
        `const run = local(job(() => new Promise((end) => setTimeout(end, 60_000)), { quiet: true }))
while (!run.progress.folder) await new Promise((resolve) => setTimeout(resolve, 5)); close()`,
        [
          0,
          "undefined\n",
          /^Job ([\w-]+) stopped with the session: dl_jobs resume \1 runs the rest\n$/,
        ],
      ],
      "Deno.exit()": ["1\nDeno.exit()\n", [0, "1\n", /^$/]],
      "Deno.exitCode": ["Deno.exitCode = 5\n", [5, "5\n", /^$/]],
      "wrong syntax": ["1\nlet b = = 2\n3\n", [
        1,
        "1\nparse error: Expression expected at 1:9\n3\n",
        /^$/,
      ]],
      "an object and types": ["{ a: 1, b: 2 }\nenum A { B }\n", [
        0,
        "{ a: 1, b: 2 }\nundefined\n",
        /^$/,
      ]],
      "an entry without an end": ["1\nconst a = [\n2\n", [
        1,
        "1\n",
        /^The last entry is incomplete and has not run: close its brackets and quotes\n$/,
      ]],
    };
  for (const [name, [input, [code, out, err]]] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using _folder = await enterFolder();
      const ended = await cli(["repl"], { input });
      const shown = ended.stdout.split("\n").slice(1).join("\n");
      assertEquals([ended.code, shown], [code, out]);
      assertMatch(ended.stderr, err);
    });
  }
});

Deno.test("a session that reacts to Ctrl-C before the command does continues", async () => {
  await using _folder = await enterFolder();
  const command = startCli(["repl"]);
  const writer = command.stdin.getWriter();
  const enter = (line: string) => writer.write(new TextEncoder().encode(`${line}\n`));
  const reader = command.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const saidWhen = async (pattern: RegExp) => {
    while (!pattern.test(said)) {
      const { value, done } = await within(reader.read(), `the session says ${pattern}`);
      if (done) throw new Error(`The session has ended: ${said}`);
      said += value;
    }
    return pattern.exec(said)!;
  };
  await enter('console.log("pid", Deno.pid)');
  const [, pid] = await saidWhen(/pid (\d+)\n/);
  await enter('Deno.addSignalListener("SIGINT", () => console.log("reacted"))');
  await enter(
    'const slow = (_: number) => new Promise<number>(() => { Deno.writeTextFileSync("begun", ""); ' +
      "setInterval(() => {}, 1000); })",
  );
  await enter('const run = local(job(slow, { argsList: 1 })); console.log("started")');
  await saidWhen(/started/);
  await enter('await run; console.log("ended")');
  await until(() => exists("begun"), "the task runs");
  Deno.kill(Number(pid), "SIGINT");
  await saidWhen(/reacted/);
  command.kill("SIGINT");
  await saidWhen(/ended/);
  // The command ends a session that has not reacted after two seconds.
  await delay(2500);
  await enter('console.log("still", "here")');
  await saidWhen(/still here/);
  await writer.close();
  while (!(await reader.read()).done);
  const [{ code }] = await Promise.all([command.status, command.stderr.cancel()]);
  assertEquals(code, 0);
});
