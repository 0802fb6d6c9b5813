/**
 * A code base in the manner of the Python package, on the engine compute.
 *
 * @module
 */

import { fromFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";
import { whyNot } from "../../support/platform.ts";
import { skipSuffix } from "../../support/programs.ts";
import { DL_JOBS, filesOf, makeCodeBase, runIn } from "./projects.ts";

const SERVER = fromFileUrl(new URL("../../../tools/compute_server/main.ts", import.meta.url).href);

const SCRIPT = `
import json
import run.scenes as scenes
import run.model as model

for job in [scenes.task('land', 'south', noisy=False), model.upload('land', noisy=False)]:
    job.platform_job = True
    out = job.run()
    print(json.dumps(json.loads(out[0] if isinstance(out, list) else out)))
`;

const SCENE = { key: "south:0", band: "red", name: "land-v1-7" };
const UPLOAD = { args: ["land"], kwargs: { version: "v0" }, bands: 4 };

Deno.test({
  name: `the code base writes the same files on compute${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn(t) {
    const onServer = [Deno.execPath(), "run", "-A", "--quiet", SERVER];
    await t.step("dl_jobs run", async () => {
      await using project = await makeCodeBase();
      const words = ["run", "scenes", "land", "south", "--engine", "compute"];
      const { err, code } = await runIn(project, [...onServer, ...DL_JOBS, ...words]);
      assertEquals(
        { files: filesOf(project, ["output"]), code },
        { files: { "output/scenes_south.ndjson": [SCENE] }, code: 0 },
        err,
      );
    });
    await t.step("a script", async () => {
      await using project = await makeCodeBase();
      await project.write("launch.py", SCRIPT);
      const env = { DL_JOBS_ENGINE: "compute" };
      const { out, err, code } = await runIn(project, [...onServer, "python3", "launch.py"], {
        env,
      });
      assertEquals(
        { files: filesOf(project, ["output"]), code },
        {
          files: { "output/scenes_south.ndjson": [SCENE], "output/upload.ndjson": [UPLOAD] },
          code: 0,
        },
        err,
      );
      const printed = out.split("\n").filter(Boolean).map((line) => JSON.parse(line));
      assertEquals(printed, [[SCENE], UPLOAD]);
    });
  },
});
