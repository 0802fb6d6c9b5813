import { FailureGrouper } from "../../../lib/web/failures.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertLess } from "../../support/assert.ts";
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

Deno.test("FailureGrouper shows the start of long messages", () => {
  const grouper = new FailureGrouper("missing"), body = "<p>gone</p>".repeat(5000);
  for (let id = 0; id < 40; id++) {
    const event = failed(id, `${id % 2 ? "reading" : "writing"}: ${body}`);
    const { stack: _, ...error } = event.error;
    grouper.add(id % 2 ? { ...event, error } : event, NOWHERE);
  }
  const { groups } = grouper.snapshot();
  const lengths = groups.map(({ message, examples: [first] }) => [
    message.length,
    first?.error.message.length,
    first?.error.stack?.length,
  ]);
  assertEquals(lengths, [[16_001, 301, 4004], [16_001, 4001, undefined]]);
  assertLess(JSON.stringify(groups).length, 300_000);
});

Deno.test("FailureGrouper counts failures without a group", () => {
  const grouper = new FailureGrouper("missing");
  const name = (i: number) => String.fromCharCode(97 + i % 26, 97 + i / 26);
  for (let id = 0; id < 120; id++) grouper.add(failed(id, name(id)), NOWHERE);
  grouper.remove(119);
  const { groups, more } = grouper.snapshot();
  assertEquals([groups.length, more], [100, 19]);
});

Deno.test("FailureGrouper opens the journal once for the messages of many failures", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`, grouper = new FailureGrouper(path);
  let journal = "";
  for (let id = 0; id < 3; id++) {
    const event = failed(id, `tile ${id}`), line = JSON.stringify(event);
    grouper.add(event, { at: journal.length, length: line.length });
    journal += `${line}\n`;
  }
  await Deno.writeTextFile(path, journal);
  const { openSync } = Deno;
  let opened = 0;
  Deno.openSync = (...args) => {
    opened++;
    return openSync(...args);
  };
  try {
    const found = grouper.messagesOf([2, 0, 1, 7]);
    assertEquals([...found], [[2, "tile 2"], [0, "tile 0"], [1, "tile 1"], [7, undefined]]);
  } finally {
    Deno.openSync = openSync;
  }
  assertEquals(opened, 1);
  await Deno.remove(path);
  assertEquals([...grouper.messagesOf([1])], [[1, "tile #"]]);
});
