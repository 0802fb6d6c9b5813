import { parseUpdate, type TaskUpdate, updateLine } from "../../../lib/journal/task_update.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("parseUpdate() reads what updateLine() writes", async (t) => {
  const ids = { id: 3, attempt: 2 };
  const cases: [update: TaskUpdate, line: string][] = [
    [
      { ...ids, type: "checkpoint", value: '{"row":1180591620717411303424}' },
      '{"id":3,"attempt":2,"type":"checkpoint","info":true,"value":{"row":1180591620717411303424}}',
    ],
    [
      { ...ids, type: "progress", fraction: 0.5, text: 'half "way"' },
      '{"id":3,"attempt":2,"type":"progress","info":true,"fraction":0.5,"text":"half \\"way\\""}',
    ],
    [
      { ...ids, type: "progress", fraction: 1, text: undefined },
      '{"id":3,"attempt":2,"type":"progress","info":true,"fraction":1}',
    ],
  ];
  for (const [update, line] of cases) {
    await t.step(line, () => {
      assertEquals(updateLine(update), line);
      assertEquals(parseUpdate(line), update);
      assertEquals(parseUpdate(`${line}\n`), update, "the newline is not a part of the value");
    });
  }
});

Deno.test("parseUpdate() refuses any other line", () => {
  const lines = [
    '{"id":3,"attempt":1,"type":"checkpoint","info":true,"value":{"row":}',
    '{"id":3,"attempt":1,"type":"checkpoint","info":true,"value":1},"b":2}',
    '{"id":-3,"attempt":1,"type":"checkpoint","info":true,"value":1}',
    '{"attempt":1,"id":3,"type":"checkpoint","info":true,"value":1}',
    '{"id":3,"attempt":1,"type":"progress","info":true,"fraction":"half"}',
    '{"id":3,"attempt":1,"type":"progress","info":true,"fraction":1,"text":7}',
    '{"id":3,"attempt":1,"type":"progress","fraction":1}',
    '{"id":3,"result":1}',
    "",
  ];
  assertEquals(lines.map(parseUpdate), lines.map(() => undefined));
});
