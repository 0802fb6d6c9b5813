/**
 * Other programs; what runs them is loaded when the first one is called.
 *
 * @module
 */

import { loadZx, type Zx } from "../deps.ts";

/** A value that will be there: in a box, because a promise of a promise is none. */
type Later = Promise<{ readonly value: unknown }>;

let zx: Later | undefined;
const load = () => zx ??= loadZx().then(({ $ }) => ({ value: $ }));

/**
 * The `$` of zx: `` await $`ls ${folder}` ``. What stands in `${}` is one argument, blanks and all.
 */
export const $: Zx["$"] = new Proxy(() => {}, {
  apply: (_target, _this, args) => deferred(call(load(), args)),
  get: (_target, key) => typeof key === "symbol" ? undefined : deferred(property(load(), key)),
  set: (_target, key, value) => {
    load().then((box) => Reflect.set(box.value as object, key, value));
    return true;
  },
}) as unknown as Zx["$"];

/** Stands for a value that is not there yet, and for what its properties and calls will give. */
function deferred(later: Later, owner?: Later): unknown {
  return new Proxy(() => {}, {
    apply: (_target, _this, args) => deferred(call(later, args, owner)),
    get: (_target, key) => {
      if (key === "then") return thenOf(later);
      if (key === Symbol.asyncIterator) return () => iterate(later);
      return typeof key === "symbol" ? undefined : deferred(property(later, key), later);
    },
  });
}

async function call(later: Later, args: readonly unknown[], owner?: Later): Later {
  const fn = (await later).value as (...args: readonly unknown[]) => unknown;
  return { value: fn.apply((await owner)?.value, [...args]) };
}

async function property(later: Later, key: string): Later {
  return { value: ((await later).value as Readonly<Record<string, unknown>>)[key] };
}

function thenOf(later: Later): PromiseLike<unknown>["then"] {
  return (fulfilled, rejected) => later.then(({ value }) => value).then(fulfilled, rejected);
}

async function* iterate(later: Later): AsyncGenerator<unknown> {
  yield* (await later).value as AsyncIterable<unknown>;
}
