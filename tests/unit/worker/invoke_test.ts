import { asJson, attempt, expandArgs } from "../../../lib/compat/decorators.ts";
import type { TaskError } from "../../../lib/journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../../../lib/journal/task_error.ts";
import {
  dlJobsInvoke,
  isPromise,
  resultText,
  returnedValue,
  type UserFunction,
} from "../../../lib/worker/invoke.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";

function withoutStack({ stack: _stack, ...rest }: TaskError): TaskError {
  return rest;
}

/** A failure as read from its JSON text. */
function kept(error: TaskError): TaskError {
  return JSON.parse(JSON.stringify(error));
}

/** Returns what a call throws. */
function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("resultText() returns the JSON text of a return value", async (t) => {
  const cases: [value: unknown, text: string][] = [
    [undefined, "null"],
    [null, "null"],
    ["", '""'],
    [0, "0"],
    [{ a: [1] }, '{"a":[1]}'],
  ];
  for (const [value, text] of cases) {
    await t.step(String(value), () => assertEquals(resultText(value), text));
  }
  await t.step("and keeps JSON text, with an escape for half of a surrogate pair", () => {
    const text = '{"a":"\ud83d\ude00 \ud800",\n"b":"\udc00"}';
    const expected = '{"a":"\ud83d\ude00 \\ud800", "b":"\\udc00"}';
    assertEquals(resultText(text, JSON.parse(text)), expected);
    assertEquals(JSON.parse(expected), JSON.parse(text));
  });
  await t.step("and names a value that JSON cannot represent", () => {
    assertEquals(
      assertThrows(() => resultText({ mean: new Map() }), TypeError).message,
      "Cannot write result.mean: JSON has no Map, use Object.fromEntries(map)",
    );
  });
});

Deno.test("isPromise() returns true for what await waits for", () => {
  const then = (resolve: (value: number) => void) => resolve(1);
  const promises = [Promise.resolve(1), { then }, Object.assign(() => 0, { then })];
  assertEquals(promises.map(isPromise), [true, true, true]);
  const others = [null, undefined, 1, "then", {}, { then: 1 }, () => 0];
  assertEquals(others.filter(isPromise), []);
});

Deno.test("returnedValue() reads the text of a function that is marked as returning JSON text", async (t) => {
  const plain: UserFunction = () => "";
  const json: UserFunction = asJson((x: unknown) => x);
  const cases: [name: string, value: unknown, method: UserFunction, expected: unknown][] = [
    ["text of any function stays text", '{"a":1}', plain, '{"a":1}'],
    ["marked text is read", '{"a":1}', json, { a: 1 }],
    ["marked text that is not JSON stays", "ERROR x", json, "ERROR x"],
    ["a marked function may return the value itself", { a: 1 }, json, { a: 1 }],
  ];
  for (const [name, value, method, expected] of cases) {
    await t.step(name, () => assertEquals(returnedValue(value, method), expected));
  }
});

Deno.test("isReturnedError() recognizes a returned failure", async (t) => {
  const cases: [value: unknown, expected: boolean][] = [
    ["ERROR", true],
    ["ERROR: no tile", true],
    [" ERROR", false],
    ["error", false],
    ["", false],
    [{ ERROR: "x" }, true],
    [{ ERROR: true }, true],
    [{ ERROR: {} }, true],
    [{ ERROR: "" }, false],
    [{ ERROR: false }, false],
    [{ ERROR: null }, false],
    [{ error: "x" }, false],
    [{ nested: { ERROR: "x" } }, false],
    [["ERROR"], false],
    [[{ ERROR: "x" }], false],
    [null, false],
    [undefined, false],
    [1, false],
  ];
  for (const [value, expected] of cases) {
    await t.step(Deno.inspect(value), () => assertEquals(isReturnedError(value), expected));
  }
});

Deno.test("returnedError() keeps the returned value", async (t) => {
  const stack = "RangeError: x\n    at mean (file:///tiles.ts:3:7)";
  const cases: [name: string, value: unknown, expected: TaskError][] = [
    ["text", "ERROR no tile", {
      message: "ERROR no tile",
      type: "ERROR",
      class: "error",
      value: "ERROR no tile",
    }],
    ["an object", { ERROR: "no tile", tile: 3 }, {
      message: "no tile",
      type: "ERROR",
      class: "error",
      value: { ERROR: "no tile", tile: 3 },
    }],
    ["a truth", { ERROR: true }, {
      message: "true",
      type: "ERROR",
      class: "error",
      value: { ERROR: true },
    }],
    ["an object in an object", { ERROR: { code: 7 } }, {
      message: '{"code":7}',
      type: "ERROR",
      class: "error",
      value: { ERROR: { code: 7 } },
    }],
    ["a failure of the wrapper attempt()", { ERROR: "x", type: "RangeError", stack, ARGS: [1] }, {
      message: "x",
      type: "RangeError",
      class: "error",
      stack,
      value: { ERROR: "x", type: "RangeError", stack, ARGS: [1] },
    }],
    ["keys of other types", { ERROR: "x", type: 1, stack: 2 }, {
      message: "x",
      type: "ERROR",
      class: "error",
      value: { ERROR: "x", type: 1, stack: 2 },
    }],
    ["what JSON cannot represent", { ERROR: "x", map: new Map() }, {
      message: "x",
      type: "ERROR",
      class: "error",
    }],
  ];
  for (const [name, value, expected] of cases) {
    // The form in the journal: undefined keys are left out.
    await t.step(name, () => assertEquals(kept(returnedError(value)), expected));
  }
  await t.step("an error in an object", () => {
    assertEquals(returnedError({ ERROR: new RangeError("too far") }).message, "too far");
  });
});

Deno.test("toTaskError() keeps anything that can be thrown, and is never empty", async (t) => {
  class Late extends Error {
    override readonly name = "Late";
  }
  const circular = Object.assign(Object.create(null), { a: 1 });
  circular.self = circular;
  const cases: [name: string, thrown: unknown, message: string, type: string][] = [
    ["an error", new Error("bad tile"), "bad tile", "Error"],
    ["its own kind", new RangeError("too far"), "too far", "RangeError"],
    ["a class of the user", new Late("too late"), "too late", "Late"],
    ["a message of several lines", new Error("a\nb"), "a\nb", "Error"],
    ["no message", new RangeError(), "RangeError", "RangeError"],
    ["a blank message", new Error(" \n"), "Error", "Error"],
    ["no name and no message", Object.assign(new Error(), { name: "" }), "Error", "Error"],
    ["a message that is not text", Object.assign(new Error(), { message: 7 }), "7", "Error"],
    ["a DOMException", new DOMException("stop", "AbortError"), "stop", "AbortError"],
    ["text", "just text", "just text", "string"],
    ["empty text", "", '""', "string"],
    ["a number", 42, "42", "number"],
    ["a BigInt", 1n, "1n", "bigint"],
    ["an object", { code: 7 }, '{"code":7}', "object"],
    ["null", null, "null", "object"],
    ["undefined", undefined, "undefined", "undefined"],
    ["a symbol", Symbol("odd"), "Symbol(odd)", "symbol"],
    [
      "a circle without a prototype",
      circular,
      "<ref *1> [Object: null prototype] { a: 1, self: [Circular *1] }",
      "object",
    ],
  ];
  for (const [name, thrown, message, type] of cases) {
    await t.step(name, () => {
      assertEquals(withoutStack(toTaskError(thrown)), { message, type, class: "error" });
    });
  }
});

Deno.test("toTaskError() keeps the class of the failure", () => {
  assertEquals(toTaskError("x", "oom"), { message: "x", type: "string", class: "oom" });
  assertEquals(toTaskError(new Error("x"), "timeout").class, "timeout");
});

/** The functions in a stack, and its lines that are not frames. */
function namesIn(stack: string | undefined): string[] {
  return (stack ?? "").split("\n").map((line) =>
    /^ {4}at (?:async )?(\S+) /.exec(line)?.[1] ?? line
  );
}

Deno.test("toTaskError() keeps the user's own frames", async (t) => {
  const deep = () => {
    throw new RangeError("too far");
  };
  function task(x: number) {
    if (x > 0) deep();
  }
  await t.step("of a function", () => {
    const { stack } = toTaskError(thrownBy(() => dlJobsInvoke(task, 1)));
    assertEquals(namesIn(stack), ["RangeError: too far", "deep", "task"]);
    assertMatch(stack!, /\n {4}at task \(file:.*\/tests\/unit\/worker\/invoke_test\.ts:\d+:\d+\)$/);
  });
  await t.step("of a wrapped function, without the wrapper's", () => {
    const { stack } = toTaskError(
      thrownBy(() => dlJobsInvoke(expandArgs(task) as UserFunction, [1])),
    );
    assertEquals(namesIn(stack), ["RangeError: too far", "deep", "task"]);
  });
  await t.step("of a failure that attempt() made", () => {
    const { stack } = returnedError(dlJobsInvoke(attempt(task) as UserFunction, 1));
    assertEquals(namesIn(stack), ["RangeError: too far", "deep", "task"]);
  });
  await t.step("and no stack without a frame of the user", () => {
    const { stack } = toTaskError(thrownBy(() => resultText(Symbol.iterator)));
    assert(!namesIn(stack).includes("resultText"));
  });
});

Deno.test("toTaskError() keeps the causes", async (t) => {
  const bare = (error: Error) => {
    delete (error as { stack?: string }).stack;
    return error;
  };
  const circle = bare(new Error("around"));
  circle.cause = circle;
  const cases: [name: string, error: Error, stack: string | undefined][] = [
    ["no stack and no cause", bare(new Error("x")), undefined],
    [
      "an error",
      bare(new Error("x", { cause: bare(new TypeError("y")) })),
      [
        "Error: x",
        "Caused by TypeError: y",
      ].join("\n"),
    ],
    ["text", bare(new Error("x", { cause: "disk full" })), "Error: x\nCaused by disk full"],
    ["an object", bare(new Error("x", { cause: { code: 7 } })), 'Error: x\nCaused by {"code":7}'],
    [
      "causes of causes",
      bare(new Error("x", { cause: bare(new Error("y", { cause: bare(new Error("z")) })) })),
      "Error: x\nCaused by Error: y\nCaused by Error: z",
    ],
    ["a circle", circle, "Error: around\n" + "Caused by Error: around\n".repeat(5).trimEnd()],
    ["a stack that is not text", Object.assign(new Error("x"), { stack: ["odd"] }), undefined],
  ];
  for (const [name, error, stack] of cases) {
    await t.step(name, () => assertEquals(toTaskError(error).stack, stack));
  }
  await t.step("with their own frames", () => {
    function task() {
      try {
        throw new TypeError("inner");
      } catch (cause) {
        throw new Error("outer", { cause });
      }
    }
    const { stack } = toTaskError(thrownBy(() => dlJobsInvoke(task, undefined)));
    assertEquals(namesIn(stack), ["Error: outer", "task", "Caused by TypeError: inner", "task"]);
  });
});

Deno.test("dlJobsInvoke() calls the function with one argument", () => {
  assertEquals(dlJobsInvoke((...args: never[]) => args, { a: 1 }), [{ a: 1 }]);
});
