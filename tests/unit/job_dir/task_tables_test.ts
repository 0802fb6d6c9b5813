import { jobFiles, jobFolder } from "../../../lib/job_dir/layout.ts";
import { keptTables } from "../../../lib/job_dir/kept_tables.ts";
import { fillTasks } from "../../../lib/job_dir/task_tables.ts";
import { openDatabase, type SqlDatabase } from "../../../lib/util/sqlite.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

const ID = "20260101T000000-000000";

/** Writes a job of format 2, whose files have no checksums. */
async function writeJob(folder: Folder, events: readonly string[], concurrency = 1) {
  const path = `.dl_jobs/${ID}`, record = recordFor(ID);
  const options = { ...record.options, concurrency };
  await folder.write(`${path}/job.json`, JSON.stringify({ ...record, options }));
  await folder.write(`${path}/tasks.ndjson`, '10\n11\n{"a":12}\nno JSON\n14\n');
  const lines = [`{"journal":2,"job":"${ID}"}`, ...events];
  await folder.write(`${path}/events.ndjson`, lines.map((line) => line + "\n").join(""));
  const spans = [
    { worker: "0", from: 0, to: 200, id: 0, count: 2 },
    { worker: "1", from: 0, to: 200, id: 3, count: 1 },
    { worker: "2", from: 300, to: 400, id: 3, count: 1 },
  ];
  await folder.write(
    `${path}/spans.ndjson`,
    spans.map((span) => JSON.stringify(span) + "\n").join(""),
  );
  return jobFolder(ID, folder.path);
}

const error = (message: string) => ({ message, type: "Error", class: "error" });
const EVENTS = [
  '{"id":0,"count":2,"bytes":9,"ms":3}',
  "100",
  '"é"',
  JSON.stringify({ id: 2, attempt: 1, type: "retried", ms: 5, error: error("first") }),
  JSON.stringify({ id: 3, attempt: 1, type: "failed", ms: 7, error: error("bad") }),
  JSON.stringify({ id: 3, attempt: 1, type: "queued" }),
  JSON.stringify({ id: 3, attempt: 2, type: "failed", ms: 9, error: error("again") }),
  '{"id":2,"attempt":2,"type":"usage","info":true,"memory":400000000,"cpu":250}',
  '{"id":2,"attempt":2,"ms":1.5,"result":{"b":12345678901234567890}}',
];

function rowsOf(db: SqlDatabase): unknown[][] {
  const statement = db.prepare("select * from tasks order by task");
  statement.setReturnArrays(true);
  return Array.from(statement.iterate() as Iterable<unknown[]>);
}

Deno.test("fillTasks writes the last state of each task", async () => {
  await using folder = await makeFolder();
  const db = openDatabase(":memory:"), job = await writeJob(folder, EVENTS);
  await fillTasks(db, job);
  const succeeded = [ID, 0, "succeeded", 1, 1.5, null, null, null, null, null];
  assertEquals(rowsOf(db), [
    [...succeeded, "10", "100"],
    [...succeeded.with(1, 1), "11", '"é"'],
    [
      ...succeeded.with(1, 2).with(3, 2).with(6, 4e8).with(7, 250),
      '{"a":12}',
      '{"b":12345678901234567890}',
    ],
    [ID, 3, "failed", 2, 9, "2", null, null, "error", "again", '"no JSON"', null],
    [ID, 4, "pending", 0, null, null, null, null, null, null, "14", null],
  ]);
  db.close();
});

Deno.test("fillTasks names no worker that had several tasks at a time", async () => {
  await using folder = await makeFolder();
  const db = openDatabase(":memory:");
  await fillTasks(db, await writeJob(folder, EVENTS, 2));
  assertEquals(rowsOf(db).map((row) => row[5]), [null, null, null, null, null]);
  db.close();
});

Deno.test("fillTasks names the host of the last failure, and no worker of another host", async (t) => {
  const cases: [host: string | undefined, earlier: string | undefined, worker: string][] = [
    ["h1", undefined, "h1"],
    ["2", "h1", "2"],
    [undefined, "h1", "2"],
  ];
  for (const [host, earlier, worker] of cases) {
    await t.step(Deno.inspect([earlier, host]), async () => {
      await using folder = await makeFolder();
      const db = openDatabase(":memory:"), ms = 9;
      const events = [
        { id: 3, attempt: 1, type: "retried", ms, error: error("bad"), host: earlier },
        { id: 3, attempt: 2, type: "failed", ms, error: error("bad"), host },
      ];
      await fillTasks(db, await writeJob(folder, events.map((event) => JSON.stringify(event))));
      assertEquals(rowsOf(db)[3]![5], worker);
      db.close();
    });
  }
});

Deno.test("fillTasks writes a pending task with its last failure", async () => {
  await using folder = await makeFolder();
  const db = openDatabase(":memory:");
  await fillTasks(db, await writeJob(folder, EVENTS.slice(3, 6)));
  assertEquals(rowsOf(db).slice(2, 4), [
    [ID, 2, "pending", 1, 5, null, null, null, "error", "first", '{"a":12}', null],
    [ID, 3, "pending", 1, null, "2", null, null, null, null, '"no JSON"', null],
  ]);
  db.close();
});

Deno.test("keptTables makes the file again when it or the job has changed", async () => {
  await using folder = await makeFolder();
  const job = await writeJob(folder, EVENTS), { events, tables } = jobFiles(job);
  const make = async () => {
    assertEquals(await keptTables(job), tables);
    return Deno.statSync(tables).ino;
  };
  const first = await make();
  assertEquals(await make(), first);
  Deno.writeTextFileSync(events, '{"id":4,"result":1}\n', { append: true });
  const second = await make();
  assertEquals(second !== first, true);
  const bytes = Deno.readFileSync(tables);
  for (const at of [30, 62, bytes.length - 1]) {
    Deno.writeFileSync(tables, bytes.with(at, bytes[at]! ^ 1));
    await make();
    assertEquals(Deno.readFileSync(tables), bytes);
  }
  Deno.truncateSync(tables, 0);
  await make();
  assertEquals(Deno.readFileSync(tables), bytes);
});

Deno.test("keptTables returns no path while another process makes the file", async () => {
  await using folder = await makeFolder();
  const job = await writeJob(folder, EVENTS), { tables } = jobFiles(job);
  {
    using other = Deno.openSync(`${tables}.new`, { write: true, create: true });
    other.lockSync(true);
    assertEquals(await keptTables(job), undefined);
  }
  assertEquals(await keptTables(job), tables);
});
