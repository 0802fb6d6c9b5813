/**
 * Python modules as people write them, run by a job.
 *
 * @module
 */

import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { assertResults, cli, enterFolder, readEvents, runJob } from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");

/** The files of a project, and the results of its function for the arguments 1 and 3. */
interface Case {
  readonly files: Readonly<Record<string, string>>;
  /** @default {task.py} */
  readonly module?: string;
  readonly results: readonly unknown[];
}

const CASES: Readonly<Record<string, Case>> = {
  "an ending in capitals": {
    files: { "TASK.PY": "def f(x):\n    return x * 2\n" },
    module: "TASK.PY",
    results: [2, 6],
  },
  "a script with a main part": {
    files: {
      "task.py": `import sys
def f(x):
    return x * 2
if __name__ == "__main__":
    sys.exit(3)
`,
    },
    results: [2, 6],
  },
  "a module that prints when it is imported, and reads stdin": {
    files: {
      "task.py": `import os, sys
print('{"id":0,"result":666}')
print("to stderr", file=sys.stderr)
os.system("echo a child; cat")
TEXT = sys.stdin.read()
def f(x):
    return [x, TEXT]
`,
    },
    results: [[1, ""], [3, ""]],
  },
  "a package with relative, late and computed imports, and a data file": {
    files: {
      "pkg/__init__.py": "",
      "pkg/base.py": "BASE = 10\n",
      "pkg/sub/__init__.py": "from .. import base\n",
      "pkg/sub/lazy.py": "V = 100\n",
      "pkg/sub/data.txt": "1000",
      "pkg/sub/task.py": `from pathlib import Path
from ..base import BASE
def f(x):
    from . import lazy
    import importlib
    more = importlib.import_module("pkg.base").BASE
    return x + BASE + lazy.V + more + int((Path(__file__).parent / "data.txt").read_text())
`,
    },
    module: "pkg/sub/task.py",
    results: [1121, 1123],
  },
  "pools of processes that the function starts": {
    files: {
      "task.py": `import concurrent.futures, multiprocessing
def square(x):
    return x * x
def f(x):
    with multiprocessing.get_context("spawn").Pool(1) as spawned:
        squares = spawned.map(square, range(x))
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        return [squares, list(executor.map(square, range(x)))]
`,
    },
    results: [[[0], [0]], [[0, 1, 4], [0, 1, 4]]],
  },
  "a pool of processes that the module starts": {
    files: {
      "task.py": `import multiprocessing
def square(x):
    return x * x
pool = multiprocessing.Pool(1)
def f(x):
    return pool.map(square, range(x))
`,
    },
    results: [[0], [0, 1, 4]],
  },
  "names, texts and folders in any script": {
    files: {
      "größe 東/task.py": `import os, überall
print("ünïcode 😀")
def f(x):
    return {"é😀": überall.名 * x, "lone": "\\ud83d", "in": os.path.basename(os.path.dirname(__file__))}
`,
      "größe 東/überall.py": '名 = "ü\\0"\n',
    },
    module: "größe 東/task.py",
    results: [1, 3].map((x) => ({ "é😀": "ü\0".repeat(x), lone: "\ud83d", in: "größe 東" })),
  },
  "a decorated function, a partial, a class and a callable object": {
    files: {
      "task.py": `import functools
def twice(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 2 * function(*args, **kwargs)
    return wrapper
@twice
@functools.lru_cache(maxsize=None)
def one(x):
    return x
class Two:
    def __call__(self, x):
        return x
class Three:
    def __init__(self, x):
        self.x = x
    def __float__(self):
        return float(self.x)
two, three = Two(), functools.partial(pow, 2)
def f(x):
    return [one(x), two(x), three(x), float(Three(x))]
`,
    },
    results: [[2, 1, 2, 1], [6, 3, 8, 3]],
  },
  "modules with names of the standard library, which the worker uses itself": {
    files: {
      "token.py": 'MINE = "token"\n',
      "json.py": 'MINE = "json"\n',
      "asyncio.py": 'raise RuntimeError("not asyncio")\n',
      "enum.py": 'raise RuntimeError("not enum")\n',
      "inspect.py": 'raise RuntimeError("not inspect")\n',
      "task.py": `import token
from dl_jobs.decorators import expand_args
@expand_args
def f(x):
    import json
    return [token.MINE, json.MINE, x]
`,
    },
    results: [["token", "json", 1], ["token", "json", 3]],
  },
};

for (const [name, { files, module = "task.py", results }] of Object.entries(CASES)) {
  Deno.test({
    name: `a job runs ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    async fn() {
      await using _folder = await enterFolder(files);
      const { paths } = await runJob({ moduleName: module, methodName: "f", argsList: [1, 3] });
      assertResults(paths.folder, results);
    },
  });
}

Deno.test({
  name: `errors and coroutines do not use modules of the user${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    const broken = ["token", "enum", "re", "traceback", "types", "asyncio", "threading"].map((
      name,
    ) => [`${name}.py`, `raise RuntimeError("not ${name}")\n`]);
    const text = `async def f(x):
    if x == 3:
        raise ValueError("bad")
    return object() if x == 4 else x
`;
    await using _folder = await enterFolder({ ...Object.fromEntries(broken), "task.py": text });
    const job = { moduleName: "task.py", methodName: "f", argsList: [1, 3, 4] };
    for (const concurrency of [1, 2]) {
      const { paths } = await runJob({ ...job, concurrency });
      const events = readEvents(paths.folder).toSorted((a, b) => a.id - b.id);
      assertEquals(events.map((event) => "error" in event ? event.error.message : event.type), [
        "succeeded",
        "bad",
        "Cannot write result: JSON has no object, use a dict with its data",
      ]);
    }
  },
});

Deno.test({
  name: `a late import finds the module of the user, whatever the worker uses${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    const names = ["ctypes", "inspect", "logging", "selectors", "token", "traceback"];
    // The module fcntl is a part of some interpreters, which no file replaces.
    const files = [...names, "fcntl"].map((name) => [`${name}.py`, 'MINE = "mine"\n']);
    const text = `def f(name):
    if name == "fail":
        raise ValueError("bad")
    return name + __import__(name).MINE
`;
    await using _folder = await enterFolder({ ...Object.fromEntries(files), "task.py": text });
    for (const concurrency of ["1", "2"]) {
      const flags = ["-j1", "-q", "--ordered", "--concurrency", concurrency];
      const { stdout, stderr } = await cli(["map", "task.py#f", ":::", "fail", ...names, ...flags]);
      assertEquals(stdout, names.map((name) => `"${name}mine"\n`).join(""));
      assertMatch(stderr, /^task\.f: 1 of 7 tasks failed, see dl_jobs errors \S+\n$/);
    }
  },
});

Deno.test({
  name: `a module may name its encoding, and a line may be a constant of Python${
    skipSuffix(whyNot)
  }`,
  ignore: whyNot !== undefined,
  async fn() {
    await using folder = await enterFolder({ "list.ndjson": "1\nNaN\n" });
    const text = '# -*- coding: latin-1 -*-\nNAME = "caf\xe9"\ndef f(x):\n    return NAME\n';
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    await Deno.writeFile(`${folder.path}/task.py`, bytes);
    const job = { moduleName: "task.py", methodName: "f", argsList: "list.ndjson" };
    const { paths } = await runJob(job);
    const events = readEvents(paths.folder).toSorted((a, b) => a.id - b.id);
    assertEquals(
      events.map((event) => "error" in event ? event.error : "result" in event && event.result),
      [
        "caf\xe9",
        {
          message: 'Cannot read list.ndjson:2:1: "NaN" is not valid JSON',
          type: "SyntaxError",
          class: "invalid",
        },
      ],
    );
  },
});

Deno.test({
  name: `the message about a wrong encoding says what to do${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    await using folder = await enterFolder();
    const cases: [text: string, reason: string][] = [
      ["NAME = 'caf\xe9'\n", "invalid or missing encoding declaration"],
      ["\n\n\nNAME = 'caf\xe9'\n", "it is not utf-8 text"],
      ["# coding: nowhere\n", "unknown encoding: nowhere"],
    ];
    for (const [text, reason] of cases) {
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      await Deno.writeFile(`${folder.path}/task.py`, bytes);
      const job = () => runJob({ moduleName: "task.py", methodName: "f", argsList: [1] });
      const { message } = await assertRejects(job, UsageError);
      assertEquals(
        message,
        `Cannot run task.py: ${folder.path}/task.py:1: ${reason}; save it as UTF-8, or name its ` +
          "encoding in the first line: # coding: NAME",
      );
    }
  },
});

/** A module that cannot run, and the message of its job. `HERE` is the folder of the project. */
const BROKEN: Readonly<Record<string, readonly [text: string, message: string]>> = {
  "has a syntax error": [
    "def f(x):\n    return x +\n",
    "Cannot run task.py: HERE/task.py:2: invalid syntax (Python VERSION)\n    return x +",
  ],
  "has a NUL character": [
    "def f(x):\n    return x\n\0",
    "Cannot run task.py: HERE/task.py: it has a NUL character; save it as UTF-8",
  ],
  "has no such function": [
    "def mean(x):\n    return x\n",
    'Cannot find "f" in task.py: its functions are mean',
  ],
  "has too many parameters": [
    "def f(name, country, people):\n    return name\n",
    "Cannot call f of task.py with an element of the list: it needs 3 arguments (name, country, " +
    "people), write @expand_args (from dl_jobs.decorators import expand_args) above it for a " +
    "parameter per column",
  ],
  "raises when it is imported": [
    "def fail():\n    return 1 / 0\nfail()\ndef f(x):\n    return x\n",
    "Cannot load the function: its module threw ZeroDivisionError: division by zero\n" +
    '  File "HERE/task.py", line 3, in <module>\n    fail()\n' +
    '  File "HERE/task.py", line 2, in fail\n    return 1 / 0',
  ],
};

for (const [name, [text, message]] of Object.entries(BROKEN)) {
  Deno.test({
    name: `a job ends before its first task when its module ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    async fn() {
      await using folder = await enterFolder({ "task.py": text });
      const job = () => runJob({ moduleName: "task.py", methodName: "f", argsList: [1, 3] });
      const error = await assertRejects(job, UsageError);
      const found = error.message.replaceAll(folder.path, "HERE").replaceAll(/\n +[~^]+/g, "");
      assertEquals(found.replace(/(?<=\(Python )[\d.]+/, "VERSION"), message);
    },
  });
}

Deno.test({
  name: `a module with the name of a loaded module of Python is refused${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    const names = ["os", "time", "__main__"];
    const files = names.map((name) => [`${name}.py`, "def escape(x):\n    return 'mine'\n"]);
    await using _folder = await enterFolder(Object.fromEntries(files));
    for (const name of names) {
      const job = { moduleName: `${name}.py`, methodName: "escape", argsList: ["a.b"] };
      const { message } = await assertRejects(() => runJob(job), UsageError);
      assertEquals(
        message,
        `Cannot call the function: the module "${name}" of Python has the same name and is loaded ` +
          "already, rename the file",
      );
    }
  },
});
