import { bundleTask } from "../../../../lib/bundle/build.ts";
import { sameCodeAs } from "../../../../lib/bundle/program/own_code.ts";
import type { JobRecord } from "../../../../lib/job_dir/record.ts";
import { toFileUrl } from "../../../../lib/util/paths.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

const SCRIPT = `import { unit } from "./unit.ts";
export const task = (x: number) => unit(x) * 2;`;
const UNIT = "export const unit = (x: number) => x + new URL('.', import.meta.url).href.length;";
const PYTHON = "def task(x):\n    return x * 2\n";

/** A directory with spaces, whose job `a` has the program of a function in it. */
async function jobIn(ending: "ts" | "py", edit = (text: string) => text, unit = UNIT) {
  const files = { "a b/task.ts": SCRIPT, "a b/task.py": PYTHON, "a b/unit.ts": unit };
  const folder = await makeFolder(files), directory = `${folder.path}/a b`;
  const target = { module: toFileUrl(`${directory}/task.${ending}`), method: "task" };
  const { code, hash } = await bundleTask(target), file = `bundle.${ending.replace("t", "j")}`;
  const text = edit(code), path = "a b/.dl_jobs/a";
  await folder.write(`${path}/${file}`, text);
  const programs = [{ hash, file, since: "2030-01-01T00:00:00Z" }];
  const record: JobRecord = recordFor("a", {
    ...{ directory, programs, function: target },
    code: crypto.randomUUID(),
  });
  return {
    path: `${folder.path}/${path}`,
    record,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A change of the library. */
const ofLibrary = (text: string) =>
  text.replace("(() => {", "(() => {\n  var newer = 1;").replace("usesNode:", "newer: 1, usesNode:")
    .replace("WORKER = {", 'WORKER = {\n    "newer": ("", False, ""),');

for (const ending of ["ts", "py"] as const) {
  Deno.test(`sameCodeAs() ignores other versions of the library and directories, for ${ending}`, async () => {
    await using job = await jobIn(ending);
    await using moved = await jobIn(ending, ofLibrary);
    await using changed = await jobIn(
      ending,
      (text) => text.replace(/(unit\(x\)|return x) \* 2/, "$1 * 3"),
    );
    await using damaged = await jobIn(ending, () => "");
    const isSame = sameCodeAs(job.path, job.record);
    const found = [job, moved, changed, damaged].map(({ path, record }) => isSame(path, record));
    assertEquals(found, [true, true, false, false]);
    assertEquals(sameCodeAs(damaged.path, damaged.record)(job.path, job.record), false);
  });
}

Deno.test("sameCodeAs() compares imported modules and the versions of packages", async () => {
  const pin = (version: number) => (text: string) =>
    text.replace("//# source", `function __dl_jobs_packages() {\n  ${version};\n}\n//# source`);
  await using job = await jobIn("ts", pin(1));
  await using other = await jobIn("ts", pin(2));
  await using same = await jobIn("ts", (text) => ofLibrary(pin(1)(text)));
  await using unit = await jobIn("ts", pin(1), UNIT.replace("x +", "x -"));
  const isSame = sameCodeAs(job.path, job.record);
  assertEquals([other, same, unit].map(({ path, record }) => isSame(path, record)), [
    ...[false, true, false],
  ]);
});

Deno.test("sameCodeAs() takes any program of a command for the same code", () => {
  const record = recordFor("a", { function: { command: ["echo", "{}"] } });
  assertEquals(sameCodeAs("/none/a", record)("/none/b", { ...record, code: "n3w" }), true);
  const scripts = { "./tile.sh": "1" };
  assertEquals(sameCodeAs("/none/a", record)("/none/b", { ...record, scripts }), false);
  assertEquals(sameCodeAs("/a", { ...record, scripts })("/b", { ...record, scripts }), true);
});
