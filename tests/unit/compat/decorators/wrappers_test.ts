/**
 * The rules that all wrappers follow, alone and together.
 *
 * @module
 */

import {
  asJson,
  attempt,
  type AttemptFailure,
  expandArgs,
  JSON_TEXT,
} from "../../../../lib/compat/decorators.ts";
import { assert, assertEquals, assertThrows } from "../../../support/assert.ts";
import { boom, withoutStack } from "./failures.ts";

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

Deno.test("a wrapper around asJson() marks its results as JSON text, too", () => {
  const text = asJson(() => ({ a: 1 }));
  const isText = (fn: object) => JSON_TEXT in fn;
  assertEquals([attempt(text), expandArgs(text), attempt(expandArgs(text))].map(isText), [
    true,
    true,
    true,
  ]);
  assertEquals([attempt(() => 1), expandArgs(() => 1)].map(isText), [false, false]);
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

Deno.test("every wrapper explains why it cannot wrap a value", async (t) => {
  const wrappers = { expandArgs, attempt, asJson } as unknown as Record<
    string,
    (fn: unknown, context?: unknown) => unknown
  >;
  for (const [name, wrapper] of Object.entries(wrappers)) {
    const cases: [fn: unknown, context: unknown, message: string][] = [
      ["text", undefined, `Cannot wrap text in ${name}: pass a function`],
      [undefined, undefined, `Cannot wrap undefined in ${name}: pass a function`],
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

Deno.test("a wrapper can be passed to map(), which adds an index", () => {
  const tasks = [boom].map(attempt as (fn: typeof boom) => () => unknown);
  assertEquals((tasks[0]?.() as AttemptFailure).ERROR, "too far");
});
