import { defaultConfig } from "../../../lib/config/load.ts";
import { STORE } from "../../../lib/job_dir/layout.ts";
import { holderOf, JobLock } from "../../../lib/job_dir/lock.ts";
import { type JobRecord, readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import { findJob, listJobs } from "../../../lib/job_dir/find.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { countLines } from "../../../lib/util/fs.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

function recordFor(id: string, more: Partial<JobRecord> = {}): JobRecord {
  return {
    id,
    name: "work.task",
    function: { module: "file:///work.ts", method: "task" },
    code: "c0de",
    engine: "local",
    options: defaultConfig(),
    source: { kind: "stream" },
    started: "2026-01-02T03:04:05.000Z",
    versions: {},
    files: {},
    ...more,
  };
}

/** A folder with the records of some jobs. */
async function makeStore(names: Readonly<Record<string, string>>): Promise<Folder> {
  const folder = await makeFolder();
  for (const [id, name] of Object.entries(names)) {
    await folder.write(`${STORE}/${id}/job.json`, JSON.stringify(recordFor(id, { name })));
  }
  return folder;
}

const IDS = {
  "20260101T000000-000aaa": "old.task",
  "20260102T000000-000abc": "work.task",
  "20260103T000000-000bbb": "work.task",
};

Deno.test("listJobs() gives the jobs of a folder, the newest last", async () => {
  await using folder = await makeStore(IDS);
  await folder.write(`${STORE}/cache/x.js`, "");
  await folder.write(`${STORE}/20260104T000000-000ccc/bundle.js`, "");
  await folder.write(`${STORE}/a file`, "");
  assertEquals(await listJobs(folder.path), Object.keys(IDS));
  await using empty = await makeFolder();
  assertEquals(await listJobs(empty.path), []);
});

Deno.test("findJob() finds a job by what it is called", async (t) => {
  await using folder = await makeStore(IDS);
  const [oldest, middle, newest] = Object.keys(IDS);
  const cases: [called: string | undefined, id: string | undefined][] = [
    [undefined, newest],
    ["last", newest],
    [oldest, oldest],
    ["20260102", middle],
    ["aaa", oldest],
    ["000abc", middle],
    ["old.task", oldest],
    ["work.task", newest],
  ];
  for (const [called, id] of cases) {
    await t.step(String(called), async () => {
      assertEquals(await findJob(called, folder.path), `${folder.path}/${STORE}/${id}`);
    });
  }
});

Deno.test("findJob() says why it finds none", async () => {
  await using folder = await makeStore(IDS);
  await using empty = await makeFolder();
  const message = async (called: string, cwd: string) =>
    (await assertRejects(() => findJob(called, cwd), UsageError)).message;
  assertEquals(
    await message("nobody", folder.path),
    'Cannot find job "nobody": dl_jobs jobs lists those that there are',
  );
  assertEquals(
    await message("2026", folder.path),
    `Cannot tell which job "2026" is: ${Object.keys(IDS).join(", ")} are called so`,
  );
  assertEquals(
    await message("last", empty.path),
    `Cannot find a job: there are none in ${empty.path}/${STORE}`,
  );
});

Deno.test("writeRecord() puts a record in place as a whole", async () => {
  await using folder = await makeFolder();
  const record = recordFor("x", { counts: { total: 1, succeeded: 1, failed: 0 } });
  writeRecord(folder.path, recordFor("x"));
  writeRecord(folder.path, record);
  assertEquals(await readRecord(folder.path), record);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["job.json"]);
});

Deno.test("readState() tells how a job stands", async (t) => {
  const journal = '{"journal":2,"job":"x"}\n{"id":0,"result":1}\n' +
    '{"id":1,"attempt":1,"type":"failed","ms":1,"error":{"message":"no","type":"Error","class":"error"}}\n';
  const tasks = [0, 1, 2].map((id) => `${id}\n`).join("");
  const counts = { total: 9, succeeded: 8, failed: 1 };
  const cases: [
    name: string,
    files: Record<string, string>,
    record: Partial<JobRecord>,
    expected: unknown,
  ][] = [
    ["ended", { "events.ndjson": journal }, { state: "failed", counts }, {
      ...{ state: "failed", counts },
    }],
    ["died before it began", {}, {}, {
      ...{ state: "interrupted", counts: { total: 0, succeeded: 0, failed: 0 } },
    }],
    [
      "died in the middle of a block",
      {
        "events.ndjson": '{"journal":2,"job":"x"}\n{"id":0,"count":3,"bytes":6}\n1\n2\n',
        "tasks.ndjson": tasks,
      },
      {},
      {
        ...{ state: "interrupted", counts: { total: 3, succeeded: 2, failed: 0 } },
      },
    ],
    ["died with an empty journal", { "events.ndjson": "" }, { length: 5 }, {
      ...{ state: "interrupted", counts: { total: 5, succeeded: 0, failed: 0 } },
    }],
    ["died on the way", { "events.ndjson": journal, "tasks.ndjson": tasks }, {}, {
      ...{ state: "interrupted", counts: { total: 3, succeeded: 1, failed: 1 } },
    }],
    [
      "died in the middle of lines",
      {
        "events.ndjson": `${journal}{"id":2,"res`,
        "tasks.ndjson": `${tasks}[3`,
      },
      { length: 2 },
      {
        ...{ state: "interrupted", counts: { total: 3, succeeded: 1, failed: 1 } },
      },
    ],
  ];
  for (const [name, files, record, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(files);
      assertEquals(readState(folder.path, recordFor("x", record)), expected as never);
    });
  }
});

Deno.test("JobLock keeps others away, and says who has the job", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/job`;
  await Deno.mkdir(path);
  assertEquals(holderOf(path), undefined);
  {
    using _lock = await JobLock.take(path);
    const holder = holderOf(path);
    assertEquals(holder?.pid, Deno.pid);
    assertEquals(readState(path, recordFor("job")).state, "running");
    const error = await assertRejects(() => JobLock.take(path), UsageError);
    assertEquals(
      error.message,
      `Cannot take job job: process ${Deno.pid} has had it since ${holder?.since}, wait for it or ` +
        "end it with dl_jobs cancel job",
    );
  }
  assertEquals(holderOf(path), undefined);
  using _again = await JobLock.take(path);
  assertEquals(holderOf(path)?.pid, Deno.pid);
});

Deno.test("JobLock is free again when its holder is killed, and cannot be inherited", async () => {
  await using folder = await makeFolder();
  const lock = new URL("../../../lib/job_dir/lock.ts", import.meta.url).href;
  const code = `
    import { JobLock } from ${JSON.stringify(lock)};
    using _lock = await JobLock.take(${JSON.stringify(folder.path)});
    const child = new Deno.Command("sleep", { args: ["3600"], stdout: "null", stderr: "null" }).spawn();
    console.log(child.pid);
    await child.status;`;
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  const child = Number(new TextDecoder().decode((await reader.read()).value));
  assertEquals(holderOf(folder.path)?.pid, holder.pid);
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  assertEquals(holderOf(folder.path), undefined);
  using _lock = await JobLock.take(folder.path);
  Deno.kill(child, "SIGKILL");
});

Deno.test("countLines() counts whole lines", async () => {
  await using folder = await makeFolder({
    none: "",
    torn: "torn",
    two: "a\n\nb",
    many: "x\n".repeat(100_000),
  });
  const counts = ["none", "torn", "two", "many", "not there"].map((name) =>
    countLines(`${folder.path}/${name}`)
  );
  assertEquals(counts, [0, 0, 2, 100_000, 0]);
});
