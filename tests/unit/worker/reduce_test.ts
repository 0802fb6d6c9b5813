import { type ReduceError, type ReduceReply, reducerOf } from "../../../lib/worker/reduce.ts";
import { assertEquals } from "../../support/assert.ts";

/** Calls a reducer with lines, one after another. */
async function replies(
  fn: (...args: never[]) => unknown,
  lines: readonly object[],
  by?: string,
): Promise<ReduceReply[]> {
  const fold = reducerOf(fn, { by }), all: ReduceReply[] = [];
  for (const line of lines) all.push(await fold(line as never) as ReduceReply);
  return all;
}

function errorOf(reply: ReduceReply | undefined): ReduceError {
  return (reply as { error: ReduceError }).error;
}

const row = (task: number, result: unknown, args: unknown = null) => [task, result, args];

Deno.test("reducerOf() saves at the first and at the last line, from where it continues", async () => {
  const add = (sum = 0, x: number) => sum + x;
  const lines = [
    { from: 0, rows: [row(0, 1), row(1, 2)] },
    { from: 2, rows: [row(2, 3)] },
    { from: 3, rows: [row(5, 4)], isLast: true },
  ];
  assertEquals(await replies(add, lines), [
    { groups: [["null", "3"]] },
    null,
    { groups: [["null", "10"]] },
  ]);
  const rest = { from: 3, groups: [["null", "6"]], rows: [row(5, 4)], isLast: true };
  assertEquals(await replies(add, [rest]), [{ groups: [["null", "10"]] }]);
});

Deno.test("reducerOf() refuses results after others that it has not folded", async () => {
  const line = { from: 2, rows: [row(2, 3)] };
  assertEquals(await replies((sum = 0) => sum, [line]), [{ isLost: true }]);
});

Deno.test("reducerOf() groups by a key of the result, or else of the arguments", async () => {
  const rows = [
    row(0, { id: "a" }, { id: "b", at: { lon: 1 } }),
    row(1, { id: null }, { id: "b" }),
    row(2, 7, { id: "a", at: { lon: 1 } }),
  ];
  const count = (n = 0) => Promise.resolve(n + 1);
  const byId = await replies(count, [{ from: 0, rows, isLast: true }], "id");
  assertEquals(byId, [{ groups: [['"a"', "2"], ["null", "1"]] }]);
  const [byLon] = await replies(count, [{ from: 0, rows, isLast: true }], "at.lon");
  const { type, message, task } = errorOf(byLon);
  assertEquals([type, message, task], [
    "ReduceProblem",
    "neither the result nor the arguments have the key at.lon",
    1,
  ]);
});

Deno.test("reducerOf() groups by the given text of a key that it would round", async () => {
  const rows = [
    [...row(0, { id: 9007199254740992 }), "9007199254740993"],
    row(1, { id: 9007199254740992 }),
    [...row(2, { id: 9007199254740992 }), "9007199254740993"],
    [...row(3, { id: [9007199254740992, { b: 1, a: 2 }] }), '[9007199254740993,{"b":1,"a":2}]'],
    [...row(4, { id: [9007199254740992, { a: 2, b: 1 }] }), '[9007199254740993,{"a":2,"b":1}]'],
    row(5, { id: [9007199254740992, { a: 2, b: 1 }] }),
  ];
  const count = (n = 0) => n + 1;
  const lines = [{ from: 0, rows: rows.slice(0, 4) }, {
    from: 4,
    rows: rows.slice(4),
    isLast: true,
  }];
  assertEquals((await replies(count, lines, "id")).at(-1), {
    groups: [
      ["9007199254740993", "2"],
      ["9007199254740992", "1"],
      ['[9007199254740993,{"b":1,"a":2}]', "2"],
      ['[9007199254740992,{"a":2,"b":1}]', "1"],
    ],
  });
});

Deno.test("reducerOf() groups by equal keys, whatever the order of keys in them", async () => {
  const keys = ['{"b":2,"a":[{"d":1,"c":"x"}]}', '{"a":[{"c":"x","d":1}],"b":2}', "[1,2]", "[2,1]"];
  const rows = keys.map((key, task) => row(task, { key: JSON.parse(key) }));
  const count = (n = 0) => n + 1;
  const first = { from: 0, rows };
  const groups: [string, string][] = [[keys[0]!, "2"], ["[1,2]", "1"], ["[2,1]", "1"]];
  assertEquals(await replies(count, [first], "key"), [{ groups }]);
  const again = { from: 4, groups, rows: [rows[1]], isLast: true };
  const [more] = await replies(count, [again], "key");
  assertEquals(more, { groups: [[keys[0]!, "3"], ...groups.slice(1)] });
});

Deno.test("reducerOf() reports the task whose result it cannot fold", async (t) => {
  const cases: [name: string, fn: (all: unknown) => unknown, error: unknown[]][] = [
    ["throws", () => (null as unknown as { x: 1 }).x, [
      "TypeError",
      "Cannot read properties of null (reading 'x')",
      4,
    ]],
    ["rejects", () => Promise.reject(new RangeError("far")), ["RangeError", "far", 4]],
    ["undefined", () => {}, ["ReduceProblem", "it returned undefined, not the accumulator", 4]],
    ["a map", () => new Map(), [
      "SaveProblem",
      "accumulator: JSON has no Map, use Object.fromEntries(map)",
      4,
    ]],
    ["a date", () => ({ seen: [new Date(0)] }), [
      "SaveProblem",
      "accumulator.seen[0] is an instance of Date: use text, finite numbers, booleans, null, lists and plain " +
      "objects",
      4,
    ]],
    ["a BigInt, which a later result would receive as a number", () => 2n ** 64n, [
      "SaveProblem",
      "accumulator is a BigInt: use text, finite numbers, booleans, null, lists and plain objects",
      4,
    ]],
  ];
  for (const [name, fn, expected] of cases) {
    await t.step(name, async () => {
      const [reply] = await replies(fn, [{ from: 0, rows: [row(4, 1)] }]);
      const { type, message, task } = errorOf(reply);
      assertEquals([type, message, task], expected);
    });
  }
});
