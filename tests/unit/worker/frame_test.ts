import { frameHead, FrameReader, ProtocolError } from "../../../lib/worker/frame.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { frame } from "../../support/worker_frames.ts";

const TOKEN = "0f0e";
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("FrameReader finds a frame, and waits for the rest of an incomplete one", () => {
  const text = `..${frame(TOKEN, { id: 7, count: 2 }, "1\n2\n")}`;
  const reader = new FrameReader(TOKEN);
  assertEquals(reader.at(encode(text), 2), {
    head: { id: 7, count: 2, bytes: 4 },
    start: 17,
    body: text.indexOf("\n") + 1,
    end: text.length - 2,
    next: text.length,
  });
  for (let length = 3; length < text.length; length++) {
    assertEquals(reader.at(encode(text.slice(0, length)), 2), undefined, `${length} bytes`);
  }
});

Deno.test("FrameReader refuses all other bytes", async (t) => {
  const start = "a block does not begin with the token of its worker";
  const cases: [name: string, text: string, message: string][] = [
    ["text", "hello", start],
    ["another token", frame("0f0f", {}, "1\n"), start],
    ["no token", frame("", {}, "1\n"), start],
    ["no RS", frame(TOKEN, {}, "1\n").slice(1), start],
    ["NULs", "\0".repeat(100), start],
    ["a negative length", frame(TOKEN, { bytes: -1 }, ""), invalid('{"bytes":-1}')],
    ["a huge length", frame(TOKEN, { bytes: 1e12 }, ""), invalid('{"bytes":1000000000000}')],
    ["a fraction", frame(TOKEN, { bytes: 1.5 }, ""), invalid('{"bytes":1.5}')],
    ["no length", head('{"id":1}'), invalid('{"id":1}')],
    ["a zero before a number", head('{"bytes":01}'), invalid('{"bytes":01}')],
    ["null", head("null"), invalid("null")],
    [
      "an unsafe integer",
      head('{"id":12345678901234567,"bytes":1}'),
      invalid('{"id":12345678901234567,"bytes":1}'),
    ],
    ["a prototype", head('{"__proto__":1,"bytes":1}'), invalid('{"__proto__":1,"bytes":1}')],
    [
      "another head than that of the checksum",
      head('{"bytes":1}').replace("1}", "2}"),
      invalid('{"bytes":2}'),
    ],
    ["a line without an end", `\x1e${TOKEN}${"x".repeat(300)}`, "a block has no head"],
    [
      "a longer body",
      frame(TOKEN, { bytes: 2 }, "1\n2\n"),
      "a block does not end where its head says",
    ],
    [
      "a shorter body",
      frame(TOKEN, { bytes: 4 }, "1\n") + "...",
      "a block does not end where its head says",
    ],
  ];
  for (const [name, text, message] of cases) {
    await t.step(name, () => {
      assertThrows(() => new FrameReader(TOKEN).at(encode(text), 0), ProtocolError, message);
    });
  }
});

const head = (text: string) => frameHead(TOKEN, `${text}\n`);
const invalid = (head: string) => `a block has the invalid head ${JSON.stringify(head)}`;
