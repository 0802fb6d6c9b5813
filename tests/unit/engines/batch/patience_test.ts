import { Patience } from "../../../../lib/engines/batch/patience.ts";
import { warnOnce } from "../../../../lib/engines/shared/warn_once.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const isPassing = (error: unknown) => error instanceof RangeError;

/** Returns a `Patience` and its messages. */
function patienceOf({ isNeeded = true, signal = new AbortController().signal } = {}) {
  const told: string[] = [];
  const patience = new Patience({
    label: "the system",
    signal,
    warn: warnOnce((text) => told.push(text)),
    isNeeded: () => isNeeded,
    waitMs: 1,
  });
  return { patience, told };
}

/** Returns a request that fails a number of times, then succeeds. */
function failing(times: number, error: Error = new RangeError("no route")) {
  let tries = 0;
  return () => ++tries > times ? Promise.resolve(tries) : Promise.reject(error);
}

Deno.test("Patience.ask() repeats a request while parts run, and reports that once", async () => {
  const { patience, told } = patienceOf();
  assertEquals(await patience.ask(failing(3), isPassing), 4);
  assertEquals(told, ["The system does not answer and is asked again: no route"]);
});

Deno.test("Patience.ask() passes other errors on", async () => {
  const { patience, told } = patienceOf();
  await assertRejects(() => patience.ask(failing(1, new TypeError("no")), isPassing), TypeError);
  assertEquals(told, []);
});

Deno.test("Patience.ask() does not wait for a system where no part runs", async () => {
  const { patience } = patienceOf({ isNeeded: false });
  await assertRejects(() => patience.ask(failing(1), isPassing), RangeError);
});

Deno.test("Patience.ask() abandons a request at once on an abort", async () => {
  const end = new AbortController(), { patience } = patienceOf({ signal: end.signal });
  const asked = patience.ask(() => new Promise(() => {}), isPassing);
  end.abort(new Error("enough"));
  assertEquals((await assertRejects(() => asked, Error)).message, "enough");
});
