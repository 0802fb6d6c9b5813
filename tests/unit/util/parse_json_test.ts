import { parseJson } from "../../../lib/util/parse_json.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

/** Pairs of keys of which the first, as a value, begins like the second one in quotes. */
const PAIRS = [
  [String.raw`"\\"`, String.raw`"\n"`],
  [String.raw`"\\"`, String.raw`"\""`],
  [String.raw`"\\"`, String.raw`"\u0041"`],
  [String.raw`"a\\"`, String.raw`"a\t"`],
  [String.raw`"\\t"`, String.raw`"\tx"`],
  [String.raw`"\\\\"`, String.raw`"\\x"`],
  [String.raw`"${"long ".repeat(100)}\\"`, String.raw`"${"long ".repeat(100)}\b"`],
];

Deno.test("parseJson() reads each key after another one that begins like it", () => {
  for (const [earlier, later] of PAIRS) {
    const want = JSON.parse(later!);
    // White space may precede the colon.
    for (const colon of [":", " :", "\n:\t"]) {
      parseJson(`{"k":7,${earlier}:1}`);
      const text = `{"k":7,${later}${colon}1.0}`;
      assertEquals(Object.keys(parseJson(text)), ["k", want]);
      const sources: unknown[] = [];
      parseJson(text, (_key, value, { source }) => sources.push(source) && value);
      assertEquals(sources.filter((source) => source !== undefined), ["7", "1.0"]);
      const [, last] = parseJson(`[{"s":"ж",${earlier}:1},{"s":"ж",${later}${colon}1}]`);
      assertEquals(Object.keys(last), ["s", want]);
    }
  }
});

Deno.test("parseJson() reads objects with escaped keys as JSON.parse() does", () => {
  const texts = [
    String.raw`{"\u0061":1,"b":2,"a":3}`,
    String.raw`{"b":1,"\u0032":2,"1":3}`,
    String.raw`{"\u005f_proto__":{"x":1},"y":{"__proto__":null}}`,
    String.raw` [ { "\n" : [ ] , "" : { } , "x" : "]}\\\"" } , -1.5e3 , true , null , "\n\"" ] `,
    String.raw`{"text":"a \"b\": {\"c\":1}","a\\":[[1,[2]],{"\"":"\\"}],"d:":":"}`,
    String.raw`[":\\","\\",":","a\\",{":":":"}]`,
    String.raw`":\\"`,
    String.raw`{"\ud83d\ude00":1,"\ud800":2}`,
  ];
  for (const text of texts) {
    const value = parseJson(text);
    assertEquals(value, JSON.parse(text), text);
    assertEquals(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
  }
  assertEquals(Object.getPrototypeOf(parseJson(texts[2]!)), Object.prototype);
});

Deno.test("parseJson() passes all values to a reviver", () => {
  const text = String.raw`{"\n":[1.10,{"a":2}],"b":3}`;
  const value = parseJson(text, (_key, value, { source }) => source ?? value);
  assertEquals(value, { "\n": ["1.10", { a: "2" }], b: "3" });
});

Deno.test("parseJson() refuses what JSON.parse() refuses", () => {
  for (const text of [String.raw`{"\n":1,}`, String.raw`{"\n":1`, String.raw`{"\x":1}`, ""]) {
    const { message } = assertThrows(() => JSON.parse(text), SyntaxError);
    assertThrows(() => parseJson(text), SyntaxError, message);
  }
});
