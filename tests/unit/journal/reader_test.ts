import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { HEADER, readText } from "./_events.ts";

Deno.test("readJournal() refuses another version, and files that are not journals", async (t) => {
  const cases: [name: string, text: string, message: string][] = [
    ["a newer version", '{"journal":3,"job":"x"}\n', "its format is 3, this version reads 2"],
    ["an older version", '{"journal":1,"job":"x"}\n', "its format is 1, this version reads 2"],
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

Deno.test("readJournal() stops at a torn last line", async () => {
  await using folder = await makeFolder({ journal: `${HEADER}{"id":0,"result":1}\n{"id":1` });
  assertEquals(await readText(`${folder.path}/journal`), '{"id":0,"result":1}\n');
  await folder.write("empty", "");
  assertEquals(await readText(`${folder.path}/empty`), "");
});
