/**
 * Variables in the environment of this process.
 *
 * @module
 */

/**
 * Sets variables until the returned object is disposed, which restores their values.
 *
 * @example
 * ```ts
 * import { useEnv } from "./env.ts";
 *
 * {
 *   using _env = useEnv({ DL_JOBS_EXAMPLE: "1" });
 *   if (Deno.env.get("DL_JOBS_EXAMPLE") !== "1") throw new Error("not set");
 * }
 * if (Deno.env.has("DL_JOBS_EXAMPLE")) throw new Error("not restored");
 * ```
 */
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
