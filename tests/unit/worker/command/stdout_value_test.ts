import { stdoutValue } from "../../../../lib/worker/command/stdout_value.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

type StdoutKind = Parameters<typeof stdoutValue>[1];

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("stdout becomes the JSON of a result", async (t) => {
  const cases: [kind: StdoutKind, text: string, json: string][] = [
    [undefined, "", '""'],
    [undefined, "a\n", '"a"'],
    [undefined, "a\r\n\n", '"a\\r\\n"'],
    [undefined, "ERROR no", '"ERROR no"'],
    [undefined, "\ufeffé\u0000", '"\ufeffé\\u0000"'],
    ["lines", "", "[]"],
    ["lines", "\n", '[""]'],
    ["lines", "a\nb", '["a","b"]'],
    ["lines", "a\n\nb\n", '["a","","b"]'],
    [
      "json",
      '{\n\t"a": 9007199254740993,\r\n  "b": 1.10\n}\n',
      '{"a": 9007199254740993,"b": 1.10}',
    ],
    ["json", ' "a\\n" ', '"a\\n"'],
    ["json", '\ufeff{"a":1}\r\n', '{"a":1}'],
    ["none", "anything", "null"],
  ];
  for (const [kind, text, json] of cases) {
    await t.step(`${kind} of ${JSON.stringify(text)}`, () => {
      assertEquals(stdoutValue(bytes(text), kind), json);
    });
  }
});

Deno.test("stdout of another form is an error with advice", async (t) => {
  const cases: [kind: StdoutKind, stdout: Uint8Array, message: RegExp][] = [
    [
      undefined,
      Uint8Array.of(0xff),
      /^its stdout is not UTF-8: let it write a file below \$DL_JOBS_DIR, and/,
    ],
    ["lines", Uint8Array.of(0xc3), /^its stdout is not UTF-8/],
    [
      "json",
      bytes(""),
      /^its stdout is empty, not JSON: pass --stdout none, or let it print a value$/,
    ],
    ["json", bytes("NaN"), /^its stdout is not JSON: .*; pass --stdout text to keep it as it is$/],
    ["json", bytes("1\n2\n"), /^its stdout is not JSON: /],
  ];
  for (const [kind, stdout, message] of cases) {
    await t.step(`${kind}: ${message}`, () => {
      assertEquals(
        message.test(assertThrows(() => stdoutValue(stdout, kind), TypeError).message),
        true,
      );
    });
  }
});

Deno.test("stdout whose JSON is too long for a text is an error with advice", async (t) => {
  const advice = "its stdout is too long for a result, as JSON, which needs up to six characters " +
    "for one: let it write a file below $DL_JOBS_DIR, and pass --stdout none";
  const cases: [kind: StdoutKind, length: number, byte: number][] = [
    [undefined, 1e8, 0],
    ["lines", 1.5e8, 10],
  ];
  for (const [kind, length, byte] of cases) {
    await t.step(`${kind}: ${length} bytes of ${byte}`, () => {
      const stdout = new Uint8Array(length).fill(byte);
      assertEquals(assertThrows(() => stdoutValue(stdout, kind), RangeError).message, advice);
    });
  }
});
