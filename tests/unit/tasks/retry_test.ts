import { parsePolicy, retryDelayMs } from "../../../lib/tasks/retry.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("parsePolicy() reads attempts, a factor, or both, for each class", async (t) => {
  const cases: [texts: Record<string, string>, most: number, expected: Record<string, unknown>][] =
    [
      [{}, 1, { error: [1, 1], timeout: [1, 1], oom: [1, 1], crash: [1, 1], lost: [6, 1] }],
      [{}, 4, { error: [4, 1], timeout: [4, 1], oom: [4, 1], crash: [4, 1], lost: [6, 1] }],
      [{ error: "3", lost: "2" }, 1, { error: [3, 1], lost: [2, 1], crash: [1, 1] }],
      [{ oom: "x2", timeout: "x1.5" }, 1, { oom: [3, 2], timeout: [3, 1.5], error: [1, 1] }],
      [{ oom: "x2" }, 5, { oom: [5, 2] }],
      [{ oom: "4 x2", timeout: "4,x2", crash: " 2 " }, 1, {
        ...{ oom: [4, 2], timeout: [4, 2], crash: [2, 1] },
      }],
    ];
  for (const [texts, most, expected] of cases) {
    await t.step(`${JSON.stringify(texts)}, ${most}`, () => {
      const policy = parsePolicy(texts, most);
      const found = Object.entries(policy).filter(([name]) => name in expected)
        .map(([name, { attempts, growth }]) => [name, [attempts, growth]]);
      assertEquals(Object.fromEntries(found), expected);
    });
  }
});

Deno.test("parsePolicy() refuses a text that is not a policy", () => {
  const message = (texts: Record<string, string>) =>
    assertThrows(() => parsePolicy(texts, 1), UsageError).message;
  assertEquals(
    message({ eror: "3" }),
    'Cannot retry after "eror": the classes of failure are error, timeout, oom, crash, lost, limited',
  );
  for (const text of ["", "0", "x", "three", "-1", "3x2x2", "1.5"]) {
    assertEquals(
      message({ oom: text }),
      `Cannot read the retry policy "oom=${text}": write attempts, a factor or both, ` +
        'such as oom=3, oom=x2 or "oom=3 x2"',
    );
  }
  for (const text of ["100001", "99999999999999999999", "x0", "x0.5", "3 x101", "x1000000000"]) {
    assertEquals(
      message({ oom: text }),
      `Cannot use the retry policy "oom=${text}": write at most 100000 attempts, and a factor from ` +
        "1 to 100",
    );
  }
});

Deno.test("retryDelayMs() doubles each time, up to a minute, minus at most a half", () => {
  const waits = (random: number) =>
    [1, 2, 3, 4, 7, 8, 20].map((n) => retryDelayMs(n, 1000, () => random));
  assertEquals(waits(1), [1000, 2000, 4000, 8000, 60_000, 60_000, 60_000]);
  assertEquals(waits(0), [500, 1000, 2000, 4000, 30_000, 30_000, 30_000]);
  assertEquals(retryDelayMs(5, 0, () => 1), 0);
});
