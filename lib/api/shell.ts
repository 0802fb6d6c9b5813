/**
 * The `$` function of zx, loaded on first use.
 *
 * @see https://google.github.io/zx/ for the documentation of zx.
 *
 * @module
 */

import { loadZx, type Zx } from "../deps.ts";

/** A value that is loading, wrapped in an object because the value may itself be a promise. */
type Loading = Promise<{ readonly value: unknown }>;

let zx: Loading | undefined;
const load = () => zx ??= loadZx().then(({ $ }) => ({ value: $ }));

/**
 * Runs another program with the `$` function of zx: `` await $`ls ${folder}` ``. Each `${}` value
 * is passed as a single argument, even when it contains spaces.
 *
 * @example
 * ```ts
 * import { $ } from "dl_jobs";
 *
 * const text = await $`echo ${"a b"}`.text();
 * if (text !== "a b\n") throw new Error(text);
 * ```
 */
export const $: Zx["$"] = new Proxy(() => {}, {
  apply: (_target, _this, args) => deferred(call(load(), args)),
  get: (_target, key) => typeof key === "symbol" ? undefined : deferred(property(load(), key)),
  set: (_target, key, value) => {
    load().then((box) => Reflect.set(box.value as object, key, value));
    return true;
  },
}) as unknown as Zx["$"];

/** Creates a proxy that defers property access and calls until its value has loaded. */
function deferred(loading: Loading, owner?: Loading): unknown {
  return new Proxy(() => {}, {
    apply: (_target, _this, args) => deferred(call(loading, args, owner)),
    get: (_target, key) => {
      if (key === "then") return thenOf(loading);
      if (key === Symbol.asyncIterator) return () => iterate(loading);
      return typeof key === "symbol" ? undefined : deferred(property(loading, key), loading);
    },
  });
}

async function call(loading: Loading, args: readonly unknown[], owner?: Loading): Loading {
  const fn = (await loading).value as (...args: readonly unknown[]) => unknown;
  return { value: fn.apply((await owner)?.value, [...args]) };
}

async function property(loading: Loading, key: string): Loading {
  return { value: ((await loading).value as Readonly<Record<string, unknown>>)[key] };
}

function thenOf(loading: Loading): PromiseLike<unknown>["then"] {
  return (fulfilled, rejected) => loading.then(({ value }) => value).then(fulfilled, rejected);
}

async function* iterate(loading: Loading): AsyncGenerator<unknown> {
  yield* (await loading).value as AsyncIterable<unknown>;
}
