import { parseEnvLines } from "../../../lib/config/env_lines.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("parseEnvLines() reads values as Node does", async (t) => {
  const cases: [text: string, ...variables: [name: string, value: string][]][] = [
    ["", ...[]],
    ["# no\u2028te\n\n \t\r\n  # A=1", ...[]],
    ["A=1\r\nB=2\r\n", ["A", "1"], ["B", "2"]],
    ["A=", ["A", ""]],
    ["A= # empty\nB=2", ["A", ""], ["B", "2"]],
    ["  A = x y \t# note # more", ["A", "x y"]],
    ["export A=1\n\texport  B=2\nexports=3", ["A", "1"], ["B", "2"], ["exports", "3"]],
    ["A=x\u00a0 \t\nB=\ufeffy\u3000", ["A", "x\u00a0"], ["B", "\ufeffy\u3000"]],
    ["A=x=y==\nA=2", ["A", "x=y=="], ["A", "2"]],
    ["A='x # \"y\"'#c\nB=`it's`", ["A", 'x # "y"'], ["B", "it's"]],
    ["A=\"x\\ny\"\nB='x\\ny'\nC=x\\ny", ["A", "x\ny"], ["B", "x\\ny"], ["C", "x\\ny"]],
    ['A="-----BEGIN-----\nMII=\n-----END-----" \nB=2', [
      "A",
      "-----BEGIN-----\nMII=\n-----END-----",
    ], [
      "B",
      "2",
    ]],
    ['A={"a": "b"}\nB=$A ${A}\nC=5\' 3"', ["A", '{"a": "b"}'], ["B", "$A ${A}"], ["C", "5' 3\""]],
    ["__proto__=1\na.b-c=2", ["__proto__", "1"], ["a.b-c", "2"]],
    ["A=\"\"\nB=''", ["A", ""], ["B", ""]],
  ];
  for (const [text, ...variables] of cases) {
    await t.step(
      JSON.stringify(text),
      () => assertEquals(parseEnvLines(text, "Cannot"), variables),
    );
  }
});

Deno.test("parseEnvLines() refuses lines of which a part would be lost, without their values", async (t) => {
  const noVariable = /^the line does not have the form NAME=VALUE, write it like that, or make it /;
  const hash = /^the value of A contains #, write the value in quotes, or a blank before #$/;
  const after =
    /^text follows the quote at the end of the value of A, remove it, or write the whole /;
  const open = /^the value of A begins with a quote, write the quote at its end$/;
  const escape =
    /^the value of A has a quote after a backslash, .*, write it in other quotes, or wi/;
  const cases: [text: string, line: number, reason: RegExp][] = [
    ["B=1\ns3cret\nC=2", 2, noVariable],
    ["A: s3cret", 1, noVariable],
    ["=s3cret", 1, noVariable],
    ["export A", 1, noVariable],
    ["set A=s3cret", 1, noVariable],
    ["A=-----BEGIN-----\ns3cret\n-----END-----", 2, noVariable],
    ["A=s3cret#part", 1, hash],
    ["A=http://a/#s3cret", 1, hash],
    ["A=#s3cret", 1, hash],
    ['\nA="s3cret" more', 2, after],
    ["A='it''s3cret'", 1, after],
    ['A="s3cret";B=2', 1, after],
    ['A="s3cret\nB=2', 1, open],
    ['A="s3cret\\"more"', 1, escape],
    ["A='s3cret'\\''more'", 1, after],
    ['A="C:\\s3cret\\"', 1, escape],
    ["A=s3cret\rB=2\r", 1, /^the value of A contains CR, end the lines of the file with LF$/],
  ];
  for (const [text, line, reason] of cases) {
    await t.step(JSON.stringify(text), () => {
      const { message } = assertThrows(() => parseEnvLines(text, "Cannot read a.env"), UsageError);
      const prefix = `Cannot read a.env:${line}: `;
      assertEquals(message.slice(0, prefix.length), prefix);
      assertEquals(reason.test(message.slice(prefix.length)), true, message);
      assertEquals(message.includes("s3cret"), false);
    });
  }
});
