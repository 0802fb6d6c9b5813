import { addSetup, setupText } from "../../../../lib/job/report/setup_times.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("addSetup() adds the times of workers", () => {
  const one = addSetup(undefined, 1500.1);
  assertEquals(one, { workers: 1, total: 1500.1, longest: 1500.1 });
  assertEquals(addSetup(one, 700.2), { workers: 2, total: 2200.3, longest: 1500.1 });
});

Deno.test("setupText() leaves out what is short", () => {
  assertEquals(setupText(undefined), "");
  assertEquals(setupText({ workers: 2, total: 120, longest: 99 }), "");
  assertEquals(setupText({ workers: 1, total: 1500, longest: 1500 }), "1.5 s");
  const text = "1.0 s on average in 3 workers, the longest 2.5 s";
  assertEquals(setupText({ workers: 3, total: 3000, longest: 2500 }), text);
});
