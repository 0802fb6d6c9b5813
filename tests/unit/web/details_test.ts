import type { LogLine } from "../../../lib/journal/format.ts";
import { detailsOf, lastLogs } from "../../../lib/web/details.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";

const RECORD = { id: "j", started: "2026-11-24T02:00:00.000Z" };

function piece(id: number, text: string, stream: LogLine["stream"] = "stdout"): LogLine {
  return { id, attempt: 1, stream, text };
}

Deno.test("the logs of the page have whole lines, which tasks write in pieces", async (t) => {
  const pieces = [
    piece(0, "read ti"),
    piece(1, "whole\n"),
    piece(0, "le 7\nwri"),
    piece(0, "a note", "log"),
    piece(1, "C:\\n"),
    piece(0, "ting\n"),
    piece(1, "ew\n"),
    piece(0, "wait"),
  ];
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": '{"journal":2,"job":"j"}\n',
    "logs.ndjson": pieces.map((one) => `${JSON.stringify(one)}\n`).join(""),
  });
  const [tile, whole, note, writing, file, wait] = [
    piece(0, "read tile 7\n"),
    piece(1, "whole\n"),
    piece(0, "a note", "log"),
    piece(0, "writing\n"),
    piece(1, "C:\\new\n"),
    piece(0, "wait"),
  ] as const;
  await t.step("of a job", async () => {
    const all = [whole, tile, note, writing, file, wait];
    assertEquals(await lastLogs(folder.path), all);
  });
  await t.step("of a task", async () => {
    assertEquals((await detailsOf(folder.path, 0)).logs, [tile, note, writing, wait]);
  });
  await t.step("with a text", async () => {
    const cases: [text: string, lines: LogLine[]][] = [
      ["TILE", [tile]],
      ["writing", [writing]],
      ["c:\\new", [file]],
      ["wait", [wait]],
      ["o", [whole, note]],
      ["ti", [tile, writing]],
    ];
    for (const [text, lines] of cases) assertEquals(await lastLogs(folder.path, text), lines);
  });
});

Deno.test("the details of a task have the start of a long result", async () => {
  const text = "x".repeat(300_000), short = "y".repeat(90_000);
  const lines = [{ id: 0, ms: 5, result: text }, { id: 1, ms: 6, result: short }];
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": ['{"journal":2,"job":"j"}', ...lines.map((line) => JSON.stringify(line))]
      .map((line) => `${line}\n`).join(""),
    "tasks.ndjson": "0\n1\n",
  });
  const { events } = await detailsOf(folder.path, 0), start = `"${text.slice(0, 99_999)}`;
  assertEquals(events, [{ id: 0, attempt: 1, type: "succeeded", ms: 5, start, length: 300_002 }]);
  const { events: [whole] } = await detailsOf(folder.path, 1);
  assertEquals(whole, { id: 1, attempt: 1, type: "succeeded", ms: 6, result: short });
});

Deno.test("the details of a task keep all digits of its result, its error and its logs", async () => {
  const value = '{"ERROR":"no","id":9007199254740993}';
  const lines = [
    '{"id":0,"count":2,"bytes":31}',
    "[9007199254740993]",
    "[1.10,null]",
    '{"id":2,"ms":5,"result":18446744073709551616}',
    `{"id":3,"attempt":1,"type":"failed","ms":1,"error":{"message":"no","value":${value}}}`,
  ];
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": ['{"journal":2,"job":"j"}', ...lines].map((line) => `${line}\n`).join(""),
    "logs.ndjson":
      '{"id":3,"attempt":1,"stream":"log","text":"a","fields":{"n":9007199254740993}}\n',
    "tasks.ndjson": "0\n".repeat(4),
  });
  const textOf = async (id: number) => JSON.stringify(await detailsOf(folder.path, id));
  assertMatch(await textOf(0), /"result":\[9007199254740993\]/);
  assertMatch(await textOf(1), /"result":\[1\.10,null\]/);
  assertMatch(await textOf(2), /"result":18446744073709551616/);
  assertMatch(await textOf(3), /"value":\{"ERROR":"no","id":9007199254740993\}/);
  assertMatch(await textOf(3), /"fields":\{"n":9007199254740993\}/);
});
