import {
  cli,
  enterFolder,
  kill,
  readEvents,
  readLines,
  readLogs,
  runJob,
} from "../support/jobs.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

/** Prints that it ran: the log shows which arguments were not reused. */
const TASK = "export const task = (x) => { console.log('ran', x); return x * 10; };\n";

/** Returns the arguments that the last job ran, from its log. */
function ranIn(folder: string): number[] {
  return readLogs(folder).map(({ text }) => Number(text.slice(4))).sort((a, b) => a - b);
}

const job = (list: readonly unknown[], more: Record<string, unknown> = {}) =>
  runJob({ moduleName: "./work.ts#task", argsList: list, ...more });

Deno.test("reuse runs only the new elements, wherever they are in the list", async () => {
  await using _folder = await enterFolder({ "work.ts": TASK });
  const first = await job([1, 2, 3]);
  assertEquals([first.reused, ranIn(first.paths.folder)], [0, [1, 2, 3]]);
  const list = [9, 3, 1, 8, 2, 3, 7];
  const second = await job(list, { reuse: true, ordered: true });
  assertEquals([second.succeeded, second.reused], [7, 4]);
  assertEquals(ranIn(second.paths.folder), [7, 8, 9]);
  assertEquals(readLines(second.paths.results), list.map((x) => String(x * 10)));
  const ends = readEvents(second.paths.folder).map(({ id, type }) => `${id} ${type}`);
  assertEquals(ends.sort(), list.map((_, id) => `${id} succeeded`));
  // A reused result can be reused again.
  const third = await job(list, { reuse: true });
  assertEquals([third.succeeded, third.reused, ranIn(third.paths.folder)], [7, 7, []]);
  const without = await job([1], {});
  assertEquals([without.reused, ranIn(without.paths.folder)], [0, [1]]);
});

Deno.test("reuse compares arguments by value", async () => {
  await using _folder = await enterFolder({
    "work.ts": "export const task = (x) => { console.log('ran', 0); return x; };\n",
  });
  const list = [1, "1", [1], { a: 1, b: 2 }, null, 'ü"args":1', { args: [1] }];
  await job(list);
  const options = { reuse: true, ordered: true, groupedResults: true };
  const again = await job([...list].reverse(), options);
  assertEquals(again.reused, list.length);
  assertEquals(
    readLines(again.paths.results).map((line) => JSON.parse(line)),
    [...list].reverse(),
  );
  const other = await job([{ a: 1, b: 3 }, "2", [1, 1]], { reuse: true });
  assertEquals(other.reused, 0);
});

Deno.test("reuse skips failures, and includes the results of a job that died", async () => {
  await using _folder = await enterFolder({
    "work.ts": `export const task = (x) => {
      console.log("ran", x);
      if (x === 2) throw new Error("two");
      return x;
    };\n`,
  });
  const first = await job([1, 2, 3, 4]);
  kill(first.paths.folder, { events: ({ id }) => id < 3 });
  const second = await job([1, 2, 3, 4], { reuse: true });
  assertEquals([second.succeeded, second.failed, second.reused], [3, 1, 2]);
  assertEquals(ranIn(second.paths.folder), [2, 4]);
  // A job that died before its start is ignored.
  Deno.removeSync(`${first.paths.folder}/events.ndjson`);
  Deno.removeSync(`${second.paths.folder}/tasks.ndjson`);
  const third = await job([1], { reuse: true });
  assertEquals([third.succeeded, third.reused], [1, 0]);
});

Deno.test("reuse reports that the code has changed, and uses results of old code only on request", async () => {
  await using folder = await enterFolder({ "work.ts": TASK });
  const run = async (input: string, ...flags: string[]) => {
    const { code, stdout, stderr } = await cli(["map", "work.ts#task", "-", ...flags], { input });
    return [code, stdout.split("\n").sort().join(" ").trim(), /code has changed/.test(stderr)];
  };
  assertEquals(await run("1\n2\n"), [0, "10 20", false]);
  await folder.write("work.ts", TASK.replace("* 10", "* 100"));
  assertEquals(await run("1\n2\n3\n", "--reuse"), [0, "100 200 300", true]);
  const { stderr } = await cli(["map", "work.ts#task", "-", "--reuse=args"], {
    input: "3\n4\n1\n",
  });
  assertMatch(stderr, /^3 of 3 succeeded, 2 taken from earlier jobs, in /m);
  // The newest of several results is used.
  assertEquals(await run("3\n1\n5\n", "--reuse=args"), [0, "100 300 500", false]);
  // A new comment does not change the code.
  await folder.write("work.ts", `// what it does\n${TASK.replace("* 10", "* 100")}`);
  assertEquals(await run("3\n4\n", "--reuse"), [0, "300 400", true]);
});

Deno.test("reuse runs a command again when a script that it names has changed", async () => {
  await using folder = await enterFolder({ "tile.sh": "echo old $1\n" });
  Deno.chmodSync("tile.sh", 0o755);
  const commands = [
    { command: "./tile.sh {}" },
    { command: "sh tile.sh {}" },
    { command: "x=$(sh tile.sh {}); echo $x", shell: true },
  ];
  const run = async (now: string) => {
    await folder.write("tile.sh", `echo ${now} $1\n`);
    const found = [];
    for (const command of commands) {
      const { reused, paths } = await runJob({ ...command, argsList: [1], reuse: true });
      found.push([reused, ...readLines(paths.results)]);
    }
    return found;
  };
  assertEquals(await run("old"), Array(3).fill([0, '"old 1"']));
  assertEquals(await run("old"), Array(3).fill([1, '"old 1"']));
  assertEquals(await run("new"), Array(3).fill([0, '"new 1"']));
});

Deno.test("retry says that a script has changed, and reuse takes no result of several scripts", async () => {
  const old = '[ "$1" = 2 ] && exit 1; echo old $1\n';
  await using folder = await enterFolder({ "tile.sh": old, "list": "1\n2\n" });
  const map = ["map", "list", "--reuse", "--", "sh", "tile.sh", "{}"];
  assertEquals((await cli(map)).stdout, '"old 1"\n');
  assertEquals((await cli(["retry", "-q"])).stdout, "");
  await folder.write("tile.sh", "echo new $1\n");
  const { stdout, stderr } = await cli(["retry"]);
  assertEquals(stdout, '"new 2"\n');
  assertMatch(stderr, /^the tasks run the current script: tile.sh changed since the last run/m);
  assertEquals((await cli(["resume"])).stderr.includes("tile.sh"), false);
  await folder.write("tile.sh", old);
  assertEquals((await cli(map)).stdout, '"old 1"\n');
});
