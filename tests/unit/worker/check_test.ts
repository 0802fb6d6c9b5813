import { checkFunction, type SchemaIssue, schemaOf } from "../../../lib/worker/check.ts";
import { assertEquals } from "../../support/assert.ts";

type Validate = (value: unknown) => unknown;

const standard = (validate: Validate) => ({ "~standard": { validate } }) as never;
const toValue = (convert: Validate) => standard((value) => ({ value: convert(value) }));

Deno.test("checkFunction() keeps a line, replaces it, or says why it is invalid", async (t) => {
  const add = (more: unknown) => toValue((value) => Object.assign(value as object, more));
  const issue = (message: string, path?: SchemaIssue["path"]) =>
    standard(() => ({ issues: [{ message, path }] }));
  const cases: [name: string, line: string | number, schema: never, verdict: string][] = [
    ["the same value", '{"a": 1.10}', toValue((value) => value), "true"],
    ["an equal value", '{"a":[1]}', toValue((value) => structuredClone(value)), "true"],
    ["a number that is passed as one", 7, toValue((value) => value), "true"],
    ["another value", '"7"', toValue(Number), "[7]"],
    ["a value that has changed itself", '{"a":1}', add({ b: null }), '[{"a":1,"b":null}]'],
    ["a date", "0", toValue((ms) => new Date(ms as number)), '["1970-01-01T00:00:00.000Z"]'],
    [
      "digits beside a default",
      '{"id":9007199254740993,"list":[12345678901234567890]}',
      add({ b: 1 }),
      '[{"id":9007199254740993,"list":[12345678901234567890],"b":1}]',
    ],
    [
      "numbers that JavaScript would write in another way",
      '{"v":3.10,"list":[1.0,1E2,-0,{"w":0.0000001}],"x":2.0}',
      add({ x: 3 }),
      '[{"v":3.10,"list":[1.0,1E2,-0,{"w":0.0000001}],"x":3}]',
    ],
    ["digits of a number that changes", "9007199254740993", toValue(() => 5), "[5]"],
    ["a line that is not JSON", "{oops", toValue((value) => value), "false"],
    ["an issue of the element", "1", issue("is odd"), '"is odd"'],
    [
      "an issue with a path",
      "1",
      issue("is odd", ["a", { key: 0 }, "b c", "d"]),
      '"a[0][\\"b c\\"].d: is odd"',
    ],
    [
      "several issues",
      "1",
      standard(() => ({ issues: ["a", "b", "c", "d"].map((message) => ({ message })) })),
      '"a; b; c; 1 more"',
    ],
    [
      "a schema that throws",
      "1",
      standard(() => {
        throw new RangeError("oh");
      }),
      '"the schema throws RangeError: oh"',
    ],
    ["no value", "1", toValue(() => undefined), '"the schema makes it undefined"'],
    [
      "a value that JSON would change",
      "1",
      toValue(() => ({ a: NaN })),
      '"its value in the schema is not JSON: the value.a is not a finite number"',
    ],
    ["a promise", "1", standard((value) => Promise.resolve({ value: [value] })), "[[1]]"],
    [
      "a promise that rejects",
      "1",
      standard(() => Promise.reject(new Error("oh"))),
      '"the schema throws Error: oh"',
    ],
  ];
  for (const [name, line, schema, verdict] of cases) {
    await t.step(name, async () => assertEquals(await checkFunction(schema)(line), verdict));
  }
});

Deno.test("schemaOf() finds the schema of a function, then that of its module", () => {
  const own = toValue((value) => value), other = toValue((value) => value);
  const fn = (args?: unknown) => Object.assign(() => 1, { args });
  const found = [
    { default: fn(own), schema: other },
    { default: fn(["a"]), schema: other },
    { default: fn(), schema: Object.assign(() => 1, other) },
    { default: fn(), schema: ["a"] },
    { default: undefined, schema: null },
  ].map(schemaOf);
  assertEquals(found.map((one) => one && one["~standard"] !== undefined), [
    ...[true, true, true],
    ...[undefined, undefined],
  ]);
  assertEquals(found[0] === own, true);
  assertEquals(checkFunction(undefined)("1"), "null");
});
