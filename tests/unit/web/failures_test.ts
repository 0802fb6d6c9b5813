import { FailureGrouper } from "../../../lib/web/failures.ts";
import { assertEquals } from "../../support/assert.ts";
import { failed } from "./journal_lines.ts";

const NOWHERE = { at: 0, length: 0 };

Deno.test("FailureGrouper groups messages that differ only by numbers", () => {
  const grouper = new FailureGrouper("missing");
  for (let id = 0; id < 30; id++) grouper.add(failed(id, id % 3 ? `tile ${id}` : "gone"), NOWHERE);
  const { groups } = grouper.snapshot();
  assertEquals(groups.map(({ message, count, examples }) => [message, count, examples.length]), [
    ["tile #", 20, 20],
    ["gone", 10, 10],
  ]);
});

Deno.test("FailureGrouper counts failures without a group", () => {
  const grouper = new FailureGrouper("missing");
  const name = (i: number) => String.fromCharCode(97 + i % 26, 97 + i / 26);
  for (let id = 0; id < 120; id++) grouper.add(failed(id, name(id)), NOWHERE);
  grouper.remove(119);
  const { groups, more } = grouper.snapshot();
  assertEquals([groups.length, more], [100, 19]);
});
