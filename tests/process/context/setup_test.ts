import { UsageError } from "../../../lib/util/errors.ts";
import type { SetupContext, TaskContext } from "../../../mod.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { cli, enterFolder, readEvents, readLines, readLogs, runJob } from "../../support/jobs.ts";
import { within } from "../../../tools/support/until.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");

/** Each worker writes a line for each call of a hook. */
const HOOKS = `
  const note = (text) => Deno.writeTextFileSync("calls.txt", text + "\\n", { append: true });
  export async function setup(ctx) {
    note("setup");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return { job: ctx.job, calls: 0 };
  }
  export async function teardown(ctx) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    note("teardown");
  }
  export const count = (x, ctx) => ++ctx.state.calls;
  export const plain = (x) => x;
  export const rest = (...args) => args.length;
`;

Deno.test("setup and teardown run once in a worker, also for a function without a context", async (t) => {
  await using _folder = await enterFolder({ "hooks.js": HOOKS });
  for (
    const [method, results] of [["count", [1, 2, 3]], ["plain", [0, 1, 2]]] as [string, unknown[]][]
  ) {
    await t.step(method, async () => {
      const { paths, failed } = await runJob({
        ...{ moduleName: "./hooks.js", methodName: method, argsList: 3, workers: 1, timeout: 1 },
      });
      // The time of setup exceeds the limit, and is not charged.
      assertEquals(failed, 0);
      const events = readEvents(paths.folder);
      assertEquals(events.map((event) => "result" in event && event.result), results);
      assertEquals(readLines("calls.txt"), ["setup", "teardown"]);
      await Deno.remove("calls.txt");
    });
  }
});

for (const module of ["slow.ts", "slow.py"]) {
  const missing = module.endsWith(".py") ? whyNot : undefined;
  const name = `the summary and status tell the time of setup, of ${module}`;
  Deno.test({ name: name + skipSuffix(missing), ignore: missing !== undefined }, async (t) => {
    await using _folder = await enterFolder({
      "slow.ts": `
        export const setup = () => new Promise((resolve) => setTimeout(resolve, 200));
        export const same = (x: number) => x;`,
      "slow.py": "import time\ndef setup():\n    time.sleep(0.2)\ndef same(x):\n    return x\n",
    });
    for (const engine of ["local", "inline"] as const) {
      await t.step(engine, async () => {
        const { setup } = await runJob({
          ...{ moduleName: module, methodName: "same", argsList: 1, engine },
        });
        const { workers, total, longest } = setup!;
        assertEquals([workers, total >= 195, longest], [1, true, total]);
        const { stdout } = await cli(["status", "--json"]);
        assertEquals(JSON.parse(stdout).setup, setup);
        assertMatch((await cli(["status"])).stdout, /^setup +\d+(\.\d+)? (ms|s)$/m);
      });
    }
  });
}

Deno.test("a job of a function may have its own setup and teardown", async () => {
  await using _folder = await enterFolder();
  const { paths } = await runJob({
    fn: (x: number, ctx: TaskContext<{ factor: number }>) => x * ctx.state.factor,
    setup: () => ({ factor: 3 }),
    teardown: (ctx: SetupContext) => ctx.log("the end", { of: ctx.job.length > 0 }),
    argsList: [1, 2],
    workers: 1,
  });
  const events = readEvents(paths.folder);
  assertEquals(events.map((event) => "result" in event && event.result), [3, 6]);
  assertEquals(readLogs(paths.folder), [
    { id: -1, attempt: 1, stream: "log", text: "the end", fields: { of: true } },
  ]);
  const options = { moduleName: "tiles", setup: () => 1, argsList: 1 };
  await assertRejects(
    () => runJob(options),
    UsageError,
    "Cannot create a job: setup belongs to fn, export it from the module instead",
  );
});

Deno.test("a setup that fails ends the job with its reason", async (t) => {
  const cases: [name: string, code: string, message: string][] = [
    ["throws", "throw new RangeError('no model')", "setup threw RangeError: no model"],
    ["rejects", "return Promise.reject('no model')", "setup threw string: no model"],
    ["exits", "Deno.exit(3)", "setup called exit(3)"],
    ["never settles", "return new Promise(() => {})", "setup awaits a promise that never settles"],
  ];
  for (const [name, code, message] of cases) {
    await t.step(name, async () => {
      const module = `export function setup() { ${code}; }\nexport const task = (x) => x;\n`;
      await using _folder = await enterFolder({ "bad.js": module });
      const error = await assertRejects(
        () => runJob({ moduleName: "./bad.js", argsList: 3, workers: 1 }),
        UsageError,
      );
      assertStringIncludes(error.message, message);
    });
  }
});

Deno.test("an error that setup does not catch ends its worker, although setup waits", async (t) => {
  const throws: Record<string, string> = {
    "a timer": 'setTimeout(() => { throw new RangeError("no model"); }, 5)',
    "a rejection": 'Promise.resolve().then(() => { throw new RangeError("no model"); })',
    "a timer after a wait": `await new Promise((end) => setTimeout(end, 5));
      setTimeout(() => { throw new RangeError("no model"); }, 5)`,
  };
  for (const [name, error] of Object.entries(throws)) {
    for (const kind of ["", "async "]) {
      await t.step(`${name}, ${kind || "synchronous "}function`, async () => {
        await using _folder = await enterFolder({
          "work.js": `export async function setup() {
            setInterval(() => {}, 1000);
            ${error};
            await new Promise(() => {});
          }
          export const f = ${kind}(x) => x;`,
        });
        const run = runJob({ moduleName: "./work.js", methodName: "f", argsList: 2, workers: 1 });
        const failed = await assertRejects(() => within(run, "the job ends"), UsageError);
        const [line] = failed.message.split("\n");
        assertEquals(line, "Cannot set up a worker: setup threw RangeError: no model");
      });
    }
  }
});

Deno.test("an error of the module while setup waits is logged, and ends no worker", async () => {
  await using _folder = await enterFolder({
    "work.js": `const rest = (ms) => new Promise((end) => setTimeout(end, ms));
    setTimeout(() => { throw new RangeError("late"); }, 5);
    rest(5).then(() => { throw new RangeError("late"); });
    export const setup = () => rest(100);
    export const f = (x) => x;`,
  });
  const how = { moduleName: "./work.js", methodName: "f", argsList: 2, workers: 1 };
  const { succeeded } = await runJob(how);
  assertEquals(succeeded, 2);
});

Deno.test("a teardown that fails or never ends is a line of the log", async (t) => {
  const cases: [name: string, code: string, logs: string[]][] = [
    ["throws", "throw new RangeError('busy')", ["teardown threw RangeError: busy"]],
    ["never ends", "return new Promise((resolve) => setTimeout(resolve, 3_600_000))", []],
  ];
  for (const [name, code, logs] of cases) {
    await t.step(name, async () => {
      const module = `export function teardown() { ${code}; }\nexport const task = (x) => x;\n`;
      await using _folder = await enterFolder({ "bad.js": module });
      const { paths, succeeded } = await runJob({
        ...{ moduleName: "./bad.js", argsList: 2, workers: 1, grace: 0.2 },
      });
      assertEquals(succeeded, 2);
      const texts = readLogs(paths.folder).map(({ text }) => text);
      assertEquals(texts.map((text) => text.trim()), logs);
    });
  }
});

Deno.test("a worker that ends calls the listeners of exit and unload, and logs what they print", async (t) => {
  const exitLine = 'process.on("exit", (code) => console.log("exit", code));';
  const cases: [name: string, code: string, logs: string[]][] = [
    ["an imported process", `import process from "node:process"; ${exitLine}`, ["exit 0"]],
    ["the global process", exitLine, ["exit 0"]],
    ["a replaced process.exit", `process.exit = () => { throw 1; }; ${exitLine}`, ["exit 0"]],
    [
      "a listener that exits",
      `process.on("exit", (code) => { console.log("exit", code); process.exit(0); });`,
      ["exit 0"],
    ],
    ["unload", 'addEventListener("unload", () => console.log("unload"));', ["unload"]],
    [
      "a listener that throws",
      'process.on("exit", () => { throw new RangeError("busy"); });',
      ["a listener of the event exit threw RangeError: busy"],
    ],
  ];
  for (const [name, code, logs] of cases) {
    await t.step(name, async () => {
      await using _folder = await enterFolder({
        "f.js": `${code}\nexport const task = (x) => x;\n`,
      });
      const { paths, succeeded } = await runJob({
        ...{ moduleName: "./f.js", argsList: 2, workers: 1 },
      });
      assertEquals(succeeded, 2);
      assertEquals(readLogs(paths.folder).map(({ text }) => text.trim()), logs);
    });
  }
});

Deno.test("what children of setup write is logged for no task", async () => {
  const module = `
    export async function setup() {
      const args = ["-c", "echo to stdout; echo to stderr >&2"];
      await new Deno.Command("sh", { args, stdout: "inherit", stderr: "inherit" }).output();
      // The job reads this output before it hears of the end of setup.
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    export const task = (x) => x;`;
  await using _folder = await enterFolder({ "hooks.js": module });
  const { paths, succeeded } = await runJob({ moduleName: "./hooks.js", argsList: 2, workers: 1 });
  assertEquals(succeeded, 2);
  const logs = readLogs(paths.folder).map(({ id, stream, text }) => [id, stream, text]);
  assertEquals(logs.sort(), [[-1, "stderr", "to stderr\n"], [-1, "stdout", "to stdout\n"]]);
});

Deno.test("teardown has the option grace, and a worker that it kills is told once", async (t) => {
  const rest = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;
  const cases: [name: string, code: string, note: string, warning: RegExp | undefined][] = [
    // Longer than the time that a worker has without the option.
    ["slow", `${rest(7000)} Deno.writeTextFileSync("done.txt", "")`, "60s", undefined],
    [
      "too slow",
      rest(60_000),
      "1s",
      /A worker was killed, because it did not exit within 5.0 s after its last task: .* raise --grace$/m,
    ],
    ["dies", "Deno.exit(3)", "1s", /A worker exited with code 3 after its last task: the results/],
  ];
  for (const [name, code, grace, warning] of cases) {
    await t.step(name, async () => {
      const module = `export async function teardown() { ${code}; }\nexport const f = (x) => x;\n`;
      await using _folder = await enterFolder({ "bad.js": module, "list.txt": "1\n2\n" });
      const args = ["map", "bad.js#f", "list.txt", "--workers", "2", "--grace", grace];
      const { code: status, stderr } = await cli(args);
      assertEquals(status, 0);
      assertEquals(stderr.match(/A worker /g)?.length ?? 0, warning ? 1 : 0, stderr);
      if (warning) assertMatch(stderr, warning);
      else Deno.statSync("done.txt");
    });
  }
});

Deno.test("a last task that calls exit() causes no warning about teardown", async (t) => {
  const files = {
    "ends.js": "export const task = (x) => x === 2 ? Deno.exit(3) : x;\n",
    "ends.py": "import sys\ndef task(x):\n    return sys.exit(3) if x == 2 else x\n",
  };
  await using _folder = await enterFolder(files);
  for (const file of Object.keys(files)) {
    if (file === "ends.py" && whyNot !== undefined) continue;
    await t.step(file, async () => {
      const args = ["map", `${file}#task`, "-", "--workers", "1"];
      const { stderr } = await cli(args, { input: "1\n2\n" });
      assertMatch(stderr, /failed {2}task 1: the task called exit\(3\)$/m);
      assertEquals(/A worker/.test(stderr), false, stderr);
    });
  }
});

Deno.test("only a function that declares a second parameter receives a context", async () => {
  const module = `
    export const one = (...[]) => "none";
    export const counts = function () { return arguments.length; };
    export const byDefault = (x, ctx = "none") => typeof ctx;
    export const rest = (...args) => args.length;
    export const scaled = (x, scale = 2) => x * scale;
    export const { max } = Math;
  `;
  await using _folder = await enterFolder({ "f.js": module });
  const found: Record<string, unknown> = {};
  for (const method of ["counts", "byDefault", "rest", "scaled", "max"]) {
    const { paths } = await runJob({ moduleName: "./f.js", methodName: method, argsList: [7] });
    const [event] = readEvents(paths.folder);
    found[method] = event && "result" in event ? event.result : event;
  }
  assertEquals(found, { counts: 1, byDefault: "object", rest: 1, scaled: 14, max: 7 });
});

for (const module of ["hooks.ts", "hooks.py"]) {
  const missing = module.endsWith(".py") ? whyNot : undefined;
  const name = `replay calls setup and teardown, also when the task fails, of ${module}`;
  Deno.test({ name: name + skipSuffix(missing), ignore: missing !== undefined }, async () => {
    await using _folder = await enterFolder({
      "hooks.ts": `
        export const setup = () => (console.log("setup"), 2);
        export const teardown = () => console.log("teardown");
        export function twice(x: number, ctx: { state: number }) {
          if (x === 0) throw new Error("no zero");
          return x * ctx.state;
        }`,
      "hooks.py": `
def setup(ctx):
    print("setup")
    return 2
def teardown():
    print("teardown")
def twice(x, ctx):
    if x == 0:
        raise ValueError("no zero")
    return x * ctx.state`,
    });
    await runJob({ moduleName: module, methodName: "twice", argsList: [5, 0] });
    const done = await cli(["replay", "last", "0"]);
    assertEquals(done, { code: 0, stdout: "setup\n10\nteardown\n", stderr: done.stderr });
    const failed = await cli(["replay", "last", "1"]);
    assertEquals(failed, { code: 1, stdout: "setup\nteardown\n", stderr: failed.stderr });
    assertStringIncludes(failed.stderr, "no zero");
  });
}
