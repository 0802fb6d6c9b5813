import {
  agoText,
  axisTexts,
  cellText,
  clockText,
  columnName,
  degreesText,
  durationText,
  edgeText,
  jsonText,
  ownValue,
  parseDuration,
  progressText,
  shortNumber,
  shownOutput,
  stackWithMessage,
  titleText,
} from "../../../../lib/web/page/format.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("numbers and times are short", () => {
  assertEquals([0, 1234.567, 1e-9, 1e18, -2.5].map(shortNumber), [
    "0",
    "1,235",
    "1.00e-9",
    "1.00e+18",
    "-2.5",
  ]);
  assertEquals([999, 999_999, 1_999_999].map(progressText), ["999", "999.9K", "1.9M"]);
  assertEquals([0.4, 3, 340, 12_300].map(durationText), ["0.4 ms", "3 ms", "340 ms", "12.3 s"]);
  assertEquals([0.1, 79.4, 1000, 199_526, 1e6, 1e7, 1e9].map(edgeText), [
    "0.1 ms",
    "79 ms",
    "1 s",
    "200 s",
    "17 min",
    "2.8 h",
    "12 d",
  ]);
  assertEquals([0, 0.05, 12.5, 90, 3725].map(clockText), [
    "0 s",
    "50 ms",
    "12.5 s",
    "1:30",
    "1:02:05",
  ]);
});

Deno.test("axisTexts() shows the distance between the numbers of an axis", () => {
  const cases: [numbers: number[], texts: string[]][] = [
    [[0, 500, 1000, 1500], ["0", "500", "1K", "1.5K"]],
    [[0, 0.25, 0.5, 0.75], ["0", "0.25", "0.5", "0.75"]],
    [[0.1, 0.2, 0.1 + 0.2], ["0.1", "0.2", "0.3"]],
    [[0, 0.005, 0.01], ["0", "0.005", "0.01"]],
    [[1_700_000_000, 1_700_000_500], ["1,700,000,000", "1,700,000,500"]],
    [[-2e20, 0, 2e20], ["-2e+20", "0", "2e+20"]],
    [[0, 2e-7, 4e-7], ["0", "2e-7", "4e-7"]],
    [[12.3456], ["12.3"]],
    [[], []],
  ];
  for (const [numbers, texts] of cases) assertEquals(axisTexts(numbers), texts);
});

Deno.test("degreesText() counts from the nearer side of the globe", () => {
  const texts = [0, 7.25, -120, 180, 181, -195].map((lon) => degreesText(lon, "E", "W"));
  assertEquals(texts, ["0°", "7.25°E", "120°W", "180°E", "179°W", "165°E"]);
});

Deno.test("agoText() returns the time since a moment", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  const times = ["2026-11-24T11:59:30Z", "2026-11-24T11:01:00Z", "2026-11-24T01:00:00Z"];
  assertEquals([...times, "2026-11-17T12:00:00Z"].map((time) => agoText(time, now)), [
    "just now",
    "59 min ago",
    "11 h ago",
    "7 days ago",
  ]);
});

Deno.test("shownOutput() shows output as a terminal does", () => {
  const texts = [
    "\x1b[31mred\x1b[0m",
    "\r 0 %\r50 %\r99 %",
    "a\rb\r\nc\r",
    "bell\x07 \u202eabc",
    "two\r\nlines",
  ];
  assertEquals(texts.map(shownOutput), [
    ...["red", "99 %", "b\nc", "bell\\u0007 \\u202eabc", "two\nlines"],
  ]);
});

Deno.test("cellText() keeps the digits of integers", () => {
  const values = [2024, 123_456_789, 9_007_199_254_740_991, -0.5, 1 / 7, 12.345678901234, 1e300];
  assertEquals([...values, "a", null].map(cellText), [
    ...["2024", "123456789", "9007199254740991", "-0.5", "0.1428571", "12.34568", "1e+300"],
    ...["a", "null"],
  ]);
});

Deno.test("jsonText() returns a note for a value that is nested too deeply", () => {
  // Browsers differ in the depth that they accept.
  const deep: { toJSON(): unknown } = { toJSON: () => deep.toJSON() };
  assertEquals(jsonText(deep), "(nested too deeply to show)");
  assertEquals(cellText([deep]), "(nested too deeply to show)");
  assertEquals(jsonText([1, null]), "[1,null]");
});

Deno.test("ownValue() returns no property that every object has", () => {
  const odd = JSON.parse('{"__proto__":1,"constructor":2}');
  assertEquals([ownValue(odd, "__proto__"), ownValue(odd, "constructor")], [1, 2]);
  for (const value of [{}, [], null, "text", 1, undefined]) {
    assertEquals([ownValue(value, "__proto__"), ownValue(value, "constructor")], [
      undefined,
      undefined,
    ]);
  }
});

Deno.test("stackWithMessage() has the message of every error", () => {
  const cases: [type: string, message: string, stack: string | undefined, text: string][] = [
    ["Timeout", "too long", "It was waiting", "Timeout: too long\nIt was waiting"],
    ["string", "a text", undefined, "string: a text"],
    ["Error", "no", "Error: no\n    at f", "Error: no\n    at f"],
    ["KeyError", "'b'", "Traceback\n  f\nKeyError: 'b'", "Traceback\n  f\nKeyError: 'b'"],
    [
      "AggregateError",
      "many: a; b",
      "AggregateError: many\nContains a",
      "AggregateError: many\nContains a",
    ],
  ];
  for (const [type, message, stack, text] of cases) {
    assertEquals(stackWithMessage({ type, message, stack, class: "error" }), text);
  }
});

Deno.test("columnName() shortens long names", () => {
  assertEquals(columnName("a".repeat(80)), "a".repeat(80));
  assertEquals(columnName("a".repeat(81)), `${"a".repeat(80)}…`);
});

Deno.test("parseDuration() reads durations with and without units", () => {
  const texts = [
    "",
    " ",
    "2",
    "2 s",
    "500ms",
    "1.5 min",
    ".5m",
    "2h",
    "3 d",
    "2 parsecs",
    "-1",
    "1 2",
  ];
  assertEquals(texts.map(parseDuration), [
    ...[0, 0, 2000, 2000, 500, 90_000, 30_000, 7_200_000, 259_200_000],
    ...[undefined, undefined, undefined],
  ]);
});

Deno.test("titleText() begins with what changes", () => {
  const job = { name: "tiles", state: "running", total: 300, succeeded: 199, failed: 1 };
  assertEquals(titleText(job), "66 %: tiles, dl_jobs");
  assertEquals(titleText({ ...job, total: 0, succeeded: 0 }), "0 %: tiles, dl_jobs");
  assertEquals(titleText({ ...job, isPartial: true }), "200 done: tiles, dl_jobs");
  assertEquals(titleText({ ...job, state: "failed" }), "failed: tiles, dl_jobs");
});
