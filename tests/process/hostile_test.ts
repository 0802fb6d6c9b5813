import { readBlocks } from "../../lib/ndjson/blocks.ts";
import { within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "../support/assert.ts";
import { type Harm, HOSTILE, TASKS, testHarm } from "../support/hostile.ts";
import { bare, enterFolder, readEvents, readLines, readLogs, runJob } from "../support/jobs.ts";

/** A task that harms its worker, in JavaScript and in Python. */
interface Case extends Harm {
  readonly fn: (x: number) => unknown;
  /** The body of the function `task(x)` in Python. @default {the case does not exist there} */
  readonly python?: string;
}

// A function travels without its module, so each one names the hostile task itself.
const CASES: Readonly<Record<string, Case>> = {
  "a task that hangs": {
    fn: async (x) => {
      if (x === 5) await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      return x;
    },
    python: `time.sleep(3600 if x == 5 else 0)`,
    options: { timeout: 2 },
    error: {
      type: "Timeout",
      message: /^it ran longer than the timeout of 2 s( and was killed)?$/,
    },
    class: "timeout",
  },
  "a task that computes forever": {
    fn: (x) => {
      while (x === 5);
      return x;
    },
    python: `while x == 5:
        pass`,
    options: { timeout: 2 },
    error: {
      type: "Timeout",
      message: /^it ran longer than the timeout of 2 s( and was killed)?$/,
    },
    class: "timeout",
  },
  "a task that writes without end": {
    fn: async (x) => {
      if (x === 5) await new Deno.Command("yes", { stdout: "inherit" }).spawn().status;
      return x;
    },
    python: `while x == 5:
        os.write(2, b"y\\n" * 1000)`,
    options: { timeout: 2, grace: 1 },
    error: {
      type: "Timeout",
      message: /^it ran longer than the timeout of 2 s( and was killed)?$/,
    },
    class: "timeout",
  },
  "a task that fills the heap": {
    fn: (x) => {
      for (const all = []; x === 5;) all.push({ x: all.length });
      return x;
    },
    python: `full = []
    while x == 5:
        full.append([0] * 1000)`,
    options: { memory: "200MB" },
    error: {
      type: "OutOfMemory",
      message: /^its worker (used \d+ MB of memory, more than the limit of 200 MB|ran out)/,
    },
    class: "oom",
  },
  "a task that fills the memory outside the heap": {
    fn: async (x) => {
      for (const all = []; x === 5;) {
        all.push(new Uint8Array(10_000_000).fill(1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return x;
    },
    python: `full = []
    while x == 5:
        full.append(b"1" * 10_000_000)
        time.sleep(0.005)`,
    options: { memory: "200MB" },
    error: {
      type: "OutOfMemory",
      message: /^its worker used \d+ MB of memory, more than the limit of 200 MB, and was killed$/,
    },
    class: "oom",
  },
  "a child that fills the memory, in another process group": {
    fn: async (x) => {
      // tail keeps a line of any length in memory.
      const args = ["sh", "-c", "(head -c 500M /dev/zero; sleep 3600) | tail -n 1"];
      if (x === 5) await new Deno.Command("setsid", { args }).output();
      return x;
    },
    python: `if x == 5:
        subprocess.run(["setsid", "sh", "-c", "(head -c 500M /dev/zero; sleep 3600) | tail -n 1"])`,
    options: { memory: "300MB" },
    error: {
      type: "OutOfMemory",
      message: /^its worker used \d+ MB of memory, more than the limit of 300 MB, and was killed$/,
    },
    class: "oom",
  },
  "a task that calls Deno.exit()": {
    fn: (x) => {
      if (x === 5) Deno.exit(3);
      return x;
    },
    python: `if x == 5:
        sys.exit(3)`,
    error: { type: "Error", message: "the task called exit(3)" },
    class: "crash",
  },
  "a task that calls process.exit()": {
    fn: async (x) => {
      const { default: process } = await import("node:process");
      if (x === 5) process.exit(4);
      return x;
    },
    error: { type: "Error", message: "the task called exit(4)" },
    class: "crash",
  },
  "a task that calls process.abort()": {
    fn: async (x) => {
      const { default: process } = await import("node:process");
      if (x === 5) process.abort();
      return x;
    },
    python: `if x == 5:
        os.abort()`,
    error: { type: "WorkerDied", message: /^its worker was killed by SIGABRT(: File .*)?$/ },
    class: "crash",
  },
  "a promise that nothing settles": {
    fn: async (x) => {
      if (x === 5) await new Promise(() => {});
      return x;
    },
    python: `return wait(x)`,
    error: { type: "WorkerDied", message: "it awaits a promise that can never settle" },
    class: "crash",
  },
  "a promise that nothing settles, among several running tasks": {
    fn: async (x) => {
      if (x === 5) await new Promise(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
      return x;
    },
    options: { concurrency: 4 },
    error: { type: "WorkerDied", message: "it awaits a promise that can never settle" },
    class: "crash",
  },
  "a promise that nothing settles, in the sandbox": {
    fn: async (x) => {
      if (x === 5) await new Promise(() => {});
      return x;
    },
    options: { concurrency: 4, permissions: { net: "true" } },
    error: { type: "WorkerDied", message: "it awaits a promise that can never settle" },
    class: "crash",
  },
  "an unhandled rejection": {
    fn: async (x) => {
      if (x === 5) setTimeout(() => Promise.reject(new RangeError("not caught")), 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
      return x;
    },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an unhandled rejection after the end of its task": {
    fn: async (x) => {
      if (x === 5) setTimeout(() => Promise.reject(new RangeError("too late")), 10);
      else await new Promise((resolve) => setTimeout(resolve, 30));
      return x;
    },
    // The worker has further tasks when the error comes.
    options: { workers: 1 },
    log: /^Unhandled rejection: RangeError: too late$/m,
  },
  "an error in a timer, while another timer is open": {
    fn: (x) =>
      new Promise((resolve) => {
        const beat = setInterval(() => {}, 1000);
        setTimeout(() => {
          if (x === 5) throw new RangeError("not caught");
          clearInterval(beat);
          resolve(x);
        }, 5);
      }),
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an error in a timer after the end of its task": {
    fn: async (x) => {
      if (x === 5) {
        setTimeout(() => {
          throw new RangeError("too late");
        }, 10);
      } else await new Promise((resolve) => setTimeout(resolve, 30));
      return x;
    },
    // The worker has further tasks when the error comes.
    options: { workers: 1 },
    log: /^Uncaught: RangeError: too late$/m,
  },
  "an error in a timer of one of several running tasks": {
    fn: (x) =>
      new Promise((resolve) => {
        setTimeout(() => {
          if (x === 5) throw new RangeError("not caught");
          resolve(x);
        }, 20);
      }),
    options: { concurrency: 4 },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an unhandled rejection of one of several running tasks": {
    fn: async (x) => {
      if (x === 5) Promise.reject(new RangeError("not caught"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return x;
    },
    options: { concurrency: 4 },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an error in an event listener": {
    fn: async (x) => {
      const target = new EventTarget();
      target.addEventListener("tile", () => {
        if (x === 5) throw new RangeError("not caught");
      });
      setTimeout(() => target.dispatchEvent(new Event("tile")), 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return x;
    },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an error in an event listener that a synchronous function calls": {
    fn: (x) => {
      const target = new EventTarget();
      target.addEventListener("tile", () => {
        if (x === 5) throw new RangeError("not caught");
      });
      target.dispatchEvent(new Event("tile"));
      return x;
    },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "a reported error before another error of the function": {
    fn: (x) => {
      if (x !== 5) return x;
      reportError(new RangeError("not caught"));
      throw new TypeError("a consequence");
    },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an error that an async function reports before it waits": {
    fn: async (x) => {
      if (x === 5) reportError(new RangeError("not caught"));
      await new Promise((resolve) => setTimeout(resolve, 10));
      return x;
    },
    options: { concurrency: 4 },
    error: { type: "RangeError", message: "not caught" },
    class: "error",
  },
  "an error in a Web Worker": {
    fn: async (x) => {
      const url = "data:text/javascript,if(" + x + "===5)%0Athrow new RangeError('no tile');" +
        "postMessage(1)";
      const worker = new Worker(url, { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      worker.terminate();
      return x;
    },
    error: {
      type: "Error",
      message: /^a Web Worker failed: Uncaught .*RangeError: no tile \(data:text.*:2\)$/,
    },
    class: "error",
  },
  "a rejection with a value that cannot be read": {
    fn: async (x) => {
      if (x === 5) {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        Promise.reject(proxy);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      return x;
    },
    error: { type: "object", message: /./ },
    class: "error",
  },
  "a thrown proxy": {
    fn: (x) => {
      const trap = () => {
        throw new Error("a trap");
      };
      if (x === 5) throw new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap });
      return x;
    },
    error: { type: "object", message: /./ },
    class: "error",
  },
  "a returned proxy": {
    fn: (x) => {
      const trap = () => {
        throw new RangeError("a trap");
      };
      return x === 5 ? new Proxy({}, { get: trap, has: trap, ownKeys: trap }) : x;
    },
    error: { type: "RangeError", message: "a trap" },
    class: "error",
  },
  "an error with a message of 30 MB": {
    fn: (x) => {
      if (x === 5) throw new Error("m".repeat(30_000_000));
      return x;
    },
    python: `if x == 5:
        raise Error("m" * 30_000_000)`,
    error: { type: "Error", message: /^m{65536}\.\.\. \(cut, it has 30000000 characters\)$/ },
    class: "error",
  },
  "a list of 100,000 levels": {
    fn: (x) => {
      let list: unknown[] = [];
      for (let i = 0; i < 100_000; i++) list = [list];
      return x === 5 ? list : x;
    },
    python: `nested = []
    for _ in range(100_000):
        nested = [nested]
    if x == 5:
        return nested`,
    error: {
      type: "TypeError",
      message: /^Cannot write result(\[0\]){20}\.\.\.: it is nested more than 1000 levels deep/,
    },
    class: "error",
  },
  "a task that closes stdout": {
    fn: (x) => {
      if (x === 5) Deno.stdout.close();
      return x;
    },
    python: `if x == 5:
        sys.stdout.close()
        os.close(1)`,
  },
  "a task that closes Deno.stdout.writable": {
    fn: async (x) => {
      if (x === 5) await Deno.stdout.writable.close();
      return x;
    },
  },
  "a task that reads Deno.stdin": {
    fn: async (x) => {
      const bytes = new Uint8Array(1000);
      if (x === 5) await Deno.stdin.read(bytes);
      if (x === 5) Deno.stdin.readSync(bytes);
      if (x === 5) { for await (const _ of Deno.stdin.readable); }
      return x;
    },
    python: `if x == 5:
        assert sys.stdin.read() == ""
        assert os.read(0, 1000) == b""`,
  },
  "a task that reads process.stdin": {
    fn: async (x) => {
      const { default: process } = await import("node:process");
      if (x === 5) { for await (const _ of process.stdin); }
      return x;
    },
  },
  "a child that reads stdin to its end": {
    fn: async (x) => {
      const { stdout } = await new Deno.Command("cat", { stdin: "inherit" }).output();
      if (stdout.length > 0) throw new Error("stdin is not empty");
      return x;
    },
    python: `assert subprocess.run(["cat"], stdout=subprocess.PIPE).stdout == b""`,
  },
  "a child that looks for the channel": {
    fn: async (x) => {
      const { stdout } = await new Deno.Command("ls", { args: ["-l", "/proc/self/fd"] }).output();
      const files = new TextDecoder().decode(stdout);
      if (files.includes("socket:")) throw new Error(files);
      return x;
    },
    python:
      `found = subprocess.run(["ls", "-l", "/proc/self/fd"], stdout=subprocess.PIPE, close_fds=False)
    assert b"socket:" not in found.stdout, found.stdout`,
  },
  "a task that writes a lot, then exits": {
    fn: (x) => {
      if (x === 5) {
        console.log("x".repeat(60_000));
        Deno.exit(3);
      }
      return x;
    },
    python: `if x == 5:
        print("x" * 60_000)
        sys.exit(3)`,
    error: { type: "Error", message: "the task called exit(3)" },
    class: "crash",
    log: /^x{60000}$/m,
  },
  "a child that outlives its task": {
    fn: (x) => {
      if (x === 5) new Deno.Command("sleep", { args: ["3600"] }).spawn().unref();
      return x;
    },
    python: `if x == 5:
        subprocess.Popen(["sleep", "3600"])`,
  },
};

for (const [name, { fn, python, ...harm }] of Object.entries(CASES)) {
  testHarm(name, { kind: "javascript", fn }, harm);
  if (python !== undefined) testHarm(name, { kind: "python", python }, harm);
}

Deno.test("a task whose worker is killed at every attempt is lost", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number) => {
    if (x === 5) Deno.kill(Deno.pid, "SIGKILL");
    while (x === 5);
    return x;
  };
  const { succeeded, paths } = await runJob({ fn, argsList: TASKS, retry: { lost: "3" } });
  assertEquals(succeeded, TASKS - 1);
  const message = "its worker was killed (SIGKILL), often the kernel's out-of-memory killer: " +
    "try --memory 4GB or fewer --workers";
  const error = { message, type: "WorkerDied", class: "lost" };
  assertEquals(
    bare(readEvents(paths.folder).filter(({ id }) => id === HOSTILE)),
    ["lost", "lost", "failed"].map((type) => ({ id: HOSTILE, attempt: 1, type, error })),
  );
});

Deno.test("of eight tasks under way in a worker that dies, only the culprit is charged", async () => {
  await using _folder = await enterFolder();
  const fn = async (x: number) => {
    const { default: process } = await import("node:process");
    const state = globalThis as { begun?: number };
    state.begun = (state.begun ?? 0) + 1;
    // All eight are in flight the first time; afterwards, each runs alone.
    for (let i = 0; i < 10 && state.begun < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (x === 3) process.abort();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return x;
  };
  const { succeeded, paths } = await runJob({
    ...{ fn, argsList: 8, workers: 1, concurrency: 8, maxAttempts: 3, backoff: 0 },
  });
  assertEquals(succeeded, 7);
  const events = bare(readEvents(paths.folder)) as { id: number }[];
  const error = { message: "its worker was killed by SIGABRT", type: "WorkerDied", class: "crash" };
  assertEquals(events.filter(({ id }) => id === 3), [
    { id: 3, attempt: 1, type: "retried", error },
    { id: 3, attempt: 2, type: "retried", error },
    { id: 3, attempt: 3, type: "failed", error },
  ] as never);
  assertEquals(
    events.filter(({ id }) => id !== 3).sort((a, b) => a.id - b.id),
    [0, 1, 2, 4, 5, 6, 7].map((id) => ({ id, attempt: 1, type: "succeeded", result: id })),
  );
});

const HOGS: Readonly<Record<string, [fn: (x: number) => unknown, limit: object, kind: string]>> = {
  "uses too much memory": [
    async (x) => {
      const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
      const full: Uint8Array[] = [];
      for (let i = 0; i < 20 || x === 3; i++) {
        if (x === 3) full.push(new Uint8Array(20e6).fill(1));
        await wait();
      }
      return x;
    },
    { memory: "500MB" },
    "oom",
  ],
  "computes for too long": [
    async (x) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      while (x === 3);
      return x;
    },
    { timeout: 2 },
    "timeout",
  ],
  "waits for a child for too long": [
    async (x) => {
      const { execSync } = await import("node:child_process");
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (x === 3) execSync("sleep 100");
      return x;
    },
    { timeout: 2 },
    "timeout",
  ],
};

for (const [name, [fn, limit, kind]] of Object.entries(HOGS)) {
  Deno.test(`of eight tasks in a worker that ${name}, only the culprit is charged`, async () => {
    await using _folder = await enterFolder();
    const job = runJob({ fn, argsList: 8, workers: 1, concurrency: 8, ordered: true, ...limit });
    const { paths } = await within(job, "the job");
    assertEquals(readLines(paths.results), [0, 1, 2, 4, 5, 6, 7].map(String));
    const errors = readLines(paths.errors).map((line) => JSON.parse(line));
    assertEquals(errors.map((error) => [error.ARGS, error.class]), [[3, kind]]);
  });
}

// The text is less than a gigabyte in CI, but larger than this process may allocate for it.
const MEGABYTES = Number(Deno.env.get("HOSTILE_MB") ?? 192);
const MOST_BYTES = Math.max(160, MEGABYTES * 0.3) * 1e6;

const FLOODS: Readonly<Record<string, (megabytes: number) => unknown>> = {
  "with console.log": (megabytes) => {
    const line = "x".repeat(1023);
    for (let i = 0; i < megabytes * 1024; i++) console.log(line);
  },
  "with Deno.stdout.writable": async (megabytes) => {
    const lines = new TextEncoder().encode(`${"x".repeat(1023)}\n`.repeat(1024));
    const writer = Deno.stdout.writable.getWriter();
    for (let i = 0; i < megabytes; i++) await writer.write(lines);
  },
  "by a child, without a newline": async (megabytes) => {
    const args = ["-c", `head -c ${megabytes}M /dev/zero | tr '\\0' x`];
    await new Deno.Command("sh", { args, stdout: "inherit" }).spawn().status;
  },
};

for (const [name, fn] of Object.entries(FLOODS)) {
  Deno.test(`a task may write a lot to stdout, ${name}`, async () => {
    await using _folder = await enterFolder();
    const before = Deno.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 10);
    const { succeeded, paths } = await runJob({ fn, argsList: [MEGABYTES] });
    clearInterval(watch);
    assertEquals(succeeded, 1);
    assertLess(most - before, MOST_BYTES);
    const lines = readBlocks(`${paths.folder}/logs.ndjson`);
    let written = 0;
    for await (const block of lines) written += lengthOfLogs(block);
    assertEquals(written, MEGABYTES * 1024 * 1024);
  });
}

Deno.test("responses arrive whole while a child writes to the same stdout", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number) => {
    if (x % 100 === 0) {
      const args = ["-c", `printf '\\036'; yes '{"id":${x + 1},"result":0}' | head -c 1M`];
      new Deno.Command("sh", { args, stdout: "inherit" }).spawn().unref();
    }
    return `${x}`.repeat(1 + x % 7000);
  };
  const { succeeded, failed, paths } = await runJob({ fn, argsList: 1000 });
  assertEquals([succeeded, failed], [1000, 0]);
  const results = readLines(paths.results).map((line) => JSON.parse(line)).sort();
  const expected = Array.from({ length: 1000 }, (_, x) => `${x}`.repeat(1 + x % 7000)).sort();
  assert(results.join() === expected.join(), "the results are those of the function");
});

Deno.test("a character that is written in two pieces is logged as it is", async () => {
  await using _folder = await enterFolder();
  const fn = async () => {
    const { default: process } = await import("node:process");
    const bytes = new TextEncoder().encode("ä");
    for (const stream of [Deno.stdout, process.stderr]) {
      const write = "writeSync" in stream
        ? (piece: Uint8Array) => stream.writeSync(piece)
        : (piece: Uint8Array) => stream.write(piece);
      for (const at of [0, 1]) write(bytes.subarray(at, at + 1));
    }
  };
  const { paths } = await runJob({ fn, argsList: 1 });
  const texts = readLogs(paths.folder).map(({ stream, text }) => [stream, text]);
  assertEquals(texts, [["stdout", "ä"], ["stderr", "ä"]]);
});

Deno.test("stacks in the output of a task have no frames of dl_jobs", async () => {
  const module = `export const sync = (x, { log }) => {
  console.log(Object.assign(new Error("a", { cause: new Error("b") }), { code: 1 }));
  console.trace("c");
  console.log({ d: new Error("d") }, "\\n    at home");
  log("e", { error: new Error("f"), n: 1 });
  log(new Error("g"));
};
export const later = async () => { await 1; console.error(new Error("h")); };\n`;
  await using folder = await enterFolder({ "m.ts": module });
  const logsOf = async (methodName: string) => {
    const { paths } = await runJob({ moduleName: "./m.ts", methodName, argsList: 1 });
    const logs = readLogs(paths.folder).map(({ text, fields }) => [text, fields ?? null]);
    return JSON.parse(JSON.stringify(logs).replaceAll(folder.url("m.ts"), "m.ts"));
  };
  const [[first], ...others] = await logsOf("sync");
  // The middle of its stack is that of its cause.
  assertEquals(/dlJobs|task_runner/.exec(first), null);
  assertStringIncludes(first, "Error: a\n    at sync (m.ts:2:29)\n");
  assertStringIncludes(
    first,
    " {\n  code: 1,\n  [cause]: Error: b\n      at sync (m.ts:2:53)\n}\n",
  );
  assertEquals(others, [
    ["Trace: c\n    at sync (m.ts:3:11)", null],
    ["\n", null],
    ["{\n  d: Error: d\n      at sync (m.ts:4:20)\n} \n    at home\n", null],
    ["e", { error: "Error: f\n    at sync (m.ts:5:21)", n: 1 }],
    ["Error: g\n    at sync (m.ts:6:7)", null],
  ]);
  assertEquals(await logsOf("later"), [["Error: h\n    at later (m.ts:8:59)\n", null]]);
});

function lengthOfLogs(block: Uint8Array): number {
  const lines = new TextDecoder().decode(block).slice(0, -1).split("\n");
  return lines.reduce((sum, line) => sum + JSON.parse(line).text.length, 0);
}

Deno.test("time that the controller itself takes is not charged to a task", async (t) => {
  const waits: Record<string, (ms: number) => void | Promise<void>> = {
    "whose reader is slow": (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    "that is busy itself": (ms) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    },
  };
  for (const [name, wait] of Object.entries(waits)) {
    await t.step(name, async () => {
      await using _folder = await enterFolder();
      let writes = 0;
      // Fills a pipe: the worker waits until its output is read.
      const fn = (x: number) => `${x}`.repeat(100_000);
      const outputSinks = [{ write: () => writes++ === 1 ? wait(4000) : undefined }];
      const options = { fn, argsList: 12, timeout: 2, workers: 2 };
      const { succeeded, failed } = await runJob(options, { outputSinks });
      assertEquals([succeeded, failed], [12, 0]);
    });
  }
});
