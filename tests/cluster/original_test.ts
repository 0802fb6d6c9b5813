/**
 * A code base in the manner of the Python package, on a cluster.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { skipped, useCluster, whyNot } from "../support/cluster.ts";
import { DL_JOBS, filesOf, makeCodeBase, runIn } from "../process/original/projects.ts";

useCluster();

const COMMAND = [...DL_JOBS, "run", "scenes", "land", "south", "--engine", "slurm"];
const MODULE = ["python3", "-m", "dl_jobs", "run", "scenes", "land", "south", "--dev", "false"];

for (const words of [COMMAND, MODULE]) {
  Deno.test({
    name: `slurm: the code base writes the same files, by ${words.at(-2)}${skipped}`,
    ignore: whyNot !== undefined,
    async fn() {
      await using project = await makeCodeBase();
      const { err, code } = await runIn(project, words, { env: { DL_JOBS_ENGINE: "slurm" } });
      const scene = { key: "south:0", band: "red", name: "land-v1-7" };
      assertEquals(
        { files: filesOf(project, ["output"]), code },
        { files: { "output/scenes_south.ndjson": [scene] }, code: 0 },
        err,
      );
    },
  });
}
