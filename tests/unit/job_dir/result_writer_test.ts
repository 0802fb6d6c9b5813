import { splitEvents } from "../../../lib/job_dir/event_lines.ts";
import { ResultWriter } from "../../../lib/job_dir/result_writer.ts";
import { blockHead, successLine } from "../../../lib/journal/format.ts";
import { JournalState } from "../../../lib/journal/state.ts";
import { LineFile } from "../../../lib/util/files/line_file.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { readLines } from "../../support/jobs.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A sink that keeps its lines. */
function listSink() {
  const lines: string[] = [];
  return { lines, write: (bytes: Uint8Array) => void lines.push(new TextDecoder().decode(bytes)) };
}

const PLAIN = { grouped: false, ordered: false, outputSinks: [], resultSinks: [] };
const line = (id: number, result: string) => successLine(id, 1, 0, result) + "\n";
const error =
  '{"ERROR":"no","ARGS":1,"KWARGS":{},"type":"Error","class":"error","task":0,"attempts":1}';

Deno.test("ResultWriter writes an element of a list on a line, and results to their sinks", async () => {
  await using folder = await makeFolder();
  using results = new LineFile(`${folder.path}/r`);
  using errors = new LineFile(`${folder.path}/e`);
  const output = listSink(), each = listSink();
  const sinks = { outputSinks: [output], resultSinks: [each] };
  const writer = new ResultWriter({ ...PLAIN, ...sinks, results, errors });
  const returned = { ERROR: "bad", ARGS: 2, type: "Error", class: "error" };
  await writer.write(
    splitEvents(encode(line(0, "1") + line(1, `[2,${JSON.stringify(returned)}]`))),
  );
  await writer.fail(0, error);
  for (const file of [results, errors]) file.flush();
  assertEquals(readLines(`${folder.path}/r`).slice(0, 2), ["1", "2"]);
  assertEquals(output.lines.join("").split("\n").slice(0, 2), ["1", "2"]);
  assertEquals(each.lines, [`1\n[2,${JSON.stringify(returned)}]\n`]);
  assertEquals(readLines(`${folder.path}/e`).at(-1), error);
});

Deno.test("ResultWriter keeps the digits of the elements of a list", async () => {
  const output = listSink();
  const writer = new ResultWriter({ ...PLAIN, outputSinks: [output] });
  await writer.write(
    splitEvents(encode(line(0, '[9007199254740993,1.10,{"id":9007199254740993}]'))),
  );
  assertEquals(output.lines, ['9007199254740993\n1.10\n{"id":9007199254740993}\n']);
});

Deno.test("ResultWriter keeps a list on one line where results are grouped", async () => {
  const output = listSink();
  const writer = new ResultWriter({ ...PLAIN, grouped: true, outputSinks: [output] });
  await writer.write(splitEvents(encode(blockHead({ id: 0, count: 2, bytes: 8 }) + "[1,2]\n3\n")));
  assertEquals(output.lines, ["[1,2]\n3\n"]);
});

Deno.test("ResultWriter writes errors to the results file when there is no errors file", async () => {
  await using folder = await makeFolder();
  using results = new LineFile(`${folder.path}/r`);
  const writer = new ResultWriter({ ...PLAIN, results });
  await writer.fail(0, error);
  results.flush();
  assertEquals(readLines(`${folder.path}/r`), [error]);
});

Deno.test("ResultWriter keeps the order of the list, across failures and writers", async () => {
  const output = listSink();
  const first = new ResultWriter({ ...PLAIN, ordered: true, outputSinks: [output] });
  await first.write(splitEvents(encode(line(2, "2") + line(1, "1"))));
  assertEquals([output.lines, first.next], [[], 0]);
  await first.fail(0, error);
  assertEquals([output.lines, first.next], [["1\n2\n"], 3]);
  const second = new ResultWriter({ ...PLAIN, ordered: true, outputSinks: [output] });
  second.continueFrom(first);
  await second.write(splitEvents(encode(line(3, "3"))));
  assertEquals(output.lines, ["1\n2\n", "3\n"]);
  assertEquals(new ResultWriter(PLAIN).next, Infinity);
});

Deno.test("ResultWriter does not send what earlier runs have sent, but keeps it in order", async () => {
  const output = listSink(), own = listSink();
  const first = new ResultWriter({ ...PLAIN, ordered: true });
  await first.write(splitEvents(encode(line(1, "1") + line(4, "4") + line(5, "5"))));
  const past = new JournalState();
  for (let id = 0; id < 6; id++) {
    past.event({ id, attempt: 1, type: "succeeded", ms: 0, result: 1 });
  }
  first.markSent(past);
  const sinks = { outputSinks: [output], resultSinks: [own] };
  const second = new ResultWriter({ ...PLAIN, ordered: true, ...sinks });
  second.continueFrom(first);
  await second.write(splitEvents(encode(line(2, "2"))));
  await second.write(splitEvents(encode(line(0, "0"))));
  assertEquals([output.lines, own.lines], [["0\n", "2\n"], ["0\n", "1\n", "2\n"]]);
  await second.fail(3, error);
  await second.write(splitEvents(encode(line(6, "6"))));
  assertEquals(output.lines, ["0\n", "2\n", "6\n"]);
  assertEquals(own.lines.join(""), "0\n1\n2\n4\n5\n6\n");
});

Deno.test("ResultWriter sends one batch after the other to a slow sink", async () => {
  const seen: string[] = [];
  const slow = {
    async write(bytes: Uint8Array) {
      const text = new TextDecoder().decode(bytes);
      seen.push(`begin ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(`end ${text}`);
    },
  };
  const writer = new ResultWriter({ ...PLAIN, outputSinks: [slow] });
  await Promise.all([0, 1].map((id) => writer.write(splitEvents(encode(line(id, `${id}`))))));
  assertEquals(seen, ["begin 0\n", "end 0\n", "begin 1\n", "end 1\n"]);
});
