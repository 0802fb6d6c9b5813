import { ValueChanges } from "../../../../lib/job/reduce/value_changes.ts";
import type { ValueChange } from "../../../../lib/values/policy.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("ValueChanges counts values of each kind, and names the first", () => {
  const changes = new ValueChanges();
  const add = (kind: ValueChange, count: number, text: string) =>
    changes.add({ id: 0, attempt: 1, stream: "stderr", text, note: { kind, count } });
  add("rounded", 1, "9007199254740993");
  assertEquals(changes.texts("w#add"), [
    "w#add: 1 integer beyond 2^53 was rounded, first 9007199254740993; a job with " +
    "--big-integers bigint passes such integers as BigInt",
  ]);
  add("rounded", 2, "9007199254740995");
  add("nonFinite", 1, "accumulator.x");
  add("infinite", 2, "1e400");
  assertEquals(changes.texts("w#add"), [
    "w#add: 3 integers beyond 2^53 were rounded, first 9007199254740993; a job with " +
    "--big-integers bigint passes such integers as BigInt",
    "w#add: 2 numbers were too large and became Infinity, first 1e400",
  ]);
});
