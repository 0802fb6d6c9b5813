import { binEnd, binOf } from "../../../lib/web/protocol.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("binOf() returns the bin around a time", () => {
  assertEquals(binOf(0), 0);
  for (const ms of [0.1, 0.15, 1, 9.99, 10, 12_345, 3_600_000]) {
    const bin = binOf(ms);
    assert(binEnd(bin - 1) <= ms * (1 + 1e-9) && ms < binEnd(bin), `${ms} is in ${bin}`);
  }
});
