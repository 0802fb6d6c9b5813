import { cutTornLine } from "../../../lib/journal/repair.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { encode, HEADER, readText } from "./_events.ts";

Deno.test("cutTornLine() leaves whole lines, wherever the file ends", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/lines`;
  const text = `a\n${"b".repeat(70_000)}\n\ncc\n`;
  for (const size of [0, 1, 2, 3, 65_000, 70_002, 70_003, 70_004, 70_005, 70_007]) {
    Deno.writeTextFileSync(path, text.slice(0, size));
    cutTornLine(path);
    const whole = text.slice(0, text.slice(0, size).lastIndexOf("\n") + 1);
    assertEquals(Deno.statSync(path).size, whole.length);
  }
});

Deno.test("a result block that was cut short keeps its whole lines, whatever is appended", async (t) => {
  const head = '{"id":0,"count":3,"bytes":9}\n';
  const cases: [name: string, torn: string, after: string][] = [
    ["whole", `${head}10\n20\n30\n`, `${head}10\n20\n30\n`],
    ["a part of a line", `${head}10\n20\n3`, '{"id":0,"count":2,"bytes":6}\n10\n20\n'],
    ["whole lines", `${head}10\n`, '{"id":0,"count":1,"bytes":3}\n10\n'],
    ["no line", head, ""],
    ["a part of its first line", head.slice(0, 12), ""],
    [
      "smaller numbers",
      `{"id":7,"count":1000,"bytes":4000,"ms":2}\n1.5\n`,
      `{"id":7,"count":1,"bytes":4,"ms":2      }\n1.5\n`,
    ],
  ];
  for (const [name, torn, after] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ journal: HEADER + torn });
      const path = `${folder.path}/journal`;
      assertEquals(await readText(path), after, "a reader sees it so");
      assertEquals(Deno.readTextFileSync(path), HEADER + torn, "and changes nothing");
      {
        using journal = await Journal.open(path, "a job");
        journal.append(encode('{"id":9,"result":0}\n'));
      }
      assertEquals(Deno.readTextFileSync(path), `${HEADER}${after}{"id":9,"result":0}\n`);
    });
  }
});
