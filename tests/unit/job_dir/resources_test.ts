import { jobFiles } from "../../../lib/job_dir/layout.ts";
import { parseResources, ResourceLog } from "../../../lib/job_dir/resources.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { readLines } from "../../support/jobs.ts";

const worker = (name: string, pid: number, memory: number, cpu: number) => ({
  ...{ worker: name, pid, memory, cpu },
  tasks: [],
});

Deno.test("ResourceLog adds up the workers, and keeps the CPU time of those that ended", async () => {
  await using folder = await makeFolder();
  const log = new ResourceLog(folder.path), { resources } = jobFiles(folder.path);
  log.add(0, [{ worker: "far", tasks: [] }]);
  assertEquals(readLines(resources), []);
  log.add(1000, [worker("0", 7, 100, 500), worker("1", 8, 50, 250)]);
  // Between two lines, the largest memory counts.
  log.add(1500, [worker("0", 7, 900, 700)]);
  log.add(2000, [worker("0", 9, 100, 300)]);
  log.add(3000, [worker("0", 9, 200, 300)]);
  assertEquals(readLines(resources).flatMap(parseResources), [
    { at: 1000, memory: 150, cpus: 0.75 },
    { at: 2000, memory: 900, cpus: 0.5 },
    { at: 3000, memory: 200, cpus: 0 },
  ]);
});

Deno.test("ResourceLog keeps one process a worker, and counts another one from its start", async () => {
  await using folder = await makeFolder();
  const log = new ResourceLog(folder.path), { resources } = jobFiles(folder.path);
  log.add(1000, [worker("0", 7, 100, 500)]);
  log.add(2000, [worker("0", 9, 100, 100)]);
  // The system has given the id of the first process to another one.
  log.add(3000, [worker("0", 7, 100, 200)]);
  log.add(4000, [worker("0", 7, 100, 250)]);
  const samples = readLines(resources).flatMap(parseResources);
  assertEquals(samples.map(({ cpus }) => cpus), [0.5, 0.1, 0.2, 0.05]);
});

Deno.test("ResourceLog writes fewer lines as a job grows, and its reader skips torn lines", async () => {
  await using folder = await makeFolder();
  const log = new ResourceLog(folder.path), day = 86_400;
  for (let second = 1; second <= day; second++) {
    log.add(second * 1000, [worker("0", 7, 100, second)]);
  }
  const { length } = readLines(jobFiles(folder.path).resources);
  assertEquals(length > 1000 && length < 3000, true, `${length} lines`);
  assertEquals(
    ['{"at":1,"mem', "", "{}", '{"at":1,"memory":2,"cpus":"x"}'].flatMap(parseResources),
    [],
  );
});
