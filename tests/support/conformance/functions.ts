/**
 * The functions of the suite, in each kind.
 *
 * A function in JavaScript is sent as source text, so it uses nothing but its argument.
 *
 * @module
 */

import type { Functions } from "./kinds.ts";

const sh = (script: string) => ["sh", "-c", script, "{}"];

/** Returns its argument. */
export const same: Functions = {
  javascript: (x: unknown) => x,
  python: "def task(x):\n    return x\n",
  program: ["printf", "%s", "{|json}"],
};

/** Returns its argument, which may be an error. A program fails by its exit status only. */
export const sameOrError: Functions = {
  javascript: (x: unknown) => x,
  python: "def task(x):\n    return x\n",
};

/** Doubles a number. */
export const double: Functions = {
  javascript: (x: number) => x * 2,
  python: "def task(x):\n    return x * 2\n",
  program: sh("echo $(($0 * 2))"),
};

/** Waits for a number of milliseconds, and then fails if the number is 1. */
export const waits: Functions = {
  javascript: async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (ms === 1) throw new Error("too short");
  },
  python: `import time


def task(ms):
    time.sleep(ms / 1000)
    if ms == 1:
        raise ValueError("too short")
`,
  program: sh("sleep $(printf 0.%03d $0); echo null; [ $0 != 1 ]"),
};

/** Takes an instance of a dataclass. */
export const takesInstance: Functions = {
  python: `from dataclasses import dataclass


@dataclass
class Tile:
    year: int


def task(tile: Tile):
    return tile.year
`,
};

/** Fails for odd numbers. */
export const failsOdd: Functions = {
  javascript: (x: number) => {
    if (x % 2 === 1) throw new RangeError(`${x} is odd`);
    return x;
  },
  python: `def task(x):
    if x % 2 == 1:
        raise ValueError(f"{x} is odd")
    return x
`,
  program: sh('[ $(($0 % 2)) = 0 ] && echo $0 || { echo "$0 is odd" >&2; exit 3; }'),
};

/** Fails asynchronously for positive numbers. */
export const failsLater: Functions = {
  javascript: async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (x > 0) throw new TypeError("not now");
  },
  python: `import asyncio


async def task(x):
    await asyncio.sleep(0.001)
    if x > 0:
        raise TypeError("not now")
`,
};

/** Returns a value that JSON cannot represent for 2. */
export const returnsNoJson: Functions = {
  javascript: (x: number) => x === 2 ? new Map() : x,
  python: "def task(x):\n    return {1, 2} if x == 2 else x\n",
};

/** Fails in a function that it calls. */
export const failsDeep: Functions = {
  javascript: `const deep = () => {
  throw new Error('here');
};
export const task = () => {
  deep();
};
`,
  python: `def deep():
    raise ValueError("here")


def task(x):
    deep()
`,
};

/** Creates a file, and fails when the file is new. */
export const failsFirst: Functions = {
  javascript: (path: string) => {
    try {
      Deno.openSync(path, { write: true, createNew: true }).close();
    } catch {
      return path;
    }
    throw new Error("the first time");
  },
  python: `def task(path):
    try:
        open(path, "x").close()
    except FileExistsError:
        return path
    raise ValueError("the first time")
`,
  program: sh('mkdir "$0" 2>/dev/null && exit 3; printf \'"%s"\' "$0"'),
};

/** Returns the length of a text, and the text in upper case. */
export const measures: Functions = {
  javascript: (text: string) => [text.length, text.toUpperCase()],
  python: "def task(text):\n    return len(text), text.upper()\n",
};

/** Returns an object with the text as key and value, and fails for an empty text. */
export const repeats: Functions = {
  javascript: (text: string) => {
    if (text === "") throw new Error("leer: 😀 \u001e\n€");
    return { [text]: text };
  },
  python: `def task(text):
    if text == "":
        raise ValueError("leer: 😀 \\x1e\\n€")
    return {text: text}
`,
};

/** Writes to stdout and stderr. */
export const prints: Functions = {
  javascript: (x: number) => {
    console.log("log of", x);
    console.error("error of", x);
    Deno.stdout.writeSync(new TextEncoder().encode(`bytes of ${x}\n`));
    return x;
  },
  python: `import sys


def task(x):
    print("log of", x)
    print("error of", x, file=sys.stderr)
    sys.stdout.buffer.write(f"bytes of {x}\\n".encode())
    return x
`,
};

/** Creates a file, and ends a moment later. */
export const begins: Functions = {
  javascript: async (name: string) => {
    Deno.writeTextFileSync(name, "");
    await new Promise((resolve) => setTimeout(resolve, 20));
    return name;
  },
  python: `import time


def task(name):
    open(name, "w").close()
    time.sleep(0.02)
    return name
`,
  program: sh(': > "$0"; printf \'"%s"\' "$0"'),
};

/** Creates a file, and never ends. */
export const hangs: Functions = {
  javascript: async (path: string) => {
    Deno.writeTextFileSync(path, "");
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  },
  python: `import time


def task(path):
    open(path, "w").close()
    time.sleep(3600)
`,
  program: sh(': > "$0"; sleep 3600'),
};

/** A function whose module does not load, and a program that no machine has. */
export const broken: Functions = {
  javascript: "export const task = () => 1;\nthrow new Error('not today');\n",
  python: 'raise ValueError("not today")\n\n\ndef task(x):\n    return 1\n',
  program: ["not today", "{}"],
};

/** Returns the slot of its worker. */
export const slotOf: Functions = {
  javascript: () => Deno.env.get("DL_JOBS_SLOT"),
  python: "import os\n\n\ndef task(x):\n    return os.environ['DL_JOBS_SLOT']\n",
  program: sh('printf "\\"%s\\"" "$DL_JOBS_SLOT"'),
};

/** Returns the number of calls in its process. */
export const calls: Functions = {
  javascript: () => {
    const state = globalThis as { calls?: number };
    return state.calls = (state.calls ?? 0) + 1;
  },
  python: `calls = 0


def task(x):
    global calls
    calls += 1
    return calls
`,
};

/** Waits until four calls run at a time, and returns the largest number of concurrent calls. */
export const meets: Functions = {
  javascript: async (x: number) => {
    const state = globalThis as { running?: number; most?: number };
    state.running = (state.running ?? 0) + 1;
    state.most = Math.max(state.most ?? 0, state.running);
    // The first four tasks wait for each other, so they can only end together.
    while (state.most < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 5 - x % 5));
    state.running--;
    if (x % 10 === 9) throw new Error(`at most ${state.most}`);
    return state.most;
  },
  python: `import threading
import time

lock = threading.Lock()
running = most = 0


def task(x):
    global running, most
    with lock:
        running += 1
        most = max(most, running)
    while most < 4:
        time.sleep(0.001)
    time.sleep((5 - x % 5) / 1000)
    with lock:
        running -= 1
    if x % 10 == 9:
        raise ValueError(f"at most {most}")
    return most
`,
  program: sh(`mkdir -p "$DL_JOBS_DIR"
: > "$DL_JOBS_DIR/$0"
while [ $(ls "$DL_JOBS_DIR" | wc -l) -lt 4 ]; do sleep 0.01; done
[ $(($0 % 10)) = 9 ] || exec echo 4
echo at most 4 >&2
exit 3`),
};
