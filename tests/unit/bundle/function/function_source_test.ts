import { runInThisContext } from "node:vm";
import { attempt, expandArgs } from "../../../../lib/compat/decorators.ts";
import { functionSource } from "../../../../lib/bundle/function/function_source.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";

// deno-lint-ignore no-explicit-any -- any function at all
type Fn = (...args: any[]) => unknown;

/** Imports a function from its source, as a worker does. */
async function travel(fn: Fn): Promise<Fn> {
  const source = await functionSource(fn);
  const code = `export default ${source};`;
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;
}

const outside = 3;
class Outside {}
const other = 4;

/** Functions in every form, each of which returns 8 for 4. */
class Tiles {
  static twice(x: number) {
    return x * 2;
  }
  static async twiceLater(x: number) {
    return await x * 2;
  }
  twice(x: number) {
    return x * 2;
  }
}

const methods = {
  twice(x: number) {
    return x * 2;
  },
  async twiceLater(x: number) {
    return await x * 2;
  },
  "two times"(x: number) {
    return x * 2;
  },
  async(x: number) {
    return x * 2;
  },
  if(x: number) {
    return x * 2;
  },
};

function declared(x: number) {
  return x * 2;
}

async function declaredLater(x: number) {
  return await x * 2;
}

Deno.test("functionSource() of any kind of function is the same function elsewhere", async (t) => {
  const cases: [name: string, fn: Fn][] = [
    ["an arrow", (x) => x * 2],
    ["an arrow with a body", (x) => {
      return x * 2;
    }],
    ["an async arrow", async (x) => await x * 2],
    ["a declaration", declared],
    ["an async declaration", declaredLater],
    ["an expression", function (x) {
      return x * 2;
    }],
    ["a named expression", function twice(x) {
      return x * 2;
    }],
    ["a method", methods.twice],
    ["an async method", methods.twiceLater],
    ["a method with a name in quotes", methods["two times"]],
    ["a method called async", methods.async],
    ["a method called if", methods.if],
    ["a static method", Tiles.twice],
    ["an async static method", Tiles.twiceLater],
    ["a method of a class", Tiles.prototype.twice],
  ];
  for (const [name, fn] of cases) {
    await t.step(name, async () => assertEquals(await (await travel(fn))(4), 8));
  }
  await t.step("a generator", async () => {
    const numbers = await travel(function* (x: number) {
      yield x;
      yield x + 1;
    });
    assertEquals([...numbers(4) as Iterable<number>], [4, 5]);
  });
});

Deno.test("functionSource() lets a function use what is its own", async (t) => {
  const cases: [name: string, fn: Fn, expected: unknown][] = [
    ["inner variables", (x) => {
      const factor = 2;
      let sum = 0;
      for (let i = 0; i < factor; i++) sum += x;
      return sum;
    }, 8],
    ["inner functions, before their declaration", (x) => {
      return twice(x);
      function twice(y: number) {
        return y * 2;
      }
    }, 8],
    ["inner classes", (x) => {
      class Twice {
        #factor = 2;
        of = (y: number) => this.#factor * y;
        get own() {
          return this.of(x);
        }
      }
      return new Twice().own;
    }, 8],
    ["default parameters", (x, factor = 2, product = x * factor) => product, 8],
    ["rest parameters", (...[x, ...rest]) => x * 2 + rest.length, 8],
    ["destructured parameters", ({ x: { y: [factor = 2] = [] } = {} }) => factor * 4, 8],
    ["destructured variables", (x) => {
      const { a, ...rest } = { a: x, b: x }, [c = 0] = [rest.b];
      return a + c;
    }, 8],
    ["a caught error", (x) => {
      try {
        throw new Error(String(x));
      } catch (error) {
        return Number((error as Error).message) * 2;
      }
    }, 8],
    ["labels", (x) => {
      outer: for (let i = 0;; i++) {
        for (;;) {
          if (i === x) break outer;
          continue outer;
        }
      }
      return x * 2;
    }, 8],
    ["names of properties", (x) => {
      const tile = { outside: x, other: { outside: x } };
      return tile.outside + tile.other.outside;
    }, 8],
    ["its own name", function factorial(x: number): number {
      return x < 2 ? 1 : x * factorial(x - 1);
    }, 24],
    ["its arguments", function () {
      return arguments[0] * 2 + arguments.length - 1;
    }, 8],
    ["the arguments of an inner function", (x) => {
      function twice(..._: unknown[]) {
        return arguments[0] * 2;
      }
      return twice(x);
    }, 8],
    ["a property called arguments", (x) => ({ arguments: x }).arguments * 2, 8],
    ["the this of an inner object", (x) => {
      const tile = {
        x,
        twice() {
          return this.x * 2;
        },
      };
      return tile.twice();
    }, 8],
    ["the super of an inner class", (x) => {
      class Base {
        of(y: number) {
          return y;
        }
      }
      class Twice extends Base {
        override of(y: number) {
          return super.of(y) * 2;
        }
      }
      return new Twice().of(x);
    }, 8],
    ["new.target", function (x: number) {
      return new.target === undefined ? x * 2 : 0;
    }, 8],
    ["a class expression that uses its name", (x) => {
      const of = class Twice {
        static factor = 2;
        static mean = (y: number) => y * Twice.factor;
      };
      return of.mean(x);
    }, 8],
    ["an error of a class expression", (x) => {
      try {
        throw new (class TooFar extends RangeError {})(`${x}`);
      } catch (error) {
        return (error as Error).message + (error as Error).constructor.name;
      }
    }, "4TooFar"],
    ["a module that it imports", async (x) => {
      const { basename } = await import("node:path");
      return basename("/a/b").length + x + 3;
    }, 8],
    ["text that looks like a name", (x) => `${x * 2}${"outside".slice(7)}`, "8"],
  ];
  for (const [name, fn, expected] of cases) {
    await t.step(name, async () => {
      const travelled = await travel(fn);
      const arg = name === "destructured parameters" ? { x: {} } : 4;
      assertEquals(await travelled(arg), expected);
    });
  }
});

Deno.test("functionSource() lets a function use what every machine has", async (t) => {
  const cases: [name: string, fn: Fn, expected: unknown][] = [
    ["console", () => typeof console.log, "function"],
    ["fetch", () => typeof fetch, "function"],
    ["Deno", () => typeof Deno.version.deno, "string"],
    ["structuredClone", () => structuredClone({ a: 1 }), { a: 1 }],
    ["process and Buffer", () => {
      const { process, Buffer } = globalThis as unknown as Record<string, unknown>;
      return [typeof process, typeof Buffer];
    }, ["object", "function"]],
    ["undefined, NaN and Infinity", () => [undefined, NaN, Infinity], [undefined, NaN, Infinity]],
    ["addEventListener, which globalThis inherits", () => typeof addEventListener, "function"],
    ["Object", () => Object.keys({ a: 1 }), ["a"]],
  ];
  for (const [name, fn, expected] of cases) {
    await t.step(name, async () => assertEquals(await (await travel(fn))(), expected));
  }
});

Deno.test("functionSource() names what a function takes from the scope around it", async (t) => {
  const scale = (x: number) => x * outside;
  const countdown: Fn = (x) => x > 0 ? countdown(x - 1) : 0;
  const object = {
    factor: 2,
    mean(x: number) {
      return x * this.factor;
    },
    parent() {
      return super.toString();
    },
  };
  const anonymous: Fn = (() => (x: number) => x * outside)();
  Object.defineProperty(globalThis, "ofThisScript", { value: 1, configurable: true });
  const cases: [fn: Fn, called: string, names: string[], way?: string][] = [
    [scale, "function scale", ["outside"]],
    [anonymous, "the function", ["outside"]],
    [(x: number) => x * outside + other, "the function", ["outside", "other"]],
    [(x: number) => outside + [x].map((y) => y + outside).length, "the function", ["outside"]],
    [(x = outside) => x, "the function", ["outside"]],
    [({ [outside]: x }: Record<number, number>) => x, "the function", ["outside"]],
    [() => ({ outside }), "the function", ["outside"]],
    [() => `${outside}`, "the function", ["outside"]],
    [() => assert(true), "the function", ["assert"]],
    [() => class extends Outside {}, "the function", ["Outside"]],
    // @ts-expect-error the name of a class expression exists in the class only
    [() => [class Inside {}, Inside], "the function", ["Inside"]],
    [object.mean, "function mean", ["this"], "write it without this"],
    [object.parent, "function parent", ["super"], "write it without super"],
    [() => import.meta.url, "the function", ["import.meta"], "write it without import.meta"],
    // deno-lint-ignore no-undef -- it is there, but on this machine alone
    [() => ofThisScript, "the function", ["ofThisScript"]],
  ];
  for (
    const [
      fn,
      called,
      names,
      way = `pass ${names[0]} in the arguments or define it in the function`,
    ] of cases
  ) {
    await t.step(fn.toString(), async () => {
      const error = await assertRejects(() => functionSource(fn), UsageError);
      assertEquals(
        error.message,
        `Cannot send ${called} to a worker: it uses ${
          names.map((name) => `"${name}"`).join(", ")
        } from the scope around it; ` +
          `${way}, or put the function in a module and name it`,
      );
    });
  }
  await t.step("its own name", async () => {
    const { message } = await assertRejects(() => functionSource(countdown), UsageError);
    assertEquals(
      message,
      'Cannot send function countdown to a worker: it uses "countdown" from the scope around it; ' +
        "write it as function countdown(...) { ... }, or put the function in a module and name it",
    );
  });
  Reflect.deleteProperty(globalThis, "ofThisScript");
});

declare const ofThisScript: number;

Deno.test("functionSource() refuses the names of globals that scripts use for variables", async (t) => {
  const escape = (text: string) => `<${text}>`, name = "Oslo", close = 1, onload = 2;
  const toString = String, location = { x: 1 };
  const cases: [fn: Fn, name: string, advice: string][] = [
    [(x) => escape(x), "escape", ", write globalThis.escape for the global"],
    [() => name, "name", ", write globalThis.name for the global"],
    [() => close, "close", ", write globalThis.close for the global"],
    [() => location.x, "location", ", write globalThis.location for the global"],
    [() => onload, "onload", ", write globalThis.onload for the global"],
    [(x) => toString(x), "toString", ""],
  ];
  for (const [fn, name, advice] of cases) {
    await t.step(name, async () => {
      const { message } = await assertRejects(() => functionSource(fn), UsageError);
      assertEquals(
        message,
        `Cannot send the function to a worker: it uses "${name}" from the scope around it; ` +
          `pass ${name} in the arguments or define it in the function${advice}, or put the function in a module and name it`,
      );
    });
  }
  await t.step("globalThis.escape", async () => {
    const global: Fn = (x) => (globalThis as unknown as { escape: Fn }).escape(x);
    assertEquals(await (await travel(global))("é"), "%E9");
  });
});

Deno.test("functionSource() refuses the variables of a session with the names of globals", async () => {
  const script = runInThisContext(
    `let performance = { now: () => 1 }; class Cache {} function createImageBitmap() {}
      [() => performance.now(), () => new Cache(), () => createImageBitmap()]`,
  );
  for (const [i, name] of ["performance", "Cache", "createImageBitmap"].entries()) {
    const error = await assertRejects(() => functionSource(script[i]), UsageError);
    assertMatch(error.message, new RegExp(`: it uses "${name}" from the scope around it; `));
  }
});

Deno.test("functionSource() refuses an arrow that takes this or arguments from the scope around it", async () => {
  async function around(this: unknown, ..._: unknown[]) {
    const arrows: [Fn, string][] = [
      [() => this, "this"],
      [() => arguments.length, "arguments"],
      [() => () => [arguments.length], "arguments"],
    ];
    for (const [arrow, name] of arrows) {
      const error = await assertRejects(() => functionSource(arrow), UsageError);
      assertMatch(error.message, new RegExp(`: it uses "${name}" from the scope around it; `));
    }
  }
  await around.call({}, 1);
});

Deno.test("functionSource() refuses a function without a source of its own", async (t) => {
  class Private {
    static #hidden(x: number) {
      return x;
    }
    static get hidden() {
      return Private.#hidden;
    }
  }
  const cases: [fn: unknown, called: string, why: string, wayOut?: string][] = [
    [Math.max, "function max", "its source is not available", "write (x) => Math.max(x)"],
    [parseInt, "function parseInt", "its source is not available", "write (x) => parseInt(x)"],
    [
      attempt(expandArgs((x: number) => x)),
      "the function",
      "it is wrapped in expandArgs, attempt or asJson",
    ],
    [declared.bind(null), "function bound declared", "its source is not available"],
    [Private.hidden, "function #hidden", "its source is not available"],
    [Tiles, "function Tiles", "it is a class"],
    [
      runInThisContext("async () => await Promise.resolve().then(() => (init_b(), b_exports))"),
      "the function",
      "it imports a module, which is a part of its run method by now",
    ],
  ];
  const inModule = "put it in a module and name it as module.method";
  for (const [fn, called, why, wayOut = inModule] of cases) {
    await t.step(called, async () => {
      const error = await assertRejects(() => functionSource(fn as Fn), UsageError);
      assertEquals(error.message, `Cannot send ${called} to a worker: ${why}; ${wayOut}`);
    });
  }
});
