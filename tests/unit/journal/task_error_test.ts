/**
 * Errors in the form that the journal stores.
 *
 * @module
 */

import { eventLine, type TaskError } from "../../../lib/journal/format.ts";
import { returnedError, toTaskError } from "../../../lib/journal/task_error.ts";
import { MAX_MESSAGE } from "../../../lib/values/thrown.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";

/** Returns the error that a reader of the journal finds, without its stack. */
function stored(error: TaskError): Record<string, unknown> {
  const line = eventLine({ id: 0, attempt: 1, type: "failed", ms: 0, error });
  assert(line.length < 400_000 && !line.includes("\n"), `${line.length} characters`);
  const { stack: _stack, class: kind, ...rest } = JSON.parse(line).error;
  assertEquals(kind, "error");
  return rest;
}

function thrower(): never {
  throw new Error("a getter");
}

const HOSTILE: ProxyHandler<object> = {
  get: thrower,
  has: thrower,
  getPrototypeOf: thrower,
  ownKeys: thrower,
  getOwnPropertyDescriptor: thrower,
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function withGetters(error: Error, ...keys: string[]): Error {
  for (const key of keys) Object.defineProperty(error, key, { get: thrower });
  return error;
}

const LONG = "x".repeat(30_000_000);
const CUT = `${"x".repeat(MAX_MESSAGE)}... (cut, it has 30000000 characters)`;
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

Deno.test("toTaskError() describes each thrown value", async (t) => {
  const cases: [name: string, thrown: unknown, message: string | RegExp, type: string][] = [
    ["an error", new RangeError("too far"), "too far", "RangeError"],
    ["an error without a message", new RangeError(" "), "RangeError", "RangeError"],
    ["text", "no", "no", "string"],
    ["no text", "", '""', "string"],
    ["undefined", undefined, "undefined", "undefined"],
    ["null", null, "null", "object"],
    ["a BigInt", 1n, "1n", "bigint"],
    ["NaN", NaN, "NaN", "number"],
    ["a date without a time", new Date(NaN), "Invalid Date", "object"],
    ["a symbol", Symbol("a"), "Symbol(a)", "symbol"],
    ["a function", () => 1, /=>\s*1$/, "function"],
    ["an object", { code: 5 }, '{"code":5}', "object"],
    ["an object without a prototype", Object.create(null), "{}", "object"],
    ["a cycle", cyclic, /\[Circular/, "object"],
    ["a long text", LONG, CUT, "string"],
    ["a long message", new Error(LONG), CUT, "Error"],
    [
      "a long object",
      { a: LONG },
      /^\{"a":"x+\.\.\. \(cut, it has 30000008 characters\)$/,
      "object",
    ],
    ["a long name", Object.assign(new Error("a"), { name: LONG }), "a", "x".repeat(200)],
    ["a response", new Response("no", { status: 404 }), /status: 404/, "object"],
    ["a map", new Map([["id", 7]]), 'Map(1) { "id" => 7 }', "object"],
    ["an object without properties", {}, "{}", "object"],
    ["a proxy", new Proxy({}, HOSTILE), /./, "object"],
    ["a proxy of an error", new Proxy(new Error("a"), HOSTILE), /./, "object"],
    ["a revoked proxy", revoked(), /./, "object"],
    ["a getter of the message", withGetters(new Error("a"), "message"), "Error", "Error"],
    ["getters", withGetters(new Error("a"), "message", "name", "stack", "cause"), "Error", "Error"],
    [
      "a message of another type",
      Object.assign(new Error(), { message: { a: 1 } }),
      '{"a":1}',
      "Error",
    ],
    [
      "a message without text",
      Object.assign(new Error(), { message: Object.create(null) }),
      "Error",
      "Error",
    ],
    [
      "a name of another type",
      Object.assign(new Error("a"), { name: Symbol("n") }),
      "a",
      "Symbol(n)",
    ],
    ["an abort", new DOMException("stopped", "AbortError"), "stopped", "AbortError"],
  ];
  for (const [name, thrown, message, type] of cases) {
    await t.step(name, () => {
      const found = stored(toTaskError(thrown)) as { message: string };
      if (typeof message === "string") assertEquals(found, { message, type } as never);
      else assertMatch(found.message, message);
      assertEquals(found, { message: found.message, type } as never);
    });
  }
});

Deno.test("toTaskError() keeps the errors inside an error", async (t) => {
  const two = [new TypeError("a"), new RangeError("b")];
  const itself = new AggregateError([], "all of it");
  (itself.errors as unknown[]).push(itself, itself);
  const many = Array.from({ length: 50 }, () => new AggregateError([itself, itself], LONG));
  const any = await Promise.any(two.map((error) => Promise.reject(error))).catch((error) => error);
  const cases: [name: string, thrown: unknown, message: string | RegExp, type: string][] = [
    [
      "of Promise.any()",
      any,
      "All promises were rejected: TypeError: a; RangeError: b",
      "AggregateError",
    ],
    [
      "of no type",
      new AggregateError(["a", null]),
      "AggregateError: a; null",
      "AggregateError",
    ],
    ["an error in itself", itself, /^all of it: AggregateError: all of it; /, "AggregateError"],
    [
      "many long errors",
      new AggregateError(many, "all"),
      /^all: AggregateError: x{200}\.\.\. /,
      "AggregateError",
    ],
    [
      "of a closed resource",
      new SuppressedError(two[0], two[1], "closing"),
      "closing: TypeError: a; RangeError: b",
      "SuppressedError",
    ],
    [
      "a list that cannot be read",
      withGetters(new AggregateError([1], "a"), "errors"),
      "a",
      "AggregateError",
    ],
  ];
  for (const [name, thrown, message, type] of cases) {
    await t.step(name, () => {
      const found = stored(toTaskError(thrown)) as { message: string };
      assertMatch(
        found.message,
        typeof message === "string" ? new RegExp(`^${RegExp.escape(message)}$`) : message,
      );
      assertEquals(found, { message: found.message, type } as never);
    });
  }
});

Deno.test("toTaskError() keeps the stacks of causes and of inner errors", () => {
  const error = new AggregateError(
    [new TypeError("inner", { cause: "a text" }), 5],
    "outer",
    { cause: new RangeError("cause") },
  );
  const names = /^(?:(?:Caused by |Contains )?\w+: ?.*|Caused by .*|Contains .*)$/gm;
  assertEquals(toTaskError(error).stack?.match(names), [
    "AggregateError: outer",
    "Caused by RangeError: cause",
    "Contains TypeError: inner",
    "Caused by a text",
    "Contains 5",
  ]);
  const ring = new Error("a");
  ring.cause = new Error("b", { cause: ring });
  assertEquals(toTaskError(ring).stack?.match(/^Caused by .*$/gm)?.length, 5);
});

Deno.test("toTaskError() keeps the frames after a long message", () => {
  const { stack } = toTaskError(new Error(LONG));
  assertMatch(
    stack!,
    /^Error: x+\.\.\. \(cut, it has \d+ characters\)\n {4}at .*task_error_test\.ts/s,
  );
});

Deno.test("toTaskError() keeps the short values that code has added to an error", () => {
  const hostile = Object.defineProperty(new Error("no"), "code", {
    enumerable: true,
    get: thrower,
  });
  const cases: [thrown: Error, value: unknown][] = [
    [Object.assign(new Error("no"), { code: "E1", status: 503, ok: false }), {
      code: "E1",
      status: 503,
      ok: false,
    }],
    [Object.assign(new Error("no"), { response: {}, long: LONG, ms: NaN, ARGS: 1 }), undefined],
    [Object.assign(new Error("no"), { id: 1, cause: new Error("E") }), { id: 1 }],
    [Object.assign(new Error("no"), { block: 5n, big: 10n ** 1000n }), { block: 5 }],
    [new Error("no"), undefined],
    [hostile, undefined],
  ];
  for (const [thrown, value] of cases) assertEquals(stored(toTaskError(thrown)).value, value);
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, i]));
  const { value } = stored(toTaskError(Object.assign(new Error("no"), many)));
  assertEquals(Object.keys(value as object).length, 20);
});

Deno.test("returnedError() keeps the returned value, with its digits", () => {
  const cases: [returned: unknown, error: unknown][] = [
    ["ERROR no", { message: "ERROR no", type: "ERROR", value: "ERROR no" }],
    [{ ERROR: "no", id: 2n ** 60n }, {
      message: "no",
      type: "ERROR",
      value: { ERROR: "no", id: 2 ** 60 },
    }],
    [{ ERROR: "no", at: undefined, type: "E" }, {
      message: "no",
      type: "E",
      value: { ERROR: "no", type: "E" },
    }],
    [{ ERROR: "no", map: new Map() }, { message: "no", type: "ERROR" }],
    [{ ERROR: "no", long: LONG }, { message: "no", type: "ERROR" }],
  ];
  for (const [returned, error] of cases) assertEquals(stored(returnedError(returned)), error);
  const line = eventLine({
    id: 0,
    attempt: 1,
    type: "failed",
    ms: 0,
    error: returnedError({ ERROR: "no", id: 2n ** 60n }),
  });
  assertMatch(line, /"id":1152921504606846976\b/);
});
