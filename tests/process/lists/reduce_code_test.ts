/**
 * Jobs with a reduce that run again after its function has changed.
 *
 * @module
 */

import { findJob } from "../../../lib/job_dir/find.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, readLines } from "../../support/jobs.ts";

const reducer = (name: string) =>
  `export const add = (all: string[] = [], x: number) => [...all, "${name}" + x];\n`;
const inPython = (name: string) => `def add(all, x):\n    return (all or []) + [f"${name}{x}"]\n`;
const FILES = {
  "work.ts": "export const same = (x: number) => x;\n",
  "fold.ts": reducer("a"),
  "fold.py": inPython("a"),
  "list.ndjson": "1\n2\n",
};

/** Runs a command, and returns the value in the file and the notes on stderr, without times. */
async function valueAfter(args: readonly string[]): Promise<[value: string[], notes: string]> {
  const { code, stdout, stderr } = await cli([...args, "-q"]);
  assertEquals([code, stdout], [0, ""], stderr);
  return [readLines("value.ndjson"), stderr.replace(/since \w+ \d+ \d+ [\d:]+/, "since TIME")];
}

for (const [file, text] of [["fold.ts", reducer], ["fold.py", inPython]] as const) {
  Deno.test(`retry folds with the current code and says so, resume with the old code: ${file}`, async () => {
    await using folder = await enterFolder(FILES);
    const map = ["map", "work.ts#same", "list.ndjson", "--reduce", `${file}#add`];
    const a = ['["a1","a2"]'], b = ['["b1","b2"]'];
    assertEquals(await valueAfter([...map, "-o", "value.ndjson"]), [a, ""]);
    assertEquals(await valueAfter(["retry"]), [a, ""]);
    await folder.write(file, text("b"));
    const resumed =
      `resume folds the results with the code of the job: ${file} changed since TIME, ` +
      "--code current folds them with the current code\n";
    assertEquals(await valueAfter(["resume"]), [a, resumed]);
    assertEquals(await valueAfter(["retry", "--code", "original"]), [a, ""]);
    const retried = `retry folds the results with the current code: ${file} changed since TIME, ` +
      "--code original folds them with the old code\n";
    assertEquals(await valueAfter(["retry"]), [b, retried]);
    assertEquals(await valueAfter(["retry"]), [b, ""]);
    assertEquals((await cli(["results"])).stdout, `${b}\n`);
    assertEquals(await valueAfter(["retry", "--code", "original"]), [a, ""]);
    const { reduce } = readRecord(findJob());
    const [first, second] = reduce!.programs!.map(({ hash }) => hash);
    assertEquals(reduce!.programs!.map(({ hash }) => hash), [first!, second!, first!]);
    assertEquals(reduce!.code, first);
  });
}

Deno.test("a mended reduce that failed is folded by retry", async () => {
  await using folder = await enterFolder({ ...FILES, "fold.ts": "export const add = () => {};\n" });
  const map = ["map", "work.ts#same", "list.ndjson", "-q", "--reduce", "fold.ts#add"];
  assertEquals((await cli([...map, "-o", "value.ndjson"])).code, 1);
  await folder.write("fold.ts", "export const add = ((\n");
  const broken = await cli(["retry", "-q"]);
  assertEquals([broken.code, broken.stderr.trimEnd().split("\n").at(-1)], [
    2,
    "The current reduce cannot run: fix it, or fold with the old code with --code original",
  ]);
  await Deno.remove("fold.ts");
  const moved = (await cli(["retry", "-q"])).stderr.trimEnd().split("\n").slice(-2);
  assertEquals(moved, [
    "Error: Cannot find fold.ts: no such file",
    "The current reduce cannot run: fix it, or fold with the old code with --code original",
  ]);
  await folder.write("fold.ts", reducer("c"));
  assertEquals((await valueAfter(["retry"]))[0], ['["c1","c2"]']);
});

Deno.test("a reduce that is a value in a script keeps its code, with a note", async () => {
  const jobs = (name: string) =>
    `import { Job } from "${new URL("../../../mod.ts", import.meta.url)}";
export const fold = () => new Job({ moduleName: "work.ts", methodName: "same", argsList: [1, 2],
  noisy: false, reduce: (all: string[] = [], x: number) => [...all, "${name}" + x] });\n`;
  await using folder = await enterFolder({ ...FILES, "run/jobs.ts": jobs("a") });
  assertEquals((await cli(["run", "jobs.fold", "-o", "value.ndjson"])).code, 0);
  await folder.write("run/jobs.ts", jobs("b"));
  assertEquals(await valueAfter(["retry"]), [
    ['["a1","a2"]'],
    "retry folds the results with the code of the job: run/jobs.ts changed since TIME, and reduce " +
    "is a value in a script: run the script again\n",
  ]);
});
