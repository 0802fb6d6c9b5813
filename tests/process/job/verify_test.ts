/**
 * The check of the files that a job has written.
 *
 * @module
 */

import { findJob } from "../../../lib/job_dir/find.ts";
import { jobFiles, jobIdOf } from "../../../lib/job_dir/layout.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { verifyJob } from "../../../lib/job/inspect/verify.ts";
import { rebuildFiles } from "../../../lib/job/inspect/history.ts";
import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, kill, readLines, runJob } from "../../support/jobs.ts";

const TASK = `import { existsSync } from "node:fs";
export function point(x: number) {
  if (x === 2 && !existsSync("two")) throw new Error("no two");
  const big = "=x" + x;
  return { x, big, at: { list: [x] }, geometry: { type: "Point", coordinates: [x, x] } };
}
`;
const JOB = {
  moduleName: "./task.ts#point",
  argsList: [1, 2, 3],
  engine: "inline",
  quiet: true,
  log: false,
  suppress: ["warning"],
} as const;
const FORMATS = [
  ...["csv", "tsv", "json", "geojson", "ndjson", "jsonl", "parquet", "sqlite"],
  ...["csv.gz", "json.zst", "ndjson.gz", "geojson.gz"],
];

/** Returns the finding about a file of a job. */
async function verified(path: string, folder = findJob()): Promise<string> {
  const all = await Array.fromAsync(verifyJob(folder));
  const { isSound, text } = all.find(({ file }) => file === path)!;
  const plain = text.replaceAll(/\d{8}T\d{6}-[\da-f]{6}/g, "ID");
  return `${isSound ? "sound" : "DAMAGED"}: ${plain}`;
}

for (const format of FORMATS) {
  const isLines = /^(?:ndjson|jsonl)$/.test(format), [kind] = format.split(".");
  const soundText = (count: number) =>
    `sound: ${count} ${isLines ? "lines" : `results, as ${kind}`}`;
  const state = isLines ? "it has not the 3 lines of the journal" : undefined;

  Deno.test(`verify finds that a file of ${format} is sound, damaged or missing`, async () => {
    await using folder = await enterFolder({ "task.ts": TASK });
    const path = `${folder.path}/out.${format}`;
    await runJob(JOB, { output: path });
    assertEquals(await verified(path), soundText(2));

    await folder.write("two", "");
    await resumeJob(findJob(), { retryFilter: () => true });
    assertEquals(await verified(path), soundText(3));

    const bytes = Deno.readFileSync(path), middle = bytes.length >> 1;
    bytes[middle]! ^= 1;
    Deno.writeFileSync(path, bytes);
    const changed = await verified(path);
    const advice = ", dl_jobs results ID --rebuild writes it again";
    assertEquals([changed.slice(0, 9), changed.endsWith(advice)], ["DAMAGED: ", true]);
    if (state !== undefined) assertEquals(changed, `DAMAGED: ${state}${advice}`);

    Deno.truncateSync(path, middle);
    assertEquals((await verified(path)).slice(0, 9), "DAMAGED: ");
    Deno.removeSync(path);
    assertEquals(await verified(path), `DAMAGED: it is missing${advice}`);

    await rebuildFiles(findJob());
    assertEquals(await verified(path), soundText(3));
  });
}

Deno.test("verify writes a file again with the options of the job", async (t) => {
  const cases = [
    ["--raw"],
    ["--nested", "json"],
    ["--with-args"],
    ["--with-args", "--nested", "json", "--raw"],
  ];
  for (const options of cases) {
    await t.step(options.join(" "), async () => {
      await using folder = await enterFolder({ "task.ts": TASK, "two": "", "in.txt": "1\n3\n" });
      const path = `${folder.path}/out.csv`;
      await cli(["map", "task.ts#point", "in.txt", "-q", "-o", "out.csv", ...options]);
      assertEquals(await verified(path), "sound: 2 results, as csv");
    });
  }
});

Deno.test("verify does not call a file damaged that a killed controller has not completed", async () => {
  await using folder = await enterFolder({ "task.ts": TASK, "two": "" });
  const path = `${folder.path}/out.ndjson`;
  await runJob(JOB, { output: path });
  kill(findJob(), { read: 2 });
  const [line] = readLines(path);
  await Deno.writeTextFile(path, `${line}\n`);
  assertEquals(await verified(path), "sound: 1 of 2 lines: dl_jobs resume ID writes the others");
  await resumeJob(findJob());
  assertEquals(await verified(path), "sound: 2 lines");
});

Deno.test("verify does not call a file damaged that a later job has written", async () => {
  await using folder = await enterFolder({ "task.ts": TASK, "two": "" });
  for (const format of ["csv", "ndjson"]) {
    const path = `${folder.path}/out.${format}`;
    await runJob(JOB, { output: path });
    const first = findJob();
    await runJob({ ...JOB, argsList: [5] }, { output: path });
    assertEquals(
      await verified(path, first),
      "sound: not checked: job ID has written it since, dl_jobs results ID prints the results " +
        "of this job",
    );
    await Deno.remove(`.dl_jobs/${jobIdOf(findJob())}`, { recursive: true });
  }
});

Deno.test("verify does not check a pipe, nor the value of a reduce", async () => {
  await using folder = await enterFolder({ "task.ts": TASK, "two": "" });
  const path = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const reader = Deno.readTextFile(path);
  await runJob(JOB, { output: path });
  assertEquals((await reader).split("\n").length, 4);
  assertEquals(await verified(path), "sound: not checked: it is a pipe");

  const sum = `${folder.path}/sum.csv`;
  const reduce = (all: { x: number } | undefined, { x }: { x: number }) => ({
    x: (all?.x ?? 0) + x,
  });
  await runJob({ ...JOB, reduce }, { output: sum });
  assertEquals(Deno.readTextFileSync(sum), "x\n6\n");
  assertEquals(
    await verified(sum),
    "sound: not checked: it has the value of reduce, dl_jobs results ID computes it again",
  );
});

Deno.test("verify accepts the errors file of a job of version 0.1.0, and finds its damage", async () => {
  await using _folder = await enterFolder({ "task.ts": TASK });
  const job = await runJob({ ...JOB, argsList: [1, 2] });
  const { folder } = job.paths, errors = job.paths.errors!, { record } = jobFiles(folder);
  const { format: _format, ...earlier } = readRecord(folder);
  Deno.writeTextFileSync(record, JSON.stringify(earlier));
  // Version 0.1.0 wrote fewer keys.
  const { ERROR, ARGS, type, class: kind, stack, attempts, task } = JSON.parse(
    Deno.readTextFileSync(errors),
  );
  const line = JSON.stringify({ ERROR, ARGS, type, class: kind, stack, task, attempts });
  Deno.writeTextFileSync(errors, line + "\n");
  assertEquals(await verified(errors, folder), "sound: 1 line");
  Deno.writeTextFileSync(errors, line.replace("no two", "no twa") + "\n");
  assertEquals(
    await verified(errors, folder),
    "DAMAGED: it has not the 1 line of the journal, dl_jobs results ID --rebuild writes it again",
  );
});
