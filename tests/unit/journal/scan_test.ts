import { blockHead, eventLine, successLine, type TaskEvent } from "../../../lib/journal/format.ts";
import { eachResult, parseEvents, scanEvents, wholeEnd } from "../../../lib/journal/scan.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Results with text that resembles other parts of a journal. */
const RESULTS: readonly unknown[] = [
  1,
  -2.5,
  null,
  "",
  [],
  ',"result":',
  '{"id":3,"count":2,"bytes":4}',
  { id: 7, attempt: 3, ms: 2, type: "failed", result: 1 },
  { id: 7, count: 3, bytes: 2 },
  '"}',
  "ü€😀\u2028",
  "a\nb",
];

const FAILED: TaskEvent = {
  id: 90,
  attempt: 2,
  type: "failed",
  ms: 3,
  error: { message: ',"result":1', type: "Error", class: "error" },
};

function blockOf(id: number, results: readonly unknown[], ms?: number): string {
  const lines = results.map((result) => JSON.stringify(result) + "\n").join("");
  const bytes = encoder.encode(lines).length, count = results.length;
  return blockHead({ id, count, bytes, ms }) + lines;
}

const JOURNAL = [
  blockOf(0, RESULTS, 5),
  eventLine(FAILED) + "\n",
  ...RESULTS.map((result, i) =>
    successLine(20 + i, 1 + i % 3, i / 2, JSON.stringify(result)) + "\n"
  ),
  blockOf(50, ["a", "b"]),
  eventLine({ id: 3, attempt: 1, type: "queued" }) + "\n",
].join("");

Deno.test("parseEvents() returns an event for each task of a result block and of a line", () => {
  const expected: TaskEvent[] = [
    ...RESULTS.map((result, id) => (
      { id, attempt: 1, type: "succeeded", ms: 5 / RESULTS.length, result } as const
    )),
    FAILED,
    ...RESULTS.map((result, i) => (
      { id: 20 + i, attempt: 1 + i % 3, type: "succeeded", ms: i / 2, result } as const
    )),
    ...["a", "b"].map((result, i) => (
      { id: 50 + i, attempt: 1, type: "succeeded", ms: 0, result } as const
    )),
    { id: 3, attempt: 1, type: "queued" },
  ];
  assertEquals(parseEvents(JOURNAL), expected);
  assertEquals(parseEvents(""), []);
});

Deno.test("eachResult() passes the bytes of each result, with its task", () => {
  const found: [id: number, text: string][] = [];
  eachResult(encoder.encode(JOURNAL), (id, result) => found.push([id, decoder.decode(result)]));
  const texts = RESULTS.map((result) => JSON.stringify(result));
  assertEquals(found, [
    ...texts.map((text, id) => [id, text]),
    ...texts.map((text, i) => [20 + i, text]),
    [50, '"a"'],
    [51, '"b"'],
  ]);
});

Deno.test("scanEvents() passes the offsets of every event", () => {
  const bytes = encoder.encode(JOURNAL);
  let end = 0, text = "";
  const piece = (start: number, to: number) => {
    assertEquals(start, end);
    end = to;
    return decoder.decode(bytes.subarray(start, to));
  };
  scanEvents(bytes, {
    block: (_head, start, _results, to) => text += piece(start, to),
    success: (_id, start, _result, to) => text += piece(start, to + 1),
    other: (start, to) => text += piece(start, to + 1),
  });
  assertEquals(text, JOURNAL);
});

Deno.test("scanEvents() finds no result in a line that is not a success", async (t) => {
  const lines = [
    eventLine(FAILED),
    '{"id":3,"attempt":1,"stream":"stdout","text":",\\"result\\":1"}',
    '{"id":3,"text":"x","result":1}',
    '{"id":3}',
    '{"idle":3}',
    '{"broken":{"message":"x"}}',
  ];
  for (const line of lines) {
    await t.step(line, () => {
      const found: string[] = [];
      const fail = () => assert(false, "it is not a success");
      const bytes = encoder.encode(line + "\n");
      scanEvents(bytes, {
        block: fail,
        success: fail,
        other: (start, end) => found.push(decoder.decode(bytes.subarray(start, end))),
      });
      assertEquals(found, [line]);
    });
  }
});

Deno.test("wholeEnd() keeps the whole events of what is cut anywhere", () => {
  const bytes = encoder.encode(JOURNAL), all = parseEvents(JOURNAL);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const end = wholeEnd(bytes.subarray(0, cut));
    const events = parseEvents(decoder.decode(bytes.subarray(0, end)));
    assertEquals(events, all.slice(0, events.length));
    assert(end === bytes.length || wholeEnd(bytes.subarray(end)) + end > cut, "no event is left");
  }
});

Deno.test("parseEvents() passes over informative events of unknown types, and no others", () => {
  const known = '{"id":0,"result":1}\n', unknown = '{"id":0,"type":"seen","info":true}\n';
  assertEquals(parseEvents(known + unknown), parseEvents(known));
  assertThrows(
    () => parseEvents('{"id":0,"type":"seen"}\n'),
    Error,
    'Cannot read an event of the type "seen": this version does not know it, ' +
      "use a newer version of dl_jobs",
  );
});
