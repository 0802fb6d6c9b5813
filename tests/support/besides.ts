/**
 * Steps of a test that run at the same time, because they mostly wait.
 *
 * @module
 */

import { assertEquals } from "./assert.ts";

/** Runs the steps of a test, several of them at the same time, and fails when one has failed. */
export async function besides(
  t: Deno.TestContext,
  steps: readonly (readonly [name: string, fn: () => Promise<void>])[],
  lanes: number,
): Promise<void> {
  const rest = steps.values(), failed: string[] = [];
  // Deno cannot tell the timers and files of steps that run at the same time.
  const free = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const lane = async () => {
    for (const [name, fn] of rest) {
      if (!await t.step({ name, fn, ...free })) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  assertEquals(failed, []);
}
