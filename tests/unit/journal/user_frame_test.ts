import { userFrame } from "../../../lib/journal/user_frame.ts";
import { assertEquals } from "../../support/assert.ts";

const CASES: readonly (readonly [stack: string | undefined, frame: string | undefined])[] = [
  [undefined, undefined],
  ["Error: no", undefined],
  ["Error: no\n    at file:///home/me/a%20b/tiles.ts:12:9", "tiles.ts:12"],
  ["Error: a\nb\n    at async mean (file:///home/me/tiles.ts:12:9)", "tiles.ts:12 (mean)"],
  [
    "Error: no\n    at parse (https://esm.sh/x@1/mod.js:1:2)\n    at Tile.read (file:///a/t.ts:3:4)",
    "t.ts:3 (Tile.read)",
  ],
  ["Error: no\n    at parse (npm:x@1/mod.js:1:2)", "mod.js:1 (parse)"],
  [
    "Error: ENOENT\n    at __node_internal_uvException (ext:deno_node/internal/errors.ts:1:3450)\n" +
    "    at process.exit (node:process:1:4151)",
    undefined,
  ],
  [
    "Error: outer\n    at f (file:///a/t.ts:3:4)\nCaused by Error: inner\n" +
    "    at g (file:///a/u.ts:5:6)",
    "t.ts:3 (f)",
  ],
  [
    'Traceback (most recent call last):\n  File "/home/me/tiles.py", line 3, in mean\n    x\n' +
    '  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads\n    y\nValueError: no',
    "tiles.py:3 (mean)",
  ],
  [
    'Traceback (most recent call last):\n  File "/a/first.py", line 1, in f\nKeyError: 1\n\n' +
    "During handling of the above exception, another exception occurred:\n\n" +
    'Traceback (most recent call last):\n  File "/a/last.py", line 2, in g\nValueError: no',
    "last.py:2 (g)",
  ],
  [
    "  + Exception Group Traceback (most recent call last):\n" +
    '  |   File "/a/group.py", line 9, in f\n  | ExceptionGroup: many (2 sub-exceptions)\n' +
    "  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n" +
    '    |   File "/a/first.py", line 1, in g\n    | ValueError: no\n' +
    "    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n" +
    '    |   File "/a/second.py", line 2, in h\n    | KeyError: 1\n' +
    "    +------------------------------------",
    "first.py:1 (g)",
  ],
  [
    "  + Exception Group Traceback (most recent call last):\n" +
    '  |   File "/a/group.py", line 9, in f\n  | ExceptionGroup: many (2 sub-exceptions)\n' +
    "  +-+---------------- 1 ----------------\n    | ValueError: no\n" +
    "    +------------------------------------",
    "group.py:9 (f)",
  ],
];

Deno.test("userFrame() finds the top frame of the user's own code", () => {
  assertEquals(CASES.map(([stack]) => userFrame(stack)), CASES.map(([, frame]) => frame));
});
