import { readJsonSchema } from "../../../../lib/job/schema/json_schema.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { checkFunction } from "../../../../lib/worker/check.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

async function read(schema: unknown, warnings: string[] = []) {
  const text = typeof schema === "string" ? schema : JSON.stringify(schema);
  return await readJsonSchema(text, "the schema s.json", (one) => warnings.push(one));
}

const check = async (schema: unknown, line: string) => checkFunction(await read(schema))(line);

Deno.test("readJsonSchema() checks elements as the draft says", async (t) => {
  const DRAFT = "http://json-schema.org/draft-0";
  const pair = [{ type: "integer" }, { type: "string" }];
  const cases: [schema: object | boolean, line: string, verdict: string][] = [
    [{ type: "integer" }, "1", "true"],
    [{ type: "integer" }, "1.0", "true"],
    [{ type: "integer" }, '"1"', '"must be integer, not \\"1\\""'],
    [{ multipleOf: 0.01 }, "19.99", "true"],
    [{ multipleOf: 0.01 }, "1e22", "true"],
    [{ multipleOf: 0.01 }, "19.995", '"must be multiple of 0.01, not 19.995"'],
    [{ type: "object" }, "[]", '"must be object"'],
    [false, "1", '"boolean schema is false, not 1"'],
    [{ enum: ["a", 2] }, '"b"', '"must be equal to one of the allowed values, [\\"a\\",2]"'],
    [{ required: ["a"] }, "{}", "\"must have required property 'a'\""],
    [{ additionalProperties: false }, '{"b":1}', '"must NOT have additional properties, not b"'],
    [{ properties: { "a/b": { minimum: 3 } } }, '{"a/b":1}', '"[\\"a/b\\"]: must be >= 3, not 1"'],
    [{ properties: { a: { default: [] } } }, '{"b":1}', '[{"b":1,"a":[]}]'],
    [{ $ref: "#/$defs/n", $defs: { n: { type: "null" } } }, "null", "true"],
    [{ format: "date" }, '"2020-02-31"', '"must match format \\"date\\", not \\"2020-02-31\\""'],
    [{ prefixItems: pair }, "[1,2]", '"[1]: must be string, not 2"'],
    [{ $schema: `${DRAFT}7/schema#`, items: pair }, "[1,2]", '"[1]: must be string, not 2"'],
    [{ $schema: "https://json-schema.org/draft-07/schema", type: "null" }, "null", "true"],
    [{ $schema: `${DRAFT}6/schema#`, items: pair }, "[1,2]", '"[1]: must be string, not 2"'],
    [
      { $schema: "https://json-schema.org/draft/2019-09/schema", items: pair },
      "[1,2]",
      '"[1]: must be string, not 2"',
    ],
    [
      { $schema: "https://json-schema.org/draft/2020-12/schema", minimum: 9007199254740992 },
      "9007199254740993",
      "true",
    ],
  ];
  for (const [schema, line, verdict] of cases) {
    await t.step(`${JSON.stringify(schema)} of ${line}`, async () => {
      assertEquals(await check(schema, line), verdict);
    });
  }
});

Deno.test("readJsonSchema() warns of unknown keywords and formats", async () => {
  const warnings: string[] = [];
  await read({ properties: { a: { requird: ["b"] }, b: { format: "colour" } } }, warnings);
  assertEquals(warnings, [
    'Warning: the schema s.json: unknown format: "colour"',
    'Warning: the schema s.json: unknown keyword: "requird"',
  ]);
});

Deno.test("readJsonSchema() refuses what is not a schema", async (t) => {
  const cases: [schema: unknown, reason: string][] = [
    ["{", "it is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
    [[], "it is not a JSON Schema"],
    [
      { type: "int" },
      "schema is invalid: data/type must be equal to one of the allowed values, " +
      "data/type must be array, data/type must match a schema in anyOf",
    ],
    [
      { $ref: "other.json" },
      "it refers to other.json, and other files are not read: copy it to its $defs",
    ],
    [{ $ref: "#/$defs/none" }, "can't resolve reference #/$defs/none from id #"],
    [
      { $schema: "http://json-schema.org/draft-04/schema#" },
      "its $schema is http://json-schema.org/draft-04/schema#, the drafts 2020-12, 2019-09, 7 and " +
      "6 are known",
    ],
  ];
  for (const [schema, reason] of cases) {
    await t.step(JSON.stringify(schema), async () => {
      const { message } = await assertRejects(() => read(schema), UsageError);
      assertEquals(message, `Cannot use the schema s.json: ${reason}`);
    });
  }
});
