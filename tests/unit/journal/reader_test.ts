import { JournalReader } from "../../../lib/journal/reader.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { frame, HEADER, LEGACY_HEADER, readText } from "./_events.ts";

const WAY = "this version reads 2 and 3; use the version of dl_jobs that has written it";

Deno.test("readJournal() refuses another version, and files that are not journals", async (t) => {
  const cases: [name: string, text: string, message: string][] = [
    ["a newer version", '{"journal":4,"job":"x"}\n', `its format is 4, ${WAY}`],
    [
      "an older version",
      '{"journal":1,"job":"x"}\n',
      `its format is 1, ${WAY}`,
    ],
    ["events without a header", '{"id":0,"result":1}\n', "it is not a journal"],
    ["no JSON", "hello\n", "it is not a journal"],
    ["a number", "1\n", "it is not a journal"],
  ];
  for (const [name, text, reason] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ journal: text });
      const path = `${folder.path}/journal`;
      const error = await assertRejects(() => readText(path), Error);
      assertEquals(error.message, `Cannot read ${path}: ${reason}`);
    });
  }
});

const ONE = '{"id":0,"result":1}\n', TWO = '{"id":1,"count":2,"bytes":4}\n2\n3\n';

Deno.test("readJournal() stops at an unfinished frame or line", async () => {
  await using folder = await makeFolder({
    journal: HEADER + frame(2, ONE) + TWO,
    legacy: `${LEGACY_HEADER}${ONE}{"id":1`,
    empty: "",
  });
  assertEquals(await readText(`${folder.path}/journal`), ONE);
  assertEquals(await readText(`${folder.path}/legacy`), ONE);
  assertEquals(await readText(`${folder.path}/empty`), "");
});

Deno.test("JournalReader reads a frame once it is complete, at any speed of growth", async () => {
  const text = HEADER + frame(2, ONE) + frame(3, TWO);
  await using folder = await makeFolder({ journal: "" });
  const path = `${folder.path}/journal`,
    reader = new JournalReader(path, "a job"),
    found: string[] = [];
  for (const letter of text) {
    Deno.writeTextFileSync(path, letter, { append: true });
    for (let events = reader.next(); events; events = reader.next()) {
      found.push(...events.map((chunk) => new TextDecoder().decode(chunk)));
    }
  }
  assertEquals(found, [ONE, TWO]);
  assertEquals([reader.end(), reader.damages, reader.frames], [[], [], 3]);
});

Deno.test("JournalReader reads frames that are larger than a part of the file", async () => {
  const line = `{"id":0,"result":"${"x".repeat(9_000_000)}"}\n`;
  await using folder = await makeFolder({ journal: HEADER + frame(2, line) + frame(3, TWO) });
  const reader = new JournalReader(`${folder.path}/journal`, "a job");
  assertEquals(Array.from(reader.all(), ({ length }) => length), [line.length, TWO.length]);
});
