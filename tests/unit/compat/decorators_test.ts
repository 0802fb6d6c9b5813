/**
 * The wrappers of task methods.
 *
 * @module
 */

import {
  asJson,
  attempt,
  type AttemptFailure,
  expandArgs,
} from "../../../lib/compat/decorators.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "../../support/assert.ts";

/** Returns its arguments. */
const echo = (...args: unknown[]) => args;

/** A failure without its stack, which holds paths of this machine. */
function withoutStack(value: unknown): unknown {
  const { stack: _stack, ...rest } = value as AttemptFailure;
  return rest;
}

function raise(thrown: unknown): never {
  throw thrown;
}

const boom = () => raise(new RangeError("too far"));

Deno.test("expandArgs() spreads the one argument of a task", async (t) => {
  const cases: [name: string, args: unknown[], expected: unknown[]][] = [
    ["an array is spread", [[1, "b", null]], [1, "b", null]],
    ["an empty array is a call with nothing", [[]], []],
    ["only one level is spread", [[[1, 2]]], [[1, 2]]],
    ["an object is the named arguments", [{ a: 1 }], [{ a: 1 }]],
    ["an empty object is handed over", [{}], [{}]],
    ["text is not spread", ["abc"], ["abc"]],
    ["a number is one argument", [3], [3]],
    ["zero is one argument", [0], [0]],
    ["null is one argument", [null], [null]],
    ["the wrapped form", [{ args: [1, 2], kwargs: { k: 3 } }], [1, 2, { k: 3 }]],
    ["the wrapped form, args alone", [{ args: [1, 2] }], [1, 2]],
    ["the wrapped form, kwargs alone", [{ kwargs: { k: 3 } }], [{ k: 3 }]],
    ["empty kwargs are left out", [{ args: [1], kwargs: {} }], [1]],
    ["an empty wrapped form is a call with nothing", [{ args: [], kwargs: {} }], []],
    ["a further key unmakes the form", [{ args: [1], k: 2 }], [{ args: [1], k: 2 }]],
    ["args that are not a list make it a plain object", [{ args: 3 }], [{ args: 3 }]],
    ["kwargs that are not an object make it a plain object", [{ args: [1], kwargs: [2] }], [
      { args: [1], kwargs: [2] },
    ]],
    ["nothing stays nothing", [], []],
    ["a list and an object are args and kwargs", [[1, 2], { k: 3 }], [1, 2, { k: 3 }]],
    ["a list and an empty object are args", [[1, 2], {}], [1, 2]],
    ["several arguments go through", [1, 2, { k: 3 }], [1, 2, { k: 3 }]],
    ["two arguments go through", [1, { k: 3 }], [1, { k: 3 }]],
    ["two lists go through", [[1], [2]], [[1], [2]]],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => assertEquals(expandArgs(echo)(...args), expected));
  }
});

Deno.test("expandArgs() lets an exception and a rejection through", async () => {
  assertEquals(assertThrows(() => expandArgs(boom)([1]), RangeError).message, "too far");
  const reason = await assertRejects(() =>
    expandArgs(() => Promise.reject(new Error("later")))([])
  );
  assertEquals((reason as Error).message, "later");
});

Deno.test("attempt() returns what the function returns", async () => {
  assertEquals(attempt(echo)(1, "b"), [1, "b"]);
  assertEquals(attempt(() => undefined)(), undefined);
  assertEquals(await attempt((x: number) => Promise.resolve(x * 2))(4), 8);
});

Deno.test("attempt() turns an exception into a failure", async (t) => {
  class Late extends Error {
    override readonly name = "Late";
  }
  const cases: [name: string, thrown: unknown, ERROR: string, type: string][] = [
    ["an error", new Error("bad tile"), "bad tile", "Error"],
    ["its own kind", new RangeError("too far"), "too far", "RangeError"],
    ["a class of the user", new Late("too late"), "too late", "Late"],
    ["an error without text", new RangeError(), "RangeError", "RangeError"],
    ["a blank text", new Error("  "), "Error", "Error"],
    ["no name and no text", Object.assign(new Error(), { name: "" }), "Error", "Error"],
    ["a message that is not text", Object.assign(new Error(), { message: 7 }), "7", "Error"],
    ["thrown text", "just text", "just text", "string"],
    ["thrown empty text", "", "string", "string"],
    ["a thrown number", 42, "42", "number"],
    ["a thrown object", { code: 7 }, "{ code: 7 }", "object"],
    ["thrown null", null, "null", "object"],
    ["thrown undefined", undefined, "undefined", "undefined"],
  ];
  for (const [name, thrown, ERROR, type] of cases) {
    const expected = { ERROR, type, ARGS: [{ a: 1 }, 2], KWARGS: {} };
    await t.step(name, () => {
      const failing = attempt((..._: unknown[]) => raise(thrown));
      assertEquals(withoutStack(failing({ a: 1 }, 2)), expected);
    });
    await t.step(`${name}, in a promise`, async () => {
      const failing = attempt((..._: unknown[]) => Promise.reject(thrown));
      assertEquals(withoutStack(await failing({ a: 1 }, 2)), expected);
    });
  }
});

Deno.test("attempt() keeps the stack of an error, with the keys in their order", () => {
  const error = new Error("bad");
  const failure = attempt(() => raise(error))();
  assertEquals(failure, { ERROR: "bad", type: "Error", stack: error.stack!, ARGS: [], KWARGS: {} });
  assertEquals(Object.keys(failure), ["ERROR", "type", "stack", "ARGS", "KWARGS"]);
  assertEquals("stack" in attempt(() => raise("text"))(), false);
});

Deno.test("attempt() writes as text the arguments that JSON cannot hold", async (t) => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [name: string, arg: unknown, expected: unknown][] = [
    ["data", { a: [1, null] }, { a: [1, null] }],
    ["a bigint", 7n, "7n"],
    ["a function", echo, "[Function: echo]"],
    ["undefined", undefined, "undefined"],
    ["a circle", circular, "<ref *1> { self: [Circular *1] }"],
  ];
  for (const [name, arg, expected] of cases) {
    await t.step(name, () => {
      const failure = attempt((_: unknown) => boom())(arg);
      assertEquals(failure.ARGS, [expected]);
      assertEquals(JSON.parse(JSON.stringify(failure)).ARGS, [expected]);
    });
  }
});

Deno.test("asJson() returns JSON text", async (t) => {
  const cases: [name: string, result: unknown, expected: string][] = [
    ["an object", { a: [1, null] }, '{"a":[1,null]}'],
    ["a list", [], "[]"],
    ["zero", 0, "0"],
    ["false", false, "false"],
    ["text passes through", "ERROR x", "ERROR x"],
    ["empty text passes through", "", ""],
    ["JSON text is not written twice", '{"a":1}', '{"a":1}'],
    ["null is an empty object", null, "{}"],
    ["undefined is an empty object", undefined, "{}"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [name, result, expected] of cases) {
    await t.step(name, () => assertStrictEquals(asJson(() => result)(), expected));
    await t.step(`${name}, in a promise`, async () => {
      assertStrictEquals(await asJson(() => Promise.resolve(result))(), expected);
    });
  }
});

Deno.test("asJson() returns the result itself for return_as_dict", async (t) => {
  const raw = (seen: unknown[]) => ({ seen });
  const cases: [name: string, args: unknown[], expected: unknown][] = [
    ["true", [{ a: 1, return_as_dict: true }], raw([{ a: 1 }])],
    ["in camelCase", [{ a: 1, returnAsDict: true }], raw([{ a: 1 }])],
    ["the flag alone", [{ return_as_dict: true }], raw([{}])],
    ["text for yes", [{ return_as_dict: "True" }], raw([{}])],
    ["false", [{ a: 1, return_as_dict: false }], '{"seen":[{"a":1}]}'],
    ["text for no", [{ return_as_dict: "false" }], '{"seen":[{}]}'],
    ["with further arguments", [{ return_as_dict: 1 }, 2], raw([{}, 2])],
    ["in the last object", [1, { b: 2, return_as_dict: true }], raw([1, { b: 2 }])],
    ["alone in the last object", [1, { return_as_dict: true }], raw([1])],
    [
      "not in the middle",
      [1, { return_as_dict: true }, 3],
      '{"seen":[1,{"return_as_dict":true},3]}',
    ],
    ["not in a list", [["return_as_dict"]], '{"seen":[["return_as_dict"]]}'],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => {
      const before = structuredClone(args);
      assertEquals(asJson((...seen: unknown[]) => ({ seen }))(...args), expected);
      assertEquals(args, before, "the caller's object was changed");
    });
  }
});

Deno.test("asJson() passes null, undefined and promises through for return_as_dict", async () => {
  const flag = { return_as_dict: true };
  assertEquals(asJson((_: unknown) => null)(flag), null);
  assertEquals(asJson((_: unknown) => undefined)(flag), undefined);
  assertEquals(await asJson((_: unknown) => Promise.resolve([1]))(flag), [1]);
});

Deno.test("asJson() says what JSON cannot hold", async (t) => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const broken = {
    toJSON() {
      throw new Error("no JSON of me");
    },
  };
  const cases: [name: string, result: unknown, reason: string][] = [
    ["a bigint", { a: 1n }, "Do not know how to serialize a BigInt"],
    ["a circle", circular, "Converting circular structure to JSON"],
    ["a function", echo, "a function is not data"],
    ["a symbol", Symbol("s"), "a symbol is not data"],
    ["its own toJSON", broken, "no JSON of me"],
  ];
  for (const [name, result, reason] of cases) {
    const message = `Cannot write the result of mean as JSON: ${reason}, return plain data or text`;
    await t.step(name, () => {
      const mean = () => result;
      assertEquals(assertThrows(() => asJson(mean)(), TypeError).message, message);
    });
    await t.step(`${name}, in a promise`, async () => {
      const mean = () => Promise.resolve(result);
      const error = await assertRejects(() => asJson(mean)() as Promise<unknown>, TypeError);
      assertEquals(error.message, message);
    });
  }
  await t.step("a function without a name", () => {
    assertEquals(
      assertThrows(() => asJson(() => 1n)(), TypeError).message,
      "Cannot write the result of a function as JSON: Do not know how to serialize a BigInt, " +
        "return plain data or text",
    );
  });
});

Deno.test("asJson(attempt(expandArgs(fn))) works as one", async (t) => {
  const divide = (a: number, b: number) => {
    if (b === 0) throw new RangeError("");
    return { quotient: a / b };
  };
  const task = asJson(attempt(expandArgs(divide)));
  await t.step("a result", () => assertEquals(task([6, 3]), '{"quotient":2}'));
  await t.step("a result itself", () => {
    assertEquals(task({ args: [6, 3], return_as_dict: true }), { quotient: 2 });
  });
  await t.step("a failure, with the argument as the task got it", () => {
    assertEquals(withoutStack(JSON.parse(task([1, 0]) as string)), {
      ERROR: "RangeError",
      type: "RangeError",
      ARGS: [[1, 0]],
      KWARGS: {},
    });
  });
  await t.step("a failure of an asynchronous function", async () => {
    const later = asJson(attempt(expandArgs((a: number) => Promise.reject(new Error(`no ${a}`)))));
    assertEquals(withoutStack(JSON.parse(await later([1]) as string)), {
      ERROR: "no 1",
      type: "Error",
      ARGS: [[1]],
      KWARGS: {},
    });
  });
});

Deno.test("every wrapper keeps the name and this, and adds no promise", async (t) => {
  const wrappers = { expandArgs, attempt, asJson } as unknown as Record<
    string,
    (fn: unknown) => (this: unknown, ...args: unknown[]) => unknown
  >;
  function tile(this: { size: number }) {
    return `${this.size}`;
  }
  for (const [name, wrapper] of Object.entries(wrappers)) {
    await t.step(name, async () => {
      assertEquals(wrapper(tile).name, "tile");
      assertEquals(wrapper(tile).call({ size: 7 }), "7");
      const promise = wrapper(() => Promise.resolve("later"))();
      assert(promise instanceof Promise);
      assertEquals(await promise, "later");
    });
  }
});

class Tasks {
  readonly scale = 10;

  @asJson
  @attempt
  @expandArgs
  scaled(a: number, b: number): unknown {
    if (b < 0) throw new RangeError("b is negative");
    return [a * this.scale, b * this.scale];
  }

  @attempt
  // deno-lint-ignore require-await -- the promise is under test
  async later(text: string): Promise<string | AttemptFailure> {
    if (text === "") throw new TypeError("no text");
    return text;
  }

  @expandArgs
  static first(first: unknown): unknown {
    return first;
  }
}

Deno.test("every wrapper decorates a method", async (t) => {
  // A decorated method keeps its declared type, so the one argument of a task needs a cast.
  const tasks = new Tasks() as unknown as { scaled(args: unknown): string };
  await t.step("all three in their order", () => assertEquals(tasks.scaled([1, 2]), "[10,20]"));
  await t.step("an exception", () => {
    assertEquals(withoutStack(JSON.parse(tasks.scaled([1, -1]))), {
      ERROR: "b is negative",
      type: "RangeError",
      ARGS: [[1, -1]],
      KWARGS: {},
    });
  });
  await t.step("a lost this is an exception like any other", () => {
    const { scaled } = tasks;
    assertEquals(JSON.parse(scaled([1, 2])).type, "TypeError");
  });
  await t.step("an asynchronous method", async () => {
    assertEquals(await new Tasks().later("text"), "text");
    assertEquals(withoutStack(await new Tasks().later("")), {
      ERROR: "no text",
      type: "TypeError",
      ARGS: [""],
      KWARGS: {},
    });
  });
  await t.step("a static method", () => assertEquals(Tasks.first([1, 2]), 1));
  await t.step("names stay", () => {
    assertEquals([Tasks.prototype.scaled.name, Tasks.first.name], ["scaled", "first"]);
  });
});

Deno.test("every wrapper says what it cannot wrap", async (t) => {
  const wrappers = { expandArgs, attempt, asJson } as unknown as Record<
    string,
    (fn: unknown, context?: unknown) => unknown
  >;
  for (const [name, wrapper] of Object.entries(wrappers)) {
    const cases: [fn: unknown, context: unknown, message: string][] = [
      ["text", undefined, `Cannot wrap text in ${name}: give it a function`],
      [undefined, undefined, `Cannot wrap undefined in ${name}: give it a function`],
      [
        Tasks,
        { kind: "class" },
        `Cannot use @${name} on a class: it works on methods and functions`,
      ],
      [
        undefined,
        { kind: "field" },
        `Cannot use @${name} on a field: it works on methods and functions`,
      ],
    ];
    for (const [fn, context, message] of cases) {
      await t.step(message, () => {
        assertEquals(assertThrows(() => wrapper(fn, context), TypeError).message, message);
      });
    }
  }
});

Deno.test("a wrapper can be handed to map(), which passes an index along", () => {
  const tasks = [boom].map(attempt as (fn: typeof boom) => () => unknown);
  assertEquals((tasks[0]?.() as AttemptFailure).ERROR, "too far");
});
