import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, runJob } from "../../support/jobs.ts";

const MODULES: Record<string, string> = {
  "a timer": `export const f = (x) => new Promise((done) => {
    const beat = setInterval(() => {}, 1000);
    setTimeout(() => {
      if (x === 2) throw new RangeError("boom");
      clearInterval(beat);
      done(x);
    }, 5);
  });`,
  "setImmediate": `export const f = (x) => new Promise((done) => setImmediate(() => {
    if (x === 2) throw new RangeError("boom");
    done(x);
  }));`,
  "an event emitter": `import { EventEmitter } from "node:events";
  export const f = (x) => new Promise((done) => {
    const emitter = new EventEmitter();
    emitter.once("done", () => done(x));
    queueMicrotask(() => {
      if (x === 2) emitter.emit("error", new RangeError("boom"));
      emitter.emit("done");
    });
  });`,
  "a promise that nothing awaits": `export const f = (x) => new Promise((done) => {
    if (x === 2) Promise.reject(new RangeError("boom"));
    setTimeout(() => done(x), 20);
  });`,
  "a listener, while the function runs": `export const f = (x) => {
    const target = new EventTarget();
    target.addEventListener("now", () => { if (x === 2) throw new RangeError("boom"); });
    target.dispatchEvent(new Event("now"));
    return x;
  };`,
};

const MAP = ["map", "work.js#f", "in.ndjson", "--engine", "inline", "--ordered", "--quiet"];

/** Runs a module for a list. */
async function mapped(source: string, list: string): ReturnType<typeof cli> {
  await using _folder = await enterFolder({ "work.js": source, "in.ndjson": list });
  return await cli(MAP);
}

for (const [name, source] of Object.entries(MODULES)) {
  Deno.test(`an error in ${name} fails its task on inline, not the job`, async () => {
    await using _folder = await enterFolder({ "work.js": source, "in.ndjson": "1\n2\n3\n" });
    const { code, stdout } = await cli(MAP);
    const { stdout: errors } = await cli(["results", "--errors"]);
    const { ERROR, type, class: kind } = JSON.parse(errors);
    assertEquals([code, stdout], [1, "1\n3\n"]);
    assertEquals([ERROR, type, kind], ["boom", "RangeError", "error"]);
  });
}

Deno.test("an error after the end of its task is printed on inline, and fails no task", async () => {
  const source = `export const f = (x) => {
    return new Promise((done) => setTimeout(() => {
      done(x);
      if (x === 1) setTimeout(() => { throw new RangeError("late"); }, 5);
    }, x === 1 ? 0 : 20));
  };`;
  const { code, stdout, stderr } = await mapped(source, "1\n2\n3\n");
  assertEquals([code, stdout], [0, "1\n2\n3\n"]);
  assertEquals(stderr.split("\n")[0], "Uncaught: RangeError: late");
});

Deno.test("an error of the module, not of a task, ends an inline job with the way out", async () => {
  const source = `setTimeout(() => { throw new RangeError("late"); }, 5);
  export const f = (x) => new Promise((done) => setTimeout(() => done(x), 40));`;
  const { code, stderr } = await mapped(source, "1\n2\n3\n");
  const expected = "Error: the code of the job ended this process, dl_jobs resume runs the rest";
  assertEquals([code, stderr.split("\n")[0]], [1, expected]);
});

Deno.test("an error in a timer of setup ends an inline job, which would wait for it", async () => {
  const source = `export const setup = () => new Promise((done) => {
    setTimeout(() => { throw new RangeError("no model"); }, 5);
    setTimeout(done, 1000);
  });
  export const f = (x) => x;`;
  const { code, stderr } = await mapped(source, "1\n");
  const expected = "Error: Cannot set up a worker: setup threw RangeError: no model";
  assertEquals([code, stderr.split("\n")[0]], [2, expected]);
});

Deno.test("an error in a timer of teardown is printed on inline, and ends no process", async () => {
  const source = `export const teardown = () => new Promise((done) => {
    setTimeout(() => { throw new RangeError("no lock"); }, 5);
    setTimeout(done, 20);
  });
  export const f = (x) => x;`;
  const { code, stdout, stderr } = await mapped(source, "1\n");
  assertEquals([code, stdout, stderr.split("\n")[0]], [0, "1\n", "Uncaught: RangeError: no lock"]);
});

Deno.test("inline jobs at the same time charge errors to their own tasks", async () => {
  await using _folder = await enterFolder();
  const { setTimeout: timer, addEventListener: listen } = globalThis, printed: unknown[] = [];
  const fn = (ms: number) =>
    new Promise((_, reject) => {
      setTimeout(() => {
        throw new RangeError("boom");
      }, ms);
      setTimeout(reject, 2000, new Error("not charged"));
    });
  const { error } = console;
  console.error = (...args) => printed.push(...args);
  try {
    const runs = [5, 20].map((ms) =>
      runJob({ fn, argsList: [ms], engine: "inline", maxAttempts: 1, quiet: true })
    );
    for (const { failed } of await Promise.all(runs)) assertEquals(failed, 1);
  } finally {
    console.error = error;
  }
  const ends = printed.filter((text) => String(text).includes("ended this process"));
  assertEquals(ends, []);
  assertEquals(globalThis.setTimeout === timer, true);
  assertEquals(globalThis.addEventListener === listen, true);
});

Deno.test("inline leaves the timers and listeners of its process as they were", async () => {
  await using _folder = await enterFolder();
  const values = () => [setTimeout, setInterval, setImmediate, globalThis.addEventListener];
  const before = values();
  const fn = (x: number) => new Promise((done) => setTimeout(done, 1, x));
  const { succeeded } = await runJob({ fn, argsList: 2, engine: "inline" });
  assertEquals([succeeded, values().map((value, i) => value === before[i])], [
    2,
    [true, true, true, true],
  ]);
});
