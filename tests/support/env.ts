/**
 * Variables in the environment of this process.
 *
 * @module
 */

/** Sets variables until disposal, which restores their values. */
export function useEnv(env: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(env).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}
