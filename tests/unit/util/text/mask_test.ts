import { parseExact } from "../../../../lib/values/exact_json.ts";
import { createMask, maskDeep, maskError } from "../../../../lib/util/text/mask.ts";
import { assertEquals } from "../../../support/assert.ts";

const SECRET = 'pa"ss/wörd\\1';

Deno.test("createMask() replaces a value in every form that a text may contain", async (t) => {
  const mask = createMask([SECRET, "short", "longer than the other: abcdefgh", "abcdefgh"])!;
  const base64 = new TextEncoder().encode(SECRET).toBase64();
  const cases: [text: string, expected: string][] = [
    [`a ${SECRET} b ${SECRET}`, "a *** b ***"],
    [JSON.stringify({ key: SECRET }), '{"key":"***"}'],
    [`https://x.test/?t=${encodeURIComponent(SECRET)}&y`, "https://x.test/?t=***&y"],
    [`Basic ${base64}`, `Basic ${base64.replace(base64.replace(/=+$/, ""), "***")}`],
    ["it is short", "it is short"],
    ["longer than the other: abcdefgh", "***"],
    ["abcdefgh", "***"],
    ["", ""],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, () => assertEquals(mask(text), expected));
  }
});

Deno.test("createMask() replaces each line of a value of several lines", () => {
  const mask = createMask(["-----BEGIN-----\r\nMIIabcdef\n\n=\n"])!;
  assertEquals(mask("-----BEGIN-----\nMIIabcdef\n=\n"), "***\n***\n=\n");
});

Deno.test("createMask() returns nothing when no value is long enough", () => {
  assertEquals(createMask([]), undefined);
  assertEquals(createMask(["12345", "  a   ", "\n\n\n\n\n\n", Deno.cwd()]), undefined);
});

Deno.test("maskDeep() replaces texts and keeps everything else", () => {
  const mask = createMask(["123456"])!;
  const date = new Date(0);
  const value = { a: "x123456", ms: 123456, b: [null, true, { c: "123456" }], date };
  assertEquals(maskDeep(value, mask), {
    ...{ a: "x***", ms: 123456, b: [null, true, { c: "***" }], date },
  });
  const text = '{"id":9007199254740993}';
  assertEquals(JSON.stringify(maskDeep(parseExact(text), mask)), text);
});

Deno.test("maskError() replaces values in an error and its causes", () => {
  const mask = createMask(["123456"])!;
  const inner = new Error("inner 123456"), error = new TypeError("outer 123456", { cause: inner });
  assertEquals(maskError(error, mask), error);
  assertEquals([error.message, inner.message], ["outer ***", "inner ***"]);
  assertEquals([error.stack, inner.stack].join().includes("123456"), false);
  assertEquals(maskError("123456", mask), "123456");
});
