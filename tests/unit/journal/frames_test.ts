import { type Damage, frameLine, FrameScanner } from "../../../lib/journal/frames.ts";
import { assertEquals } from "../../support/assert.ts";
import { encode, frame } from "./_events.ts";

const EVENTS = [
  '{"id":0,"result":1}\n',
  // Results that look like the last line of a frame.
  '{"id":1,"count":2,"bytes":70}\n{"frame":2,"bytes":20,"sum":1}\n{"frame":9,"bytes":30,"sum":36}\n',
  '{"id":3,"ms":5,"result":{"id":3}}\n{"id":4,"result":"ü"}\n',
  '{"id":5,"attempt":1,"type":"queued"}\n',
];
const FRAMES = EVENTS.map((events, i) => frame(i + 1, events));
const AT = FRAMES.map((_, i) => FRAMES.slice(0, i).join("")).map((text) => encode(text).length);
const [F1 = "", F2 = "", F3 = "", F4 = ""] = FRAMES;
const OTHER = EVENTS[1]! + frameLine("b job", 2, encode(EVENTS[1]!));

/** Scans a journal that is read in two parts. */
function scan(bytes: Uint8Array, cut: number) {
  const scanner = new FrameScanner("a job"), first = scanner.take(bytes.subarray(0, cut));
  const second = scanner.take(bytes.subarray(first.used));
  const events = [...first.events, ...second.events];
  events.push(...scanner.end(bytes.subarray(first.used + second.used)));
  const texts = events.map((chunk) => EVENTS.indexOf(new TextDecoder().decode(chunk)) + 1);
  return { frames: texts, damages: scanner.damages, tail: scanner.tail };
}

Deno.test("FrameScanner believes frames with correct checksums only, and limits damage", async (t) => {
  const cases: [name: string, text: string, frames: number[], damages: Damage[], tail?: Damage][] =
    [
      ["sound", F1 + F2 + F3 + F4, [1, 2, 3, 4], []],
      ["a changed digit", F1 + F2 + F3.replace("5,", "6,") + F4, [1, 2, 4], [
        { at: AT[2]!, bytes: encode(F3).length },
      ]],
      ["a longer block", F1 + F2.replace('"bytes":70', '"bytes":99') + F3 + F4, [1, 3, 4], [
        { at: AT[1]!, bytes: encode(F2).length },
      ]],
      ["a huge block", F1 + F2.replace('"bytes":70', '"bytes":700') + F3 + F4, [1, 3, 4], [
        { at: AT[1]!, bytes: encode(F2).length + 1 },
      ]],
      ["a changed checksum", F1.replace(/\d\}\n$/, "x}\n") + F2 + F3, [2, 3], [
        { at: 0, bytes: F1.length },
      ]],
      ["a lost newline", F1 + F2.slice(0, -1) + F3 + F4, [1, 3, 4], [
        { at: AT[1]!, bytes: encode(F2).length - 1 },
      ]],
      ["a cut frame", F1 + F3 + F4, [1, 3, 4], [{ at: AT[1]!, bytes: 0 }]],
      ["a frame twice", F1 + F2 + F2 + F3, [1, 2, 3], [{ at: AT[2]!, bytes: encode(F2).length }]],
      ["a frame again at the end", F1 + F2 + F1, [1, 2], [{ at: AT[2]!, bytes: F1.length }]],
      ["swapped frames", F1 + F3 + F2 + F4, [1, 3, 4], [
        { at: AT[1]!, bytes: 0 },
        { at: AT[1]! + encode(F3).length, bytes: encode(F2).length },
      ]],
      ["a frame of another job", F1 + OTHER + F3, [1, 3], [
        { at: AT[1]!, bytes: encode(OTHER).length },
      ]],
      ["an unfinished end", F1 + F2.slice(0, 50), [1], [], { at: AT[1]!, bytes: 50 }],
      ["zeros", F1 + "\0".repeat(100) + F3, [1, 3], [{ at: AT[1]!, bytes: 100 }]],
    ];
  for (const [name, text, frames, damages, tail] of cases) {
    await t.step(name, () => {
      const bytes = encode(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        assertEquals(scan(bytes, cut), { frames, damages, tail }, `cut at ${cut}`);
      }
    });
  }
});
