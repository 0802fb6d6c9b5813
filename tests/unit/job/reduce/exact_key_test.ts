import { exactKey } from "../../../../lib/job/reduce/exact_key.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("exactKey() returns the keys that a double does not hold", async (t) => {
  const float = '"mean":0.12345678901234567';
  const cases: [result: string, args: string | undefined, key: string | undefined][] = [
    ['{"k":9007199254740993}', undefined, "9007199254740993"],
    ['{"k":[9007199254740993,1]}', undefined, "[9007199254740993,1]"],
    ['{"k":0.10000000000000000001}', undefined, "0.10000000000000000001"],
    [`{${float}}`, '{"k":9007199254740993}', "9007199254740993"],
    [`{"k":null,${float}}`, '{"k":9007199254740993}', undefined],
    [`{"k":"9007199254740993",${float}}`, undefined, undefined],
    [`{"k":2020,${float}}`, undefined, undefined],
    [`{${float}}`, undefined, undefined],
  ];
  for (const [result, args, key] of cases) {
    await t.step(result, () => assertEquals(exactKey({ id: 0, result, args }, "k"), key));
  }
});
