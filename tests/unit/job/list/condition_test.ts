import { checkNames, readCondition } from "../../../../lib/job/list/condition.ts";
import { toTasks } from "../../../../lib/tasks/source.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

Deno.test("readCondition() finds the names that an expression does not define", async () => {
  const expression = "tags.some((tag) => tag === name) && `${year}` in { x: Math.PI } // id";
  const condition = await readCondition(expression);
  assertEquals(condition.expression, expression);
  assertEquals(condition.names.toSorted(), ["Math", "name", "tags", "year"]);
});

Deno.test("readCondition() refuses what cannot be a condition", async (t) => {
  const cases: [expression: string, why: string][] = [
    ["year > ", "unexpected token at its end"],
    ["year > 2000 and band", "unexpected token at and band"],
    ["year >> > 1", "unexpected token at > 1"],
    ["a; b", "unexpected token at ; b"],
    ["year = 2000", "= sets a value, write === to compare"],
    ["(it) => it.year", "it is a function, write only the expression that it returns"],
    ["name === 'x", "unterminated string constant at 'x"],
  ];
  for (const [expression, why] of cases) {
    await t.step(expression, async () => {
      const message = `Cannot use --where '${expression}': ${why}`;
      assertEquals(await messageOf(readCondition(expression)), message);
    });
  }
});

Deno.test("checkNames() refuses names that are not keys of the first elements", async (t) => {
  const rows = [{ id: 1, name: "a" }, { id: 2, year: 1 }];
  const long = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`key${i}`, i]));
  const cases: [list: unknown[], names: string[], why: string | undefined][] = [
    [rows, ["year", "name", "Math", "it"], undefined],
    [rows, ["yaer"], "no element has the key yaer, did you mean year?"],
    [
      rows,
      ["z"],
      "no element has the key z: the keys of the first ones are id, name, year; write it.z for a " +
      "key of later ones",
    ],
    [
      [long],
      ["q"],
      "no element has the key q: the keys of the first ones are key0, key1, key2, key3, key4, " +
      "key5, key6, key7, ...; write it.q for a key of later ones",
    ],
    [[1, "a"], ["x"], "x is not defined: the elements have no keys, write it"],
  ];
  for (const [list, names, why] of cases) {
    await t.step(`${names} of ${list.length}`, async () => {
      const [batch] = await Array.fromAsync(toTasks(list));
      const checking = checkNames({ expression: "...", names }, batch!);
      const found = await checking.then(() => undefined, ({ message }: Error) => message);
      assertEquals(found, why && `Cannot use --where '...': ${why}`);
    });
  }
});

Deno.test("lines that cannot be read do not refuse a condition", async () => {
  const [batch] = await Array.fromAsync(toTasks(new Blob(["{no\n"]).stream()));
  await checkNames({ expression: "year", names: ["year"] }, batch!);
});

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, UsageError)).message;
}
