import { assertEquals } from "../support/assert.ts";
import { enterFolder, readEvents, readLogs, runJob } from "../support/jobs.ts";

const REST = "const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));";
const LATE = 'setTimeout(() => { throw new Error("late"); }, 40)';

// Each error happens while task 1 runs.
const MODULES: Record<string, [source: string, log: string, id: number]> = {
  "a timer of the first task": [
    `export async function f(x) { if (x === 0) ${LATE}; else await rest(100); return x; }`,
    "Uncaught: Error: late",
    0,
  ],
  "a timer of the first task, of a function that only returns promises": [
    `export function f(x) { if (x === 0) ${LATE}; return rest(x * 100).then(() => x); }`,
    "Uncaught: Error: late",
    0,
  ],
  "a rejection of the first task": [
    `export async function f(x) {
      if (x === 0) rest(40).then(() => { throw new Error("late"); });
      else await rest(100);
      return x;
    }`,
    "Unhandled rejection: Error: late",
    0,
  ],
  "a timer of setup": [
    `export function setup() { ${LATE}; }
    export async function f(x) { await rest(x * 100); return x; }`,
    "Uncaught: Error: late",
    -1,
  ],
  "a rejection of the first task, of a function that only returns promises": [
    `export function f(x) {
      if (x === 0) rest(40).then(() => { throw new Error("late"); });
      return rest(x * 100).then(() => x);
    }`,
    "Unhandled rejection: Error: late",
    0,
  ],
  "a rejection of the module": [
    `rest(40).then(() => { throw new Error("late"); });
    export async function f(x) { await rest(x * 100); return x; }`,
    "Unhandled rejection: Error: late",
    -1,
  ],
  "a rejection of setup": [
    `export function setup() { rest(40).then(() => { throw new Error("late"); }); }
    export async function f(x) { await rest(x * 100); return x; }`,
    "Unhandled rejection: Error: late",
    -1,
  ],
  "a timer of the module": [
    `${LATE};
    export async function f(x) { await rest(x * 100); return x; }`,
    "Uncaught: Error: late",
    -1,
  ],
};

for (const [name, [source, log, id]] of Object.entries(MODULES)) {
  Deno.test(`a late error fails no other task, in ${name}`, async () => {
    await using _folder = await enterFolder({ "late.js": `${REST}\n${source}` });
    const { succeeded, failed, paths } = await runJob({
      ...{ moduleName: "./late.js", methodName: "f", argsList: 2, workers: 1 },
    });
    assertEquals([succeeded, failed], [2, 0]);
    const logs = readLogs(paths.folder).map((line) => [line.text.split("\n")[0], line.id]);
    assertEquals(logs, [[log, id]]);
  });
}

Deno.test("a rejection of the module ends no concurrent task", async () => {
  const source = `rest(40).then(() => { throw new Error("late"); });
    export async function f(x) { await rest(100); return x; }`;
  await using _folder = await enterFolder({ "late.js": `${REST}\n${source}` });
  const { succeeded, paths } = await runJob({
    ...{ moduleName: "./late.js", methodName: "f", argsList: 3, workers: 1, concurrency: 3 },
  });
  const logs = readLogs(paths.folder).map((line) => [line.text.split("\n")[0], line.id]);
  assertEquals([succeeded, logs], [3, [["Unhandled rejection: Error: late", -1]]]);
});

Deno.test("an error in a timer of the first task fails this task while it runs", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number) =>
    new Promise((resolve) =>
      setTimeout(() => {
        if (x === 0) throw new RangeError("not caught");
        resolve(x);
      }, 20)
    );
  const { succeeded, failed } = await runJob({ fn, argsList: 3, workers: 1 });
  assertEquals([succeeded, failed], [2, 1]);
});

Deno.test("an error in a timer fails its task after another task has imported a module", async () => {
  const source = `export async function f(x) {
    if (x === 0) await import("data:text/javascript,export default 1");
    return await new Promise((resolve) => {
      const beat = setInterval(() => {}, 1000);
      setTimeout(() => {
        if (x === 1) throw new RangeError("not caught");
        clearInterval(beat);
        resolve(x);
      }, 10);
    });
  }`;
  for (const concurrency of [1, 3]) {
    await using _folder = await enterFolder({ "late.js": source });
    const { succeeded, paths } = await runJob({
      ...{ moduleName: "./late.js", methodName: "f", argsList: 3, workers: 1, concurrency },
      timeout: 5000,
    });
    const errors = readEvents(paths.folder).filter((event) => event.type === "failed");
    assertEquals([succeeded, errors.map(({ error }) => error.message)], [2, ["not caught"]]);
  }
});
