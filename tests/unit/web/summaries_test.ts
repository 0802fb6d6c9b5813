import { ListFile } from "../../../lib/job_dir/list_file.ts";
import { JobLock } from "../../../lib/job_dir/lock.ts";
import {
  blockHead,
  eventLine,
  type FailedEvent,
  successLine,
} from "../../../lib/journal/format.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { crc32Text } from "../../../lib/util/bytes/crc32.ts";
import { binOf } from "../../../lib/web/protocol.ts";
import { JobSummary } from "../../../lib/web/summaries.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { failed, span } from "./journal_lines.ts";

const HEADER = '{"journal":2,"job":"j"}\n';
const RECORD = {
  options: { workers: 4, rate: { "": "5/s" }, halt: null },
  id: "j",
  name: "tiles.mean",
  function: { module: "file:///tiles.ts", method: "mean" },
  engine: "local",
  started: "2026-11-24T02:00:00.000Z",
};
const encoder = new TextEncoder();

function blockOf(id: number, results: readonly unknown[], ms: number): string {
  const lines = results.map((result) => JSON.stringify(result) + "\n").join("");
  return blockHead({ id, count: results.length, bytes: encoder.encode(lines).length, ms }) + lines;
}

function readAll(summary: JobSummary): JobSummary {
  while (summary.read());
  return summary;
}

Deno.test("JobSummary has the engines of a job that has moved, and the hosts while it runs", async () => {
  const hosts = [
    { name: "lab1", state: "there", workers: 8, tasks: 16 },
    { name: "lab2", state: "away", workers: 2, tasks: 4, reason: "Connection timed out" },
    { name: "lab3", state: "there", workers: 1, tasks: 1 },
    { name: "lab4", state: "new", workers: 0, tasks: 0, reason: "no room" },
  ];
  const since = RECORD.started, engines = [{ name: "local", since }, { name: "ssh", since }];
  await using folder = await makeFolder({
    "job.json": JSON.stringify({ ...RECORD, engine: "ssh", engines }),
    "events.ndjson": HEADER,
    "ssh/hosts.json": JSON.stringify(hosts),
  });
  {
    using _lock = await JobLock.take(folder.path);
    const { job, hosts, options } = readAll(new JobSummary(folder.path)).snapshot();
    assertEquals([job.state, job.engines], ["running", ["local", "ssh"]]);
    assertEquals(options, { workers: "4", rate: "5/s" });
    assertEquals(hosts, [
      { isThere: true, text: "lab1: there, 8 workers, 16 tasks in flight" },
      {
        isThere: false,
        text: "lab2: away (Connection timed out), 2 workers, 4 tasks in flight",
      },
      { isThere: true, text: "lab3: there, 1 worker, 1 task in flight" },
      { isThere: false, text: "lab4: connecting (no room)" },
    ]);
  }
  assertEquals(readAll(new JobSummary(folder.path)).snapshot().hosts, undefined);
});

Deno.test("JobSummary sums up a job's files, and what is appended to them", async () => {
  await using folder = await makeFolder({
    "job.json": JSON.stringify({ ...RECORD, length: 10 }),
    "tasks.ndjson": "0\n1\n2\n",
    "events.ndjson": HEADER + blockOf(0, ["a", "b"], 0.5) + eventLine(failed(2, "no")) + "\n",
    "spans.ndjson": JSON.stringify(span("0", 1000, 1010, 0, 3)) + "\n",
    "logs.ndjson": '{"id":1,"attempt":1,"stream":"stdout","text":"x"}\n',
  });
  const summary = readAll(new JobSummary(folder.path));
  const { job, times, failures, ...rest } = summary.snapshot();
  assertEquals(job, {
    id: "j",
    name: "tiles.mean",
    state: "interrupted",
    engine: "local",
    engines: undefined,
    function: "file:///tiles.ts#mean",
    total: 10,
    succeeded: 2,
    failed: 1,
    isPartial: undefined,
    started: RECORD.started,
    took: undefined,
    waits: undefined,
    ended: undefined,
  });
  assertEquals([times[binOf(0.25)], times[binOf(50)]], [2, 1]);
  assertEquals(failures.groups.map(({ message, count }) => [message, count]), [["no", 1]]);
  assertEquals(rest, {
    damage: undefined,
    read: 1,
    retried: 0,
    rate: { from: 1000, step: 10, counts: [3] },
    timeline: { workers: ["0"], spans: [[0, 1000, 1010, 10, 0, 3, 0]], more: 0, earlier: 0 },
    slowest: [{ id: 2, ms: 50 }],
    running: [],
    hosts: undefined,
    active: undefined,
    resources: undefined,
    options: undefined,
    logBytes: 50,
  });
  const before = summary.version;
  readAll(summary);
  assertEquals(summary.version, before);
  const more = eventLine({ id: 2, attempt: 1, type: "queued" }) + "\n" +
    successLine(2, 2, 1500, '{"x":1}') + "\n";
  await Deno.writeTextFile(`${folder.path}/events.ndjson`, more, { append: true });
  readAll(summary);
  assert(summary.version > before);
  assertEquals([summary.row().succeeded, summary.row().failed], [3, 0]);
  assertEquals(summary.snapshot().failures, { groups: [], more: 0 });
  assertEquals(summary.snapshot().slowest[0], { id: 2, ms: 1500 });
  const rows = [
    { id: 0, result: "a" },
    { id: 1, result: "b" },
    { id: 2, attempt: 2, result: { x: 1 } },
  ];
  assertEquals(JSON.parse(summary.sample()), { rows, of: 3 });
});

Deno.test("JobSummary counts tasks with long results among the slowest", async () => {
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": HEADER + blockOf(0, ["x".repeat(5000)], 900) + blockOf(1, ["a", "b"], 8) +
      successLine(3, 1, 700, "1") + "\n",
  });
  const { slowest } = readAll(new JobSummary(folder.path)).snapshot();
  assertEquals(slowest, [{ id: 0, ms: 900 }, { id: 3, ms: 700 }]);
});

Deno.test("JobSummary reads a result block that was cut short when it has been repaired", async () => {
  const block = blockOf(0, ["a", "b", "c"], 0), torn = block.slice(0, -"c\n".length - 3);
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": HEADER + torn,
  });
  const summary = readAll(new JobSummary(folder.path));
  assertEquals(summary.row().succeeded, 0);
  const head = blockHead({ id: 0, count: 2, bytes: 8 }).trimEnd();
  await folder.write(
    "events.ndjson",
    `${HEADER}${head}\n"a"\n"b"\n` + successLine(2, 1, 0, "3") + "\n",
  );
  readAll(summary);
  assertEquals(summary.row().succeeded, 3);
});

Deno.test("JobSummary refuses a journal of another version", async () => {
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": '{"journal":99,"job":"j"}\n',
  });
  assertThrows(
    () => new JobSummary(folder.path).read(),
    Error,
    "its format is 99, this version reads 2",
  );
});

Deno.test("JobSummary shows the last of several periods with long breaks", async () => {
  const spans = [span("0", 0, 5000, 0), span("0", 900_000, 901_000, 1), span("1", 0, 902_000, 2)];
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "spans.ndjson": spans.map((span) => JSON.stringify(span) + "\n").join(""),
  });
  const { timeline, rate } = readAll(new JobSummary(folder.path)).snapshot();
  assertEquals([timeline.earlier, rate.from], [1, 900_000]);
  assertEquals(timeline.spans.map(([worker, from, to]) => [worker, from, to]), [
    [0, 900_000, 901_000],
    [1, 900_000, 902_000],
  ]);
  // The last start is before the break.
  await Deno.writeTextFile(
    `${folder.path}/lock`,
    JSON.stringify({ pid: 1, host: "h", since: new Date(0).toISOString() }),
  );
  const whole = readAll(new JobSummary(folder.path)).snapshot();
  assertEquals([whole.timeline.earlier, whole.rate.from], [0, 0]);
  assertEquals(whole.timeline.spans.length, 3);
});

Deno.test("JobSummary tells the time of a job's runs without the pauses between them", async () => {
  const ended = "2026-11-24T02:02:00.000Z";
  const record = { ...RECORD, state: "succeeded", ended, counts: { total: 0 } };
  for (const [ms, took] of [[1500, 1500], [undefined, 120_000]]) {
    await using folder = await makeFolder({ "job.json": JSON.stringify({ ...record, ms }) });
    assertEquals(readAll(new JobSummary(folder.path)).row().took, took);
  }
});

Deno.test("JobSummary tells that the list is damaged, and shows none of its damaged arguments", async () => {
  const counts = { total: 2, succeeded: 2, failed: 0 }, state = "succeeded", format = 3;
  const record = { ...RECORD, format, state, counts, isRead: true, ended: RECORD.started };
  await using folder = await makeFolder({
    "job.json": JSON.stringify(record),
    "events.ndjson": HEADER + blockOf(0, ["a", "b"], 0.5),
  });
  const sum = crc32Text(JSON.stringify(record));
  await folder.write("job.json", JSON.stringify({ sum, ...record }));
  {
    using file = new ListFile(folder.path, "j");
    for (const id of [0, 1]) file.append({ id, count: 1, bytes: encoder.encode(`${id}\n`) });
  }
  const argsOf = async (summary: JobSummary) => {
    const query = { state: "", text: "", least: 0, most: Infinity, order: "id" } as const;
    return (await summary.tasks.page(query, 0, 9)).rows.map(({ args }) => args);
  };
  const sound = readAll(new JobSummary(folder.path));
  assertEquals([sound.snapshot().damage, await argsOf(sound)], [undefined, ["0", "1"]]);
  const damage = "The copy of the list is damaged: dl_jobs verify j names the tasks, whose " +
    "arguments are not shown, and dl_jobs resume j reads it again from its source";
  for (const list of ["5\n1\n", "0\n"]) {
    await folder.write("tasks.ndjson", list);
    const summary = readAll(new JobSummary(folder.path));
    const args = list === "0\n" ? ["0", undefined] : [undefined, "1"];
    assertEquals([summary.snapshot().damage, await argsOf(summary)], [damage, args]);
  }
});

Deno.test("JobSummary begins its time with the job before a task has ended", async () => {
  await using folder = await makeFolder({
    "job.json": JSON.stringify(RECORD),
    "events.ndjson": HEADER,
  });
  const summary = readAll(new JobSummary(folder.path)), start = Date.parse(RECORD.started);
  assertEquals(summary.snapshot().rate, { from: start, step: 10, counts: [] });
  const sample = { at: start + 5000, memory: 1000, cpus: 0.5 };
  await Deno.writeTextFile(`${folder.path}/resources.ndjson`, `${JSON.stringify(sample)}\n`);
  assertEquals(readAll(summary).snapshot().rate.from, start + 5000);
  await Deno.writeTextFile(
    `${folder.path}/spans.ndjson`,
    `${JSON.stringify(span("0", start + 100, start + 9000, 0))}\n`,
  );
  assertEquals(readAll(summary).snapshot().rate.from, start + 100);
});

Deno.test("JobSummary lists each failure with its own message", async () => {
  await using folder = await makeFolder({ "job.json": JSON.stringify({ ...RECORD, length: 10 }) });
  const summary = new JobSummary(folder.path), path = `${folder.path}/events.ndjson`;
  const append = (events: readonly FailedEvent[], journal: Journal) =>
    void journal.append(encoder.encode(events.map((event) => eventLine(event) + "\n").join("")));
  {
    using journal = Journal.create(path, RECORD.id);
    append([failed(0, "ü tile 0"), failed(1, "ü tile 1")], journal);
    journal.flush();
    readAll(summary);
    append([failed(2, `tile 2 ${"x".repeat(400)}`), failed(3, "gone")], journal);
  }
  const query = { state: "failed", least: 0, most: Infinity, text: "", order: "id" } as const;
  const messages = async () =>
    (await summary.tasks.page(query, 0, 10)).rows.map((row) => row.message);
  readAll(summary);
  assertEquals(await messages(), ["ü tile 0", "ü tile 1", `tile 2 ${"x".repeat(293)}…`, "gone"]);
  await Deno.remove(path);
  assertEquals((await messages()).slice(0, 2), ["ü tile #", "ü tile #"]);
});
