import { ValueChanges } from "../../../lib/values/value_changes.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("ValueChanges counts values of each kind, and names the first", () => {
  const changes = new ValueChanges(
    "a job with --big-integers bigint passes such integers as BigInt",
  );
  changes.add("rounded", "9007199254740993");
  assertEquals(changes.texts("w#add"), [
    "w#add: 1 integer beyond 2^53 was rounded, first 9007199254740993; a job with " +
    "--big-integers bigint passes such integers as BigInt",
  ]);
  changes.add("rounded", "9007199254740995", 2);
  changes.add("infinite", "1e400", 2);
  assertEquals(changes.texts("w#add"), [
    "w#add: 3 integers beyond 2^53 were rounded, first 9007199254740993; a job with " +
    "--big-integers bigint passes such integers as BigInt",
    "w#add: 2 numbers were too large and became Infinity, first 1e400",
  ]);
});
