import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { encode, frame, HEADER, readText } from "./_events.ts";

Deno.test("Journal starts with a header, and writes events in frames", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`;
  const lines = [0, 1, 2].map((id) => `{"id":${id},"result":${id + 1}}\n`);
  {
    using journal = Journal.create(path, "a job");
    assertEquals(Deno.readTextFileSync(path), HEADER);
    journal.append(encode(lines[0]!));
    journal.append(encode(""));
    journal.append(encode(lines[1]!));
    journal.flush();
    journal.flush();
    assertEquals(Deno.readTextFileSync(path), HEADER + frame(2, lines[0]! + lines[1]!));
    journal.append(encode(lines[2]!));
  }
  const text = HEADER + frame(2, lines[0]! + lines[1]!) + frame(3, lines[2]!);
  assertEquals(Deno.readTextFileSync(path), text);
  assertEquals(await readText(path), lines.join(""));
  assertThrows(() => Journal.create(path, "another"), Deno.errors.AlreadyExists);
});

Deno.test("Journal passes appended events on without a flush", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`, line = '{"id":0,"result":1}\n';
  using journal = Journal.create(path, "a job");
  journal.append(encode(line));
  const whole = HEADER + frame(2, line);
  await until(() => Deno.statSync(path).size === whole.length, "the events are written");
  assertEquals(Deno.readTextFileSync(path), whole);
});
