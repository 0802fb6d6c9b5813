import { EventChecker } from "../../../lib/journal/check.ts";
import { assertEquals } from "../../support/assert.ts";
import { encode } from "./_events.ts";

const FAILED =
  '{"id":2,"attempt":1,"type":"failed","ms":1,"error":{"message":"no","type":"Error","class":"error"}}\n';

Deno.test("EventChecker finds events that cannot be correct", async (t) => {
  const block = '{"id":0,"count":2,"bytes":4}\n1\n2\n';
  const cases: [events: string, checked: number, problem?: string][] = [
    [block + FAILED, block.length + FAILED.length],
    [block + '{"id":2,"res', block.length],
    [block.slice(0, -1), 0],
    [FAILED + '{"id":2,"attempt":1,"type":"queued"}\n{"id":2,"result":1}\n', FAILED.length + 57],
    ['{"id":0,"type":"x","info":true}\n', 32],
    [
      '{"id":0,"count":3,"bytes":4}\n1\n2\n',
      0,
      "the block of task 0 has not the 3 results of its head",
    ],
    [
      '{"id":0,"count":1,"bytes":4}\n1,2\n',
      0,
      "Unexpected non-whitespace character after JSON at position 1 (line 1 column 2)",
    ],
    ['{"id":0,"count":1,"bytes":2}\n\0\n', 0, "Unexpected token '\0', \"\0\" is not valid JSON"],
    [block + block, block.length, "task 0 has ended twice"],
    [FAILED + FAILED, FAILED.length, "task 2 has ended twice"],
    ['{"id":5,"result":1}\n', 0, "task 5 is not in the list"],
    ['{"id":-1,"attempt":1,"type":"lost"}\n', 0, "the event of -1 names no task"],
    [
      '{"journal":3,"job":"x"}\n',
      0,
      'Cannot read an event of the type "undefined": this version ' +
      "does not know it, use a newer version of dl_jobs",
    ],
    ["1\n", 0, "a line is not an event"],
  ];
  for (const [events, checked, problem] of cases) {
    await t.step(JSON.stringify(events), () => {
      const checker = new EventChecker(5);
      assertEquals([checker.check(encode(events)), checker.problem], [checked, problem]);
    });
  }
});
