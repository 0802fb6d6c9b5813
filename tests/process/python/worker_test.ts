import { exists } from "../../../lib/util/files/fs.ts";
import { within } from "../../../tools/support/until.ts";
import { assertEquals, assertLess, assertMatch } from "../../support/assert.ts";
import {
  bare,
  cli,
  enterFolder,
  eventLines,
  readEvents,
  readLogs,
  runJob,
} from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: name + skipSuffix(whyNot), ignore: whyNot !== undefined, fn });
}

const TILES = `import asyncio
import time


def setup(ctx):
    print("set up", ctx.task)
    return {"scale": 10}


def teardown():
    print("torn down")


def mean(tile, ctx):
    ctx.log("a tile", tile=tile)
    ctx.progress(0.5, "half")
    ctx.checkpoint.save({"row": tile})
    return [ctx.task, ctx.attempt, tile * ctx.state["scale"]]


def resumes(tile, ctx):
    if not ctx.checkpoint.last:
        ctx.checkpoint.save({"row": tile})
        raise ValueError("the first time")
    return ctx.checkpoint.last


def writes(tile, ctx):
    with open(ctx.dir + "/%d" % tile, "w") as file:
        file.write("x")
    return ctx.dir


def waits(tile, ctx):
    try:
        time.sleep(3600)
    finally:
        print("cleaned up", ctx.signal.aborted)


async def waits_async(tile, ctx):
    try:
        await asyncio.sleep(3600)
    finally:
        print("cleaned up", ctx.signal.aborted)


def fails(tile):
    try:
        {}["k"]
    except KeyError as error:
        raise ValueError("no tile") from error
`;

const enter = () => enterFolder({ "tiles.py": TILES });
const target = (methodName: string) => ({ moduleName: "tiles.py", methodName, workers: 1 });
test("a function in Python receives a context", async () => {
  await using _folder = await enter();
  const { paths } = await runJob({ ...target("mean"), argsList: [1, 2], ordered: true });
  assertEquals(
    bare(readEvents(paths.folder)),
    [[0, 1, 10], [1, 1, 20]].map((result, id) => ({ id, attempt: 1, type: "succeeded", result })),
  );
  const updates = eventLines(paths.folder).map((line) => JSON.parse(line))
    .filter(({ info, id }) => info === true && id === 0);
  assertEquals(updates, [
    { id: 0, attempt: 1, type: "progress", info: true, fraction: 0.5, text: "half" },
    { id: 0, attempt: 1, type: "checkpoint", info: true, value: { row: 1 } },
  ]);
  assertEquals(readLogs(paths.folder), [
    { id: -1, attempt: 1, stream: "stdout", text: "set up -1\n" },
    { id: 0, attempt: 1, stream: "log", text: "a tile", fields: { tile: 1 } },
    { id: 1, attempt: 1, stream: "log", text: "a tile", fields: { tile: 2 } },
    { id: -1, attempt: 1, stream: "stdout", text: "torn down\n" },
  ]);
});

test("a further attempt in Python receives the last checkpoint", async () => {
  await using _folder = await enter();
  const options = { argsList: [7], maxAttempts: 2, backoff: 0 };
  const { paths } = await runJob({ ...target("resumes"), ...options });
  const last = bare(readEvents(paths.folder)).at(-1);
  assertEquals(last, { id: 0, attempt: 2, type: "succeeded", result: { row: 7 } });
});

test("files in ctx.dir are in the folder of the job", async () => {
  await using _folder = await enter();
  const { paths } = await runJob({ ...target("writes"), argsList: [7] });
  assertEquals(Deno.readTextFileSync(`${paths.folder}/files/7`), "x");
});

for (const method of ["waits", "waits_async"]) {
  for (const concurrency of method === "waits" ? [1] : [1, 3]) {
    test(`a timeout runs finally in ${method}, ${concurrency} at a time`, async () => {
      await using _folder = await enter();
      const options = { argsList: [1, 2], timeout: 0.3, concurrency };
      const { failed, paths } = await runJob({ ...target(method), ...options });
      assertEquals(failed, 2);
      const errors = readEvents(paths.folder).map((event) => "error" in event && event.error);
      assertEquals(
        errors.map((error) => error && [error.message, error.type, error.class]),
        Array(2).fill(["it ran longer than the timeout of 0.3 s", "Timeout", "timeout"]),
      );
      const printed = readLogs(paths.folder).filter(({ text }) => text === "cleaned up True\n");
      assertEquals(printed.map(({ id }) => id).sort(), [0, 1]);
    });
  }
}

test("a failure in Python has the traceback of the user's code", async () => {
  await using folder = await enter();
  const { paths } = await runJob({ ...target("fails"), argsList: [1] });
  const [event] = readEvents(paths.folder) as { error?: { message: string; stack?: string } }[];
  assertEquals(event?.error?.message, "no tile");
  const file = `  File "${folder.path}/tiles.py", line `;
  assertMatch(event?.error?.stack ?? "", new RegExp(RegExp.escape(file)));
  assertEquals(event?.error?.stack?.includes("dl_jobs>"), false);
  assertMatch(event?.error?.stack ?? "", /KeyError: 'k'\n\nThe above exception was the direct/);
});

for (const concurrency of [1, 3]) {
  for (const method of ["plain", "in_async"]) {
    test(`text without a newline belongs to its task, ${method}, ${concurrency} at a time`, async () => {
      await using _folder = await enterFolder({
        "prints.py": `import asyncio, sys, time

def plain(x):
    for part in ("a", "b\\nc", "d"):
        sys.stdout.write("%s%d" % (part, x))
        time.sleep(0.01)
    return x

async def in_async(x):
    for part in ("a", "b\\nc", "d"):
        sys.stdout.write("%s%d" % (part, x))
        await asyncio.sleep(0.01)
    return x
`,
      });
      const job = { moduleName: "prints.py", methodName: method, workers: 1, concurrency };
      const { paths } = await runJob({ ...job, argsList: [0, 1, 2] });
      const texts = [0, 1, 2].map((x) =>
        readLogs(paths.folder).filter(({ id }) => id === x).map(({ text }) => text)
      );
      assertEquals(texts, [0, 1, 2].map((x) => [`a${x}b\n`, `c${x}d${x}`]));
    });
  }
}

const WRAPPED: Readonly<Record<string, string>> = {
  "a text stream": 'io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")',
  "a text stream of the detached bytes": 'io.TextIOWrapper(sys.stdout.detach(), "utf-8")',
  "a stream that keeps a copy": "Copy(sys.stdout)",
  "the descriptor": 'os.fdopen(sys.stdout.fileno(), "w", closefd=False)',
};
for (const [name, stream] of Object.entries(WRAPPED)) {
  test(`a line belongs to its task when the module replaces stdout by ${name}`, async () => {
    const isRead = name === "the descriptor";
    await using _folder = await enterFolder({
      "prints.py": `import glob, io, os, sys, time

class Copy:
    def __init__(self, stream):
        self.stream = stream
    def write(self, text):
        open("copy", "a").write(text)
        self.stream.write(text)

sys.stdout = ${stream}

def task(x):
    print("a", x)
    # The controller reads the descriptor beside the responses.
    end = time.monotonic() + ${isRead ? 60 : 0}
    while time.monotonic() < end and not is_logged("a %d" % x):
        time.sleep(0.01)
    return x

def is_logged(text):
    return any(text in open(path).read() for path in glob.glob(".dl_jobs/*/logs.ndjson"))
`,
    });
    const job = { moduleName: "prints.py", methodName: "task", workers: 1 };
    // Output on the descriptor cannot tell calls apart that run at the same time.
    for (const concurrency of isRead ? [1] : [1, 2]) {
      const { paths } = await runJob({ ...job, concurrency, argsList: [0, 1, 2] });
      const logs = readLogs(paths.folder).map(({ id, text }) => [id, text]);
      assertEquals(logs.sort(), [0, 1, 2].map((x) => [x, `a ${x}\n`]));
    }
  });
}

for (const concurrency of [1, 2]) {
  test(`a line is in the log while its task runs, ${concurrency} at a time`, async () => {
    await using _folder = await enterFolder({
      "prints.py": `import glob, sys, time

def is_logged(text):
    return any(text in open(path).read() for path in glob.glob(".dl_jobs/*/logs.ndjson"))

def wait_for(text):
    end = time.monotonic() + 60
    while not is_logged(text):
        assert time.monotonic() < end, text
        time.sleep(0.01)

def task(x, ctx):
    print("begun", x)
    wait_for("begun %d" % x)
    print("failing", x, file=sys.stderr)
    wait_for("failing %d" % x)
    ctx.log("row %d" % x)
    wait_for("row %d" % x)
    return x
`,
    });
    const job = { moduleName: "prints.py", methodName: "task", workers: 1, concurrency };
    const { paths } = await runJob({ ...job, argsList: [0, 1, 2] });
    const failures = readEvents(paths.folder).filter(({ type }) => type === "failed");
    assertEquals(failures, []);
  });
}

test("user code in Python reads the arguments of a script that has none", async () => {
  await using folder = await enterFolder({
    "tiles.py": "import sys\nwords = sys.argv\ndef mean(x):\n    return [words, sys.argv]\n",
  });
  const { paths } = await runJob({ ...target("mean"), argsList: [1] });
  const words = [`${folder.path}/tiles.py`];
  const result = [words, words];
  assertEquals(bare(readEvents(paths.folder)), [{ id: 0, attempt: 1, type: "succeeded", result }]);
});

test("retry --code original runs the sources of the start", async () => {
  await using folder = await enterFolder({
    "tiles.py": "import helper\ndef mean(x):\n    return helper.twice(x)\n",
    "helper.py": "def twice(x):\n    return 2 * x if x > 1 else 1 / 0\n",
    "list.ndjson": "1\n2\n",
  });
  await cli(["map", "tiles.mean", "list.ndjson"]);
  await folder.write("helper.py", "\n\ndef twice(x):\n    return 3 * x\n");
  const old = await cli(["retry", "last", "--code", "original"]);
  assertMatch(old.stderr, /division by zero/);
  const today = await cli(["retry", "last"]);
  assertMatch(today.stderr, /retry runs the current code: helper\.py changed since/);
  assertEquals(today.stdout, "3\n");
});

for (const place of ["the module", "setup"]) {
  test(`a line without an end is in the log when ${place} fails`, async () => {
    const [indent, module] = place === "setup" ? ["    ", "def setup(ctx):\n"] : ["", ""];
    await using _folder = await enterFolder({
      "begins.py": `${module}${indent}print("opening the archive", end="")
${indent}raise ValueError("no archive")


def task(x):
    return x
`,
      "list.ndjson": "1\n",
    });
    const { code, stderr } = await cli(["map", "begins.py#task", "list.ndjson"]);
    assertEquals([code, stderr.split("\n")[1]], [2, "opening the archive"], stderr);
  });
}

test("inline leaves stdin and stdout to the function", async () => {
  await using _folder = await enterFolder({
    "tiles.py": "def mean(x):\n    print('read', input())\n    return x\n",
    "list.ndjson": "1\n2\n",
  });
  const args = ["map", "tiles.mean", "list.ndjson", "--engine", "inline", "-q"];
  const { code, stdout, stderr } = await cli(args, { input: "a\nb\n" });
  // The result of a task may be written while the next one runs.
  const lines = stdout.split("\n").sort();
  assertEquals([code, lines, stderr], [0, ["", "1", "2", "read a", "read b"], ""]);
});

for (const method of ["plain", "partial", "called"]) {
  test(`an async setup shares the event loop of the tasks, ${method}`, async () => {
    await using _folder = await enterFolder({
      "loops.py": `import asyncio, functools


async def setup(ctx):
    queue = asyncio.Queue()

    async def fill():
        for i in range(3):
            await asyncio.sleep(0.01)
            await queue.put(i)

    return {"queue": queue, "filling": asyncio.ensure_future(fill())}


async def teardown(ctx):
    await ctx.state["filling"]
    print("filled")


async def plain(x, ctx):
    await ctx.state["queue"].get()
    return x


async def scaled(scale, x, ctx):
    return scale * await plain(x, ctx)


class Called:
    async def __call__(self, x, ctx):
        return await plain(x, ctx)


partial = functools.partial(scaled, 1)
called = Called()
`,
    });
    const job = { moduleName: "loops.py", methodName: method, workers: 1, concurrency: 2 };
    const { paths } = await within(runJob({ ...job, argsList: [1, 2, 3] }), method);
    const results = readEvents(paths.folder).map((event) => "result" in event && event.result);
    assertEquals(results.sort(), [1, 2, 3]);
    assertEquals(readLogs(paths.folder).map(({ text }) => text), ["filled\n"]);
  });
}

for (const concurrency of [1, 2]) {
  test(`files that remain open are complete after the job, ${concurrency} at a time`, async () => {
    await using folder = await enterFolder({
      "writes.py": `import csv, gzip, os, threading, zipfile

file = open("rows.csv", "w", newline="")
rows = csv.writer(file)
packed = gzip.open("rows.gz", "wt")
raw = open("rows.bin", "wb")
archive = zipfile.ZipFile("rows.zip", "w")
# An archive refuses a second text while another one is written.
turn = threading.Lock()


def write(x):
    rows.writerow([x, "row"])
    packed.write("%d\\n" % x)
    raw.write(b"%d" % x)
    with turn:
        archive.writestr("%d.txt" % x, "row")
    if x == 2 and os.fork() == 0:
        raise SystemExit
    return x
`,
    });
    const job = { moduleName: "writes.py", methodName: "write", workers: 1, concurrency };
    await runJob({ ...job, argsList: [1, 2, 3] });
    const packed = await Deno.open(`${folder.path}/rows.gz`);
    const text = packed.readable.pipeThrough(new DecompressionStream("gzip"));
    const sorted = (value: string) => value.match(/\d/g)!.sort().join("");
    assertEquals(
      [
        Deno.readTextFileSync(`${folder.path}/rows.csv`),
        await new Response(text).text(),
        Deno.readTextFileSync(`${folder.path}/rows.bin`),
      ].map(sorted),
      Array(3).fill("123"),
    );
    // The directory of an archive ends with the number of its files.
    const bytes = Deno.readFileSync(`${folder.path}/rows.zip`);
    assertEquals([...bytes.slice(-22, -18), bytes.at(-12)], [80, 75, 5, 6, 3]);
  });
}

test("pools that a function leaves open end with their work", async () => {
  await using folder = await enterFolder({
    "pools.py": `import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

processes = ThreadPoolExecutor(1)
threads = ThreadPoolExecutor(1)


def write(name, x):
    time.sleep(0.1)
    open("%s%d.txt" % (name, x), "w").close()


def start(x):
    global processes
    if not isinstance(processes, ProcessPoolExecutor):
        processes = ProcessPoolExecutor(1)
    processes.submit(write, "process", x)
    threads.submit(write, "thread", x)
    return x
`,
  });
  const began = performance.now(), args = ["map", "pools.start", "-", "-q", "-j1", "--ordered"];
  const { code, stdout, stderr } = await cli([...args, "--grace", "5m"], { input: "1\n2\n3\n" });
  assertEquals([code, stdout, stderr], [0, "1\n2\n3\n", ""]);
  const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assertEquals(files.filter((name) => name.endsWith(".txt")).sort(), [
    ...["process1.txt", "process2.txt", "process3.txt"],
    ...["thread1.txt", "thread2.txt", "thread3.txt"],
  ]);
  assertLess(performance.now() - began, 120_000);
});

for (const concurrency of [1, 2]) {
  test(`what tasks leave behind ends as in Python, ${concurrency} at a time`, async () => {
    await using folder = await enterFolder({
      "leaves.py": `import atexit, threading, time
from concurrent.futures import ThreadPoolExecutor

executor = ThreadPoolExecutor(1)
order = []
last_task, executor_done = threading.Event(), threading.Event()


def teardown():
    last_task.set()


def write(text, after=None):
    if after is not None:
        after.wait()
        time.sleep(0.2)
    order.append(text)
    print(text)
    if after is last_task:
        executor_done.set()


class Last:
    def __del__(self):
        open("order.txt", "w").write(" ".join(order))
        print("last")


def leave(x):
    atexit.register(write, "function")
    threading.Thread(target=write, args=("thread", executor_done)).start()
    executor.submit(write, "executor", last_task)
    leave.kept = Last()
    print("task", end="")
    return x
`,
    });
    const job = { moduleName: "leaves.py", methodName: "leave", workers: 1, concurrency };
    const { paths } = await runJob({ ...job, argsList: [1] });
    assertEquals(
      Deno.readTextFileSync(`${folder.path}/order.txt`),
      "executor thread function",
    );
    // Code after the last task belongs to no task.
    assertEquals(
      readLogs(paths.folder).map(({ id, text }) => [id, text.trim()]),
      [[0, "task"], [-1, "executor"], [-1, "thread"], [-1, "function"], [-1, "last"]],
    );
  });
}

test("files are complete also when a function of atexit never ends", async () => {
  await using folder = await enterFolder({
    "leaves.py": `import atexit, multiprocessing, time

rows = open("rows.csv", "w")


def last():
    open("last", "w").close()
    raise ValueError("last")


def leave(x):
    atexit.register(last)
    # A function of atexit waits for the process.
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(3600,)).start()
    rows.write("%d\\n" % x)
    return x
`,
  });
  const { code, stderr } = await cli(["map", "leaves.leave", "-", "-q", "--grace", "8s"], {
    input: "0\n",
  });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/rows.csv`), "0\n");
  assertEquals(exists(`${folder.path}/last`), true);
  const { stdout } = await cli(["logs"]);
  assertMatch(stdout, /-1: RuntimeError: Cannot wait longer for a function of atexit, or for /);
});

test("a thread of a module that fails does not delay the error", async () => {
  await using folder = await enterFolder({
    "fails.py": `import threading, time


def write():
    time.sleep(60)
    open("late.txt", "w").close()


threading.Thread(target=write).start()
raise ValueError("no")
`,
    "list.ndjson": "1\n",
  });
  const { code, stderr } = await cli(["map", "fails.py#write", "list.ndjson"]);
  assertEquals([code, stderr.split("\n")[1]], [
    2,
    "Error: Cannot load the function: its module threw ValueError: no",
  ]);
  assertEquals(exists(`${folder.path}/late.txt`), false);
});

test("a worker that cannot start the thread of a call ends, and another one continues", async () => {
  await using _folder = await enterFolder({
    "limits.py": `import os
import threading
import time

MOST = 9 if os.path.exists("second") else 3
open("second", "w").close()
start = threading.Thread.start


def limited(thread):
    if threading.active_count() > MOST:
        raise RuntimeError("can't start new thread")
    start(thread)


threading.Thread.start = limited


def task(x):
    time.sleep(0.1)
    return x
`,
  });
  const job = { moduleName: "limits.py", methodName: "task", workers: 1, concurrency: 8 };
  const run = runJob({ ...job, argsList: 8 });
  const { total, succeeded, paths } = await within(run, "the job", 60_000);
  assertEquals([total, succeeded], [8, 8]);
  assertMatch(readLogs(paths.folder).map(({ text }) => text).join(""), /can't start new thread/);
});

test("an alarm that a function has left behind moves no result to another task", async () => {
  await using folder = await enterFolder({
    "alarms.py": `import signal


def alarm(*_):
    raise TimeoutError


def same(x):
    signal.signal(signal.SIGALRM, alarm)
    if x % 20 == 0:
        signal.setitimer(signal.ITIMER_REAL, 3e-5 + x % 7 * 1e-5)
    return [x] if x % 3 else x


def floods(x):
    signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        while True:
            print("x" * 3000)
    except TimeoutError:
        return x
`,
  });
  const input = Array.from({ length: 5000 }, (_, i) => `${i}\n`).join("");
  await cli(["map", "alarms.same", "-", "-q", "-j1", "--no-print-logs"], { input });
  const { stdout } = await cli(["results", "--with-args"]);
  const rows = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.filter(({ args, result }) => [result].flat()[0] !== args), []);
  // Only a task that an alarm interrupted has failed.
  assertEquals(rows.length > 4500, true, `${rows.length} results in ${folder.path}`);
  const flooded = await cli(["map", "alarms.floods", "-", "-q", "--no-print-logs"], { input: "1" });
  assertEquals([flooded.code, flooded.stdout], [0, "1\n"]);
});

test("sys.exit() in a task ends its worker as Python does", async () => {
  await using folder = await enterFolder({
    "rows.py": `import asyncio
import atexit
import sys
import threading

rows = open("rows", "a")


def late():
    with open("ends", "a") as file:
        file.write("at exit %d\\n" % asyncio.run(asyncio.sleep(0, 1)))


def plain(x):
    rows.write("%d\\n" % x)
    if x == 3:
        atexit.register(late)
        threading.Timer(0.1, print, ("a thread",)).start()
        sys.exit("no tile")
    return x


async def coroutine(x):
    plain(x)
    await asyncio.sleep(0.1)
    return x
`,
  });
  const three = ["--concurrency", "3"];
  for (const [name, ...options] of [["plain"], ["plain", ...three], ["coroutine", ...three]]) {
    const run = ["map", `rows.${name}`, "-", "-q", "-j1", "--max-attempts", "1", ...options];
    const { stdout } = await cli(run, { input: "0\n1\n2\n3\n4\n5\n" });
    const lines = (text: string) => text.trim().split("\n").sort();
    const read = (file: string) => Deno.readTextFileSync(`${folder.path}/${file}`);
    assertEquals(lines(stdout), ["0", "1", "2", "4", "5"], name);
    // Tasks that ran beside the one that ended the worker run again.
    assertEquals([...new Set(lines(read("rows")))], ["0", "1", "2", "3", "4", "5"], name);
    assertEquals(read("ends"), "at exit 1\n", name);
    const { stdout: logs } = await cli(["logs"]);
    assertMatch(logs, /: a thread$/m);
    assertMatch((await cli(["errors"])).stdout, /the task called exit\(1\): no tile/);
    for (const file of ["rows", "ends"]) Deno.removeSync(`${folder.path}/${file}`);
  }
});

test("a module may replace the threads of Python, as gevent does", async () => {
  await using _ = await enterFolder({
    "gevent/monkey.py": "def is_module_patched(name):\n    return name == 'threading'\n",
    "green.py": `import _thread
import time

import gevent.monkey


def setup():
    _thread.get_ident = lambda: 1


def task(x):
    print("task", x)
    time.sleep(0.002)
    return x
`,
  });
  const run = ["map", "green.task", ":::", "0", "1", "2", "-q", "-j1", "--ordered"];
  assertEquals((await cli(run)).stdout, '"0"\n"1"\n"2"\n');
  const { code, stderr } = await cli([...run, "--concurrency", "2"]);
  assertEquals([code, stderr.split("\n")[0]], [
    2,
    "Error: Cannot call the function: gevent or eventlet has replaced the threads of Python, which " +
    "several calls at a time need; set --concurrency 1",
  ]);
});

test("an awaitable value of a coroutine is awaited, too, also beside other calls", async () => {
  await using _folder = await enterFolder({
    "inner.py": `import asyncio


async def task(x):
    # The author forgot to write await.
    return asyncio.sleep(0.01, x)


def plain(x):
    return task(x)
`,
  });
  for (const concurrency of ["1", "2"]) {
    for (const name of ["task", "plain"]) {
      const run = ["map", `inner.${name}`, ":::", "0", "1", "2", "-q", "-j1", "--ordered"];
      const { stdout, stderr } = await cli([...run, "--concurrency", concurrency]);
      assertEquals([stdout, stderr], [`"0"\n"1"\n"2"\n`, ""], name);
    }
  }
});

test("shared memory that a task leaves is removed with its worker", async () => {
  await using _folder = await enterFolder({
    "shared.py": `from multiprocessing import shared_memory


def task(x):
    return shared_memory.SharedMemory(create=True, size=8).name
`,
  });
  const { stdout } = await cli(["map", "shared.task", "-", "-q", "--no-print-logs"], {
    input: "1\n",
  });
  const name: string = JSON.parse(stdout);
  assertEquals([name === "", exists(`/dev/shm/${name.replace("/", "")}`)], [false, false]);
});

test("the context works in processes that a task forks", async () => {
  await using _folder = await enterFolder({
    "rows.py": `import multiprocessing
import os


def row(call):
    kind, ctx = contexts[call]
    ctx.log("row", kind=kind)
    ctx.progress(0.5)
    if kind == "saves":
        ctx.checkpoint.save(1)
    return kind


def task(kind, ctx):
    global contexts
    contexts = [(kind, ctx)] * 4
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(row, range(4))
`,
  });
  const job = cli(["map", "rows.task", "-", "-q", "-j1", "--ordered"], {
    input: '"shows"\n"saves"\n',
  });
  const { stdout } = await within(job, "the pools");
  assertEquals(JSON.parse(stdout), ["shows", "shows", "shows", "shows"]);
  const { stdout: logs } = await cli(["logs"]);
  assertEquals(logs.match(/row kind="shows"$/gm)?.length, 4);
  const { stdout: errors } = await cli(["errors"]);
  assertMatch(errors, /RuntimeError: Cannot save a checkpoint in a forked process: /);
});

test("tasks of asyncio that are left end with their worker", async () => {
  await using folder = await enterFolder({
    "rows.py": `import asyncio

rows, streams = [], []


async def writer():
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0)
        with open("written", "a") as file:
            file.write(str(sorted(rows)))


async def stream():
    try:
        yield "x"
    finally:
        await asyncio.sleep(0)
        print("closed")


async def setup(ctx):
    return asyncio.ensure_future(writer())


async def row(x):
    if x == 1:
        streams.append(stream())
        await streams[0].__anext__()
    rows.append(x)
    return x
`,
  });
  for (const concurrency of ["1", "3"]) {
    const run = ["map", "rows.row", "-", "-q", "-j1", "--concurrency", concurrency];
    assertEquals((await cli(run, { input: "1\n2\n3\n" })).code, 0);
    assertEquals(Deno.readTextFileSync(`${folder.path}/written`), "[1, 2, 3]");
    assertMatch((await cli(["logs"])).stdout, /-1: closed$/m);
    Deno.removeSync(`${folder.path}/written`);
  }
});

test("tasks beside one that calls sys.exit() run again, and are not charged", async () => {
  await using _ = await enterFolder({
    "ends.py": `import atexit
import sys
import threading
import time


def task(x):
    if x == 1:
        threading.Thread(target=time.sleep, args=(2,)).start()
        atexit.register(print, "at exit")
        sys.exit(3)
    if x > 1:
        # The other calls of the worker end before its threads.
        time.sleep(0.2 if x == 2 else 3)
    return x
`,
  });
  for (const options of [["--timeout", "1s"], ["--concurrency", "3"]]) {
    const input = options[0] === "--timeout" ? "0\n1\n-1\n" : "0\n1\n2\n3\n";
    const run = ["map", "ends.task", "-", "-q", "-j1", "--max-attempts", "1", ...options];
    const { stdout } = await cli(run, { input });
    const expected = input.trim().split("\n").filter((line) => line !== "1").sort();
    assertEquals(stdout.trim().split("\n").sort(), expected, options.join(" "));
    assertMatch(
      (await cli(["errors"])).stdout,
      /^1 +1 task, crash.*\n +the task called exit\(3\)$/m,
    );
  }
});

test("an interpreter that is missing or too old is one error", async () => {
  await using folder = await enterFolder({
    "tiles.py": "import nowhere\ndef mean(x):\n    return x\n",
    "old": '#!/bin/sh\necho \'{"version": "3.7.1"}\'\n',
  });
  await Deno.chmod(`${folder.path}/old`, 0o755);
  const run = async (...args: string[]) => {
    const { code, stderr } = await cli(["map", "tiles.mean", "-", "-q", ...args], { input: "1\n" });
    return [code, stderr.split("\n")[0]];
  };
  assertEquals(await run("--python", "./old"), [
    2,
    `Error: Cannot run tiles.py: its interpreter "${folder.path}/old" is Python 3.7.1, older than ` +
    "3.8; set --python to another one",
  ]);
  assertEquals(await run("--python", "no-python"), [
    2,
    'Error: Cannot run tiles.py: there is no interpreter "no-python"; install Python 3.8 or newer, ' +
    "or set --python to its path",
  ]);
  assertEquals(await run("--python", "python3"), [
    2,
    "Error: Cannot load the function: No module named 'nowhere' for the interpreter \"python3\", " +
    "install the module there, or set --python to another one",
  ]);
  assertEquals(await run("--allow-net"), [
    2,
    "Error: Cannot run tiles.py: Deno's sandbox does not limit Python, and the job limits the " +
    "permissions; pass --sandbox bwrap to run it in a sandbox of Linux, or leave out the " +
    "permissions if you trust the code",
  ]);
});
