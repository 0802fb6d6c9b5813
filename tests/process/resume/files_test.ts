/**
 * The files of results and errors of a job that is resumed or rebuilt.
 *
 * @module
 */

import { rebuildFiles } from "../../../lib/job/inspect/history.ts";
import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { cli, enterFolder, kill, readLines, runJob } from "../../support/jobs.ts";
import { square, squares } from "./squares.ts";

Deno.test("resume() writes the results as the first run would have: in order, with lists split", async (t) => {
  const fn = (x: number) => x === 3 ? { ERROR: "drei" } : [x, [x], { ERROR: x === 5 && "fünf" }];
  for (const ordered of [true, false]) {
    for (const saveErrors of [true, false]) {
      await t.step(`ordered: ${ordered}, errors file: ${saveErrors}`, async () => {
        await using _folder = await enterFolder();
        const { paths } = await runJob({
          ...{ fn, argsList: 8, ordered, saveErrors, groupedResults: false, workers: 1 },
        });
        const results = readLines(paths.results), errors = readLines(paths.errors);
        assertEquals(results.length, saveErrors ? 20 : 22);
        kill(paths.folder, { read: 6, events: ({ id }) => id !== 2 && id < 5 });
        await resumeJob(paths.folder);
        const sorted = (lines: string[]) => ordered && saveErrors ? lines : lines.toSorted();
        assertEquals(sorted(readLines(paths.results)), sorted(results));
        assertEquals(readLines(paths.errors).toSorted(), errors.toSorted());
      });
    }
  }
});

Deno.test("rebuildFiles() writes the same bytes", async (t) => {
  const fn = (x: number) => {
    if (x % 7 === 0) throw new RangeError(`${x} is divisible`);
    if (x % 11 === 0) return { ERROR: "elf", x };
    return x % 5 === 0 ? [x, "ü"] : x;
  };
  const cases = {
    ordered: [true, false],
    groupedResults: [true, false],
    saveErrors: [true, false],
  };
  for (const ordered of cases.ordered) {
    for (const groupedResults of cases.groupedResults) {
      for (const saveErrors of cases.saveErrors) {
        const options = { ordered, groupedResults, saveErrors };
        await t.step(JSON.stringify(options), async () => {
          await using folder = await enterFolder();
          const { paths } = await runJob({ fn, argsList: 300, ...options });
          const files = [paths.results, ...(paths.errors ? [paths.errors] : [])] as string[];
          const before = files.map((path) => Deno.readTextFileSync(path));
          assertEquals(await rebuildFiles(paths.folder), files);
          assertEquals(files.map((path) => Deno.readTextFileSync(path)), before);
          for (const path of files) Deno.removeSync(path);
          const { code, stderr } = await cli(["results", "--rebuild"]);
          const names = files.map((path) => `Wrote ${path}\n`).join("");
          assertEquals([code, stderr], [0, names]);
          assertEquals(files.map((path) => Deno.readTextFileSync(path)), before);
          const left = Array.from(Deno.readDirSync(`${folder.path}/results`), ({ name }) => name);
          assertEquals(left.length, 1);
        });
      }
    }
  }
});

Deno.test("a job that prints its results still does so after a rebuild", async () => {
  await using _folder = await enterFolder({
    "half.ts": `export const half = (x: number) => {
  if (x % 2 && !Deno.env.has("MENDED")) throw new RangeError("odd");
  return x / 2;
};
`,
  });
  const first = await cli(["map", "half.ts#half", "-q"], { input: "1\n2\n" });
  assertEquals([first.code, first.stdout], [1, "1\n"]);
  const refused = await cli(["results", "--rebuild", "-o", "other.csv"]);
  assertEquals([refused.code, refused.stderr], [
    2,
    "Error: Cannot use --output with --rebuild, which writes the files of the job: leave out one " +
    "of them\n",
  ]);
  const { code, stderr } = await cli(["results", "--rebuild"]);
  assertEquals(code, 0, stderr);
  const retried = await cli(["retry", "-q"], { env: { MENDED: "1" } });
  assertEquals(retried, { code: 0, stdout: "0.5\n", stderr: "" });
  const [, path] = /^Wrote (\S+)\n/.exec(stderr)!;
  assertEquals(readLines(path), ["1", "0.5"]);
});

Deno.test("rebuildFiles() does not change a file that other jobs also write to", async () => {
  await using _folder = await enterFolder();
  const shared = { fn: square, argsList: 2, resultsTimestamp: false };
  const { paths } = await runJob({ ...shared });
  const { id } = await runJob({ ...shared });
  assertEquals(readLines(paths.results).length, 4);
  const error = await assertRejects(() => rebuildFiles(paths.folder), UsageError);
  assertEquals(
    error.message,
    `Cannot rebuild the files of job ${paths.folder.split("/").at(-1)}: other jobs write to them ` +
      `too (results_timestamp is false), use dl_jobs results ${
        paths.folder.split("/").at(-1)
      } > FILE`,
  );
  assertEquals([readLines(paths.results).length, id === paths.folder], [4, false]);
});

Deno.test("resume() appends to a file that other jobs write to", async (t) => {
  for (const ordered of [true, false]) {
    await t.step(`ordered: ${ordered}`, async () => {
      await using _folder = await enterFolder();
      const shared = { fn: square, resultsTimestamp: false, ordered, suppress: ["is shared with"] };
      await runJob({ ...shared, argsList: 3, name: "square" });
      const stop = new AbortController();
      const outputSinks = [{ write: () => stop.abort() }];
      const options = { ...shared, argsList: new Set(Array(50_000).keys()), name: "square" };
      const { paths, canceled } = await runJob(options, { outputSinks, stop: stop.signal });
      const source = { kind: "number", length: 50_000 } as const;
      writeRecord(paths.folder, { ...readRecord(paths.folder), source });
      assert(canceled >= 0);
      await resumeJob(paths.folder);
      const lines = [...squares(3), ...squares(50_000)].map((value) => JSON.stringify(value));
      const found = readLines(paths.results);
      assert((ordered ? found : found.sort()).join() === (ordered ? lines : lines.sort()).join());
      // A truncated file has no torn line afterwards.
      kill(paths.folder);
      Deno.writeTextFileSync(paths.results!, '{"torn', { append: true });
      await resumeJob(paths.folder);
      assertEquals(readLines(paths.results).length, 50_003);
      assertEquals(Deno.readTextFileSync(paths.results!).at(-1), "\n");
    });
  }
});

Deno.test("resume() with nothing to do leaves the files as they are", async () => {
  await using _folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 20 });
  const inode = Deno.statSync(paths.results!).ino, { ended, ms } = readRecord(paths.folder);
  const { total, succeeded } = await resumeJob(paths.folder);
  assertEquals([total, succeeded], [20, 20]);
  const after = readRecord(paths.folder);
  assertEquals([after.ended, after.ms], [ended, ms]);
  assertEquals(Deno.statSync(paths.results!).ino, inode);
  // A missing file is written again.
  Deno.removeSync(paths.results!);
  await resumeJob(paths.folder);
  assertEquals(readLines(paths.results).length, 20);
});
