/**
 * Damaged files of a job, and the commands that read them.
 *
 * @module
 */

import { results } from "../../lib/api/results.ts";
import { resultsOf } from "../../lib/job/inspect/history.ts";
import { resumeJob } from "../../lib/job/resume/resume.ts";
import { Journal } from "../../lib/journal/writer.ts";
import { assertList } from "../../lib/job_dir/health.ts";
import { ListFile } from "../../lib/job_dir/list_file.ts";
import { exists } from "../../lib/util/files/fs.ts";
import { jobFiles, jobIdOf } from "../../lib/job_dir/layout.ts";
import { readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { cli, enterFolder, eventLines, kill, readLines, runJob } from "../support/jobs.ts";

const COUNT = 400;
const LIST = Array.from({ length: COUNT }, (_, x) => `${x}\n`).join("");
const EXPECTED = Array.from(
  { length: COUNT },
  (_, x) => `{"id":${x},"args":${x},"result":${x * x}}`,
);

/** Runs a job over a file of numbers. Each call of its function leaves a line in `calls`. */
async function squareAll(): Promise<{ folder: string; id: string }> {
  Deno.writeTextFileSync("list.ndjson", LIST);
  Deno.writeTextFileSync(
    "square.ts",
    `export function square(x: number): number {
      Deno.writeTextFileSync("calls", x + "\\n", { append: true });
      return x * x;
    }`,
  );
  const options = { moduleName: "./square.ts#square", argsList: "list.ndjson" } as const;
  const { paths: { folder } } = await runJob({
    ...options,
    engine: "inline",
    suppress: ["warning"],
  });
  return { folder, id: jobIdOf(folder) };
}

/** Changes the bytes of a file. */
function change(path: string, edit: (bytes: Uint8Array) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, edit(bytes) ?? bytes);
}

Deno.test("a zeroed page of a journal is named, refused, skipped on request, and run again", async () => {
  await using _folder = await enterFolder();
  const { folder, id } = await squareAll();
  const { events, tasks } = jobFiles(folder);
  splitFrames(folder);
  const calls = readLines("calls").length;
  change(events, (bytes) => void bytes.fill(0, 4096, 8192));
  const damaged = Deno.readFileSync(events);

  const refused = await cli(["results", "--with-args"]);
  const place = /events\.ndjson is damaged at byte (\d+) \((\d+) tasks: (\d+) to (\d+)\)/;
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertMatch(refused.stderr, place);
  const [, , count, first, last] = place.exec(refused.stderr)!.map(Number) as number[];
  assertEquals(last! - first! + 1, count);
  assertMatch(refused.stderr, new RegExp(`; run dl_jobs resume ${id} to run these tasks again\n$`));
  await assertRejects(async () => await results(id), Error, "events.ndjson is damaged at byte");

  for (const command of [["errors"], ["why", String(first)]]) {
    const { code, stdout, stderr } = await cli(command);
    assertEquals([code, stdout, stderr], [1, "", refused.stderr]);
  }

  const skipped = await cli(["results", "--with-args", "--damaged", "skip"]);
  const rest = EXPECTED.filter((_, x) => x < first! || x > last!);
  assertEquals([skipped.code, skipped.stdout], [0, rest.map((line) => line + "\n").join("")]);
  assertMatch(skipped.stderr, /^Warning: Cannot read job .*events\.ndjson is damaged/);
  const status = (await cli(["status"])).stdout;
  assertMatch(status, /\ndamage {2,}events\.ndjson is damaged at byte/);
  // Lost ends are not counted, whatever the record says.
  assertMatch(status, /\ntasks {2,}\d+: \d+ succeeded, \d+ failed, [1-9]\d* damaged or pending\n/);
  assertEquals((await cli(["verify"])).code, 1);

  const resumed = await cli(["resume", "--quiet"]);
  assertEquals(resumed.code, 0);
  const again = readLines("calls").slice(calls).map(Number).sort((a, b) => a - b);
  assertEquals(again, Array.from({ length: count! }, (_, i) => first! + i));
  assertEquals(Deno.readFileSync(`${events}.damaged`), damaged);
  const after = await cli(["results", "--with-args"]);
  assertEquals([after.code, after.stdout], [0, EXPECTED.map((line) => line + "\n").join("")]);
  assertEquals((await cli(["verify", "--run", "2%"])).code, 0);
  assertEquals(Deno.readTextFileSync(tasks), LIST);
});

/** Writes a journal again with small frames. */
function splitFrames(folder: string): void {
  const lines = eventLines(folder), { events } = jobFiles(folder);
  Deno.removeSync(events);
  using journal = Journal.create(events, readRecord(folder).id);
  for (let at = 0; at < lines.length; at += 10) {
    const text = lines.slice(at, at + 10).map((line) => line + "\n").join("");
    journal.append(new TextEncoder().encode(text));
    journal.flush();
  }
}

Deno.test("an ended job whose journal lost its last frames is damaged", async () => {
  await using _folder = await enterFolder();
  const { folder, id } = await squareAll();
  splitFrames(folder);
  const { events } = jobFiles(folder);
  const text = Deno.readTextFileSync(events);
  Deno.truncateSync(events, text.lastIndexOf('{"frame":20,'));
  Deno.writeTextFileSync(events, "", { append: true });
  const { code, stderr } = await cli(["results"]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /events\.ndjson (is damaged|lacks data) at byte \d+ \(\d+ tasks: \d+ to 399\)/,
  );
  await resumeJob(folder);
  assertEquals((await cli(["results", id])).code, 0);
});

/** Damage of a list's copy. Each leaves out, adds or changes lines. */
const LIST_DAMAGE: Readonly<Record<string, (path: string) => void>> = {
  "a changed line": (path) => change(path, (bytes) => void (bytes[700] = 56)),
  "a removed line": (path) => change(path, (bytes) => cutLines(bytes, 100, 1)),
  "an added line": (path) => Deno.writeTextFileSync(path, "7\n", { append: true }),
  "an inserted line": (path) => edit(path, (text) => text.replace("\n5\n", "\n5\n5\n")),
  "CRLF": (path) => edit(path, (text) => text.replaceAll("\n", "\r\n")),
  "zeros": (path) => change(path, (bytes) => void bytes.fill(0, 500, 900)),
  "a cut": (path) => Deno.truncateSync(path, 601),
  "a cut between lines": (path) => edit(path, (text) => text.slice(0, text.indexOf("\n200\n") + 1)),
  "no content": (path) => Deno.truncateSync(path, 0),
  "no file": (path) => Deno.removeSync(path),
};

function edit(path: string, change: (text: string) => string): void {
  Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
}

function cutLines(bytes: Uint8Array, from: number, count: number): Uint8Array {
  const lines = new TextDecoder().decode(bytes).split("\n");
  lines.splice(from, count);
  return new TextEncoder().encode(lines.join("\n"));
}

Deno.test("a damaged copy of a list is read again from its source, or refused", async (t) => {
  await using _folder = await enterFolder();
  const { folder } = await squareAll();
  for (const [name, damage] of Object.entries(LIST_DAMAGE)) {
    for (const isRead of [true, false]) {
      await t.step(`${name}, ${isRead ? "read to its end" : "still read"}`, async () => {
        kill(folder, { read: COUNT, events: ({ id }) => id % 40 !== 7 });
        if (isRead) writeRecord(folder, { ...readRecord(folder), isRead });
        const { tasks } = jobFiles(folder);
        damage(tasks);
        Deno.renameSync("list.ndjson", "gone");
        await assertRejects(() => resumeJob(folder), Error, "Cannot ");
        Deno.renameSync("gone", "list.ndjson");
        await resumeJob(folder);
        assertEquals(Deno.readTextFileSync(tasks), LIST);
        assertEquals((await resultsWithArgs(folder)).sort(), EXPECTED.toSorted());
      });
    }
  }
});

Deno.test("a list that cannot be read again because the disk is full says so", async () => {
  await using _folder = await enterFolder();
  const { folder } = await squareAll(), { mkdirSync } = Deno;
  Deno.writeTextFileSync(jobFiles(folder).tasks, "?", { append: true });
  Deno.mkdirSync = (path, options) => {
    if (String(path).endsWith("/list.new")) {
      throw new Error("No space left on device (os error 28)");
    }
    mkdirSync(path, options);
  };
  try {
    await assertRejects(() => resumeJob(folder), Error, "No space left on device");
  } finally {
    Deno.mkdirSync = mkdirSync;
  }
});

Deno.test("a list that was not written to its end is continued, and stays sound", async (t) => {
  await using _folder = await enterFolder();
  const { folder } = await squareAll();
  const { tasks, sums } = jobFiles(folder);
  const cases: [name: string, damage: () => void][] = [
    [
      "a part of a checksum",
      () => Deno.writeTextFileSync(sums, '{"id":250,"cou', { append: true }),
    ],
    ["a checksum without its lines", () => {
      using list = new ListFile(folder, readRecord(folder).id);
      list.append({ id: 250, count: 1, bytes: new TextEncoder().encode("250\n") });
      Deno.truncateSync(tasks, Deno.statSync(tasks).size - 4);
    }],
    ["no list", () => [tasks, sums].forEach((path) => Deno.removeSync(path))],
  ];
  for (const [name, damage] of cases) {
    await t.step(name, async () => {
      kill(folder, { read: 250, events: ({ id }) => name !== "no list" && id < 100 });
      damage();
      const { total, succeeded } = await resumeJob(folder);
      assertEquals([total, succeeded], [COUNT, COUNT]);
      assertEquals([Deno.readTextFileSync(tasks), exists(`${tasks}.damaged`)], [LIST, false]);
      assertEquals((await resultsWithArgs(folder)).sort(), EXPECTED.toSorted());
      await assertList(folder);
    });
  }
});

async function resultsWithArgs(folder: string): Promise<string[]> {
  const blocks = await Array.fromAsync(resultsOf(folder, { withArgs: true }));
  return blocks.join("").split("\n").slice(0, -1);
}

Deno.test("a list from a pipe cannot be read again: its damage is refused, and no task is renamed", async () => {
  await using _folder = await enterFolder();
  const { folder, id } = await squareAll();
  kill(folder, { events: ({ id }) => id < 100 });
  writeRecord(folder, { ...readRecord(folder), source: { kind: "stream" } });
  change(jobFiles(folder).tasks, (bytes) => cutLines(bytes, 300, 1));
  const { code, stderr } = await cli(["resume", "-q"]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    new RegExp(
      `^Error: Cannot resume job ${id}: tasks\\.ndjson is damaged at byte 0 .*, and the ` +
        "source of the list is gone or has changed; restore the file or the source, or start a new " +
        "job with --reuse\n$",
    ),
  );
  assertEquals((await cli(["results", "--with-args"])).code, 1);
  assertEquals((await cli(["replay", id, "5"])).code, 1);
});

Deno.test("damage of the other files of a job is named", async (t) => {
  await using _folder = await enterFolder();
  const { folder, id } = await squareAll();
  const { record, bundle, logs, spans } = jobFiles(folder);
  const cases: [name: string, path: string, args: string[], message: RegExp][] = [
    [
      "the record",
      record,
      ["status", id],
      /^Error: Cannot read job .*job\.json is damaged, restore/,
    ],
    [
      "the program",
      bundle,
      ["resume", id],
      /^Error: Cannot run job .*bundle\.js is damaged; start a/,
    ],
  ];
  for (const [name, path, args, message] of cases) {
    await t.step(name, async () => {
      const before = Deno.readFileSync(path);
      change(path, (bytes) => void (bytes[100]! ^= 1));
      const { code, stderr } = await cli(args);
      assertMatch(stderr, message);
      assertEquals([code, (await cli(["verify", id])).code], [1, 1]);
      Deno.writeFileSync(path, before);
    });
  }
  await t.step("logs and spans are passed over", async () => {
    for (const path of [logs, spans]) {
      Deno.writeTextFileSync(path, "\0{oops\n\n7\n", { append: true });
    }
    for (const args of [["logs"], ["retry", "-q"], ["report"], ["verify"]]) {
      assertEquals([args, (await cli(args)).code], [args, 0]);
    }
  });
});

Deno.test("a job of format 2 is read, resumed, and then has checksums", async () => {
  await using _folder = await enterFolder();
  const { folder, id } = await squareAll();
  const { events, sums, record } = jobFiles(folder);
  kill(folder, { events: ({ id }) => id < 250 });
  const { format: _format, ...legacy } = readRecord(folder);
  Deno.writeTextFileSync(record, JSON.stringify(legacy));
  const lines = [`{"journal":2,"job":"${id}"}`, ...eventLines(folder)];
  Deno.writeTextFileSync(events, lines.map((line) => line + "\n").join("") + '{"id":250,"res');
  Deno.removeSync(sums);
  assertMatch(
    (await cli(["status"])).stdout,
    /\ntasks {2,}400: 250 succeeded, 0 failed, 150 pending/,
  );
  assertEquals(readLines("calls").length, COUNT);
  await resumeJob(folder);
  assertEquals(readLines("calls").length, COUNT + 150);
  assertEquals((await resultsWithArgs(folder)).sort(), EXPECTED.toSorted());
  assertEquals(readLines(events)[0], `{"journal":3,"job":"${id}"}`);
  assertEquals([readRecord(folder).format, readLines(sums).length], [3, 1]);
  assertEquals((await cli(["verify"])).code, 0);
});

Deno.test("verify checks all files of a job whose list is missing or cannot be read", async () => {
  await using _folder = await enterFolder();
  const { folder } = await squareAll();
  const { tasks, logs } = jobFiles(folder);
  const soundOnes = ["job.json", "bundle.js", "events.ndjson", "spans.ndjson"];
  Deno.removeSync(tasks);
  assertEquals((await verified()).tasks, "tasks.ndjson lacks data at byte 0 (400 tasks: 0 to 399)");
  // Reading a folder fails as reading a file on a broken disk does.
  for (const path of [tasks, logs]) Deno.mkdirSync(path);
  const { sound, tasks: list, logs: printed } = await verified();
  assertEquals([sound, list], [soundOnes, `Cannot read ${tasks}: Is a directory (os error 21)`]);
  assertMatch(printed!, /^Cannot read .*logs\.ndjson: it is a folder/);
  const status = await cli(["status"]);
  assertEquals(status.stderr, `Error: Cannot read ${tasks}: Is a directory (os error 21)\n`);
});

/** Runs `verify`. Returns the sound files, and the texts about damaged ones. */
async function verified(): Promise<{ sound: string[]; tasks?: string; logs?: string }> {
  const { code, stdout } = await cli(["verify", "--json"]);
  const { findings } = JSON.parse(stdout) as {
    findings: { file: string; isSound: boolean; text: string }[];
  };
  assertEquals(code, 1);
  const texts = findings.filter(({ isSound }) => !isSound)
    .map(({ file, text }) => [file.replace(".ndjson", ""), text.replace(/, dl_jobs .*/, "")]);
  const sound = findings.filter(({ isSound }) => isSound).map(({ file }) => file);
  return { sound, ...Object.fromEntries(texts) };
}
