import { arrayName, jobArrays, removeArray } from "../../../../lib/engines/slurm/job_array.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

// The record of version 0.1.0.
const RECORD = '{"name":"dl_jobs-20260504T110207-5f2c1a-0","array":"12","settings":' +
  '{"bundle":"/job/bundle.js","concurrency":1,"env":{},"permissions":[],"gpus":0,"workers":1},' +
  '"elements":[[[0,5,1]],[[5,4,1],[12,1,2]]]}\n';

Deno.test("jobArrays() reads the records of version 0.1.0, and writes the same bytes", async () => {
  await using folder = await makeFolder();
  await folder.write("slurm/0/wave.json", RECORD);
  await folder.write("slurm/element.js", "");
  const arrays = jobArrays(folder.path), [dir = ""] = arrays.list();
  assertEquals(dir, `${folder.path}/slurm/0`);
  const record = await arrays.read(dir);
  assertEquals([record.array, record.elements[1]], ["12", [[5, 4, 1], [12, 1, 2]]]);
  arrays.write(dir, record);
  assertEquals(await Deno.readTextFile(`${dir}/wave.json`), RECORD);
  assertEquals(arrays.next(), `${folder.path}/slurm/1`);
});

Deno.test("arrayName() has the job's id and the array's number", () => {
  const dir = "/home/me/.dl_jobs/20260504T110207-5f2c1a/slurm/7";
  assertEquals(arrayName(dir), "dl_jobs-20260504T110207-5f2c1a-7");
});

Deno.test("removeArray() keeps the script and the logs", async () => {
  await using folder = await makeFolder();
  await folder.write("slurm/0/wave.json", RECORD);
  for (const name of ["tasks/0.ndjson", "events/0.ndjson", "logs/0.log", "script.sh"]) {
    await folder.write(`slurm/0/${name}`, "");
  }
  const arrays = jobArrays(folder.path);
  await removeArray(arrays, `${folder.path}/slurm/0`);
  const left = Array.from(Deno.readDirSync(`${folder.path}/slurm/0`), ({ name }) => name).sort();
  assertEquals([left, arrays.list()], [["logs", "script.sh"], []]);
});
