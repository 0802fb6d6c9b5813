import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { encode, HEADER, readText } from "./_events.ts";

Deno.test("Journal starts with a header, and appended events follow it", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`;
  {
    using journal = Journal.create(path, "a job");
    assertEquals(Deno.readTextFileSync(path), HEADER);
    journal.append(encode('{"id":0,"result":1}\n'));
    journal.append(encode(""));
    journal.append(encode('{"id":1,"result":2}\n'));
    journal.flush();
    assertEquals(
      Deno.readTextFileSync(path),
      `${HEADER}{"id":0,"result":1}\n{"id":1,"result":2}\n`,
    );
    journal.append(encode('{"id":2,"result":3}\n'));
  }
  assertEquals(
    await readText(path),
    [0, 1, 2].map((id) => `{"id":${id},"result":${id + 1}}\n`).join(""),
  );
  assertThrows(() => Journal.create(path, "another"), Deno.errors.AlreadyExists);
});

Deno.test("Journal passes appended events on without a flush", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`;
  using journal = Journal.create(path, "a job");
  journal.append(encode('{"id":0,"result":1}\n'));
  while (Deno.statSync(path).size === HEADER.length) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(Deno.readTextFileSync(path), `${HEADER}{"id":0,"result":1}\n`);
});

Deno.test("Journal.open() cuts a torn line, and writes the header of an empty file", async (t) => {
  const cases: [name: string, before: string | undefined, after: string][] = [
    ["whole", `${HEADER}{"id":0,"result":1}\n`, `${HEADER}{"id":0,"result":1}\n`],
    ["torn", `${HEADER}{"id":0,"result":1}\n{"id":1,"res`, `${HEADER}{"id":0,"result":1}\n`],
    ["without its last newline", `${HEADER}{"id":0,"result":1}`, HEADER],
    ["torn in the header", HEADER.slice(0, 9), HEADER],
    ["empty", "", HEADER],
    ["not there", undefined, HEADER],
    ["torn in a long line", `${HEADER}${"x".repeat(200_000)}`, HEADER],
  ];
  for (const [name, before, after] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(before === undefined ? {} : { journal: before });
      const path = `${folder.path}/journal`;
      {
        using journal = await Journal.open(path, "a job");
        journal.append(encode('{"id":7,"result":0}\n'));
      }
      assertEquals(Deno.readTextFileSync(path), `${after}{"id":7,"result":0}\n`);
    });
  }
});
