import { createPatience } from "../../../../lib/engines/batch/patience.ts";
import { warnOnce } from "../../../../lib/engines/shared/warn_once.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const isPassing = (error: unknown) => error instanceof RangeError;

/** Returns a function that retries requests, and its messages. */
function patienceOf({ isNeeded = true, signal = new AbortController().signal } = {}) {
  const told: string[] = [];
  const patiently = createPatience({
    label: "the system",
    signal,
    warn: warnOnce((text) => told.push(text)),
    isNeeded: () => isNeeded,
    waitMs: 1,
  });
  return { patiently, told };
}

/** Returns a request that fails a number of times, then succeeds. */
function failing(times: number, error: Error = new RangeError("no route")) {
  let tries = 0;
  return () => ++tries > times ? Promise.resolve(tries) : Promise.reject(error);
}

Deno.test("createPatience() repeats a request while parts run, and reports that once", async () => {
  const { patiently, told } = patienceOf();
  assertEquals(await patiently(failing(3), isPassing), 4);
  assertEquals(told, ["The system does not answer and is asked again: no route"]);
});

Deno.test("createPatience() passes other errors on", async () => {
  const { patiently, told } = patienceOf();
  await assertRejects(() => patiently(failing(1, new TypeError("no")), isPassing), TypeError);
  assertEquals(told, []);
});

Deno.test("createPatience() does not wait for a system where no part runs", async () => {
  const { patiently } = patienceOf({ isNeeded: false });
  await assertRejects(() => patiently(failing(1), isPassing), RangeError);
});

Deno.test("createPatience() abandons a request at once on an abort", async () => {
  const end = new AbortController(), { patiently } = patienceOf({ signal: end.signal });
  const asked = patiently(() => new Promise(() => {}), isPassing);
  end.abort(new Error("enough"));
  assertEquals((await assertRejects(() => asked, Error)).message, "enough");
});
