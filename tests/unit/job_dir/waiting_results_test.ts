/**
 * Results that wait for those of earlier tasks.
 *
 * @module
 */

import { WaitingResults } from "../../../lib/job_dir/waiting_results.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("WaitingResults holds few results, and reads the others from the journal", async () => {
  await using folder = await makeFolder({ "events.ndjson": 'x"é"y' });
  using waiting = new WaitingResults(`${folder.path}/events.ndjson`, 4);
  waiting.hold(1, "12");
  assertEquals(waiting.isFull, false);
  waiting.hold(2, "34");
  assertEquals(waiting.isFull, true);
  waiting.place(3, 1, 4);
  assertEquals([1, 3, 3, 4].map((id) => waiting.take(id)), ["12", '"é"', undefined, undefined]);
  assertEquals([waiting.isFull, waiting.take(2)], [false, "34"]);
});
