/**
 * A code base in the manner of the Python package, run without changes in three ways.
 *
 * @module
 */

import type { Folder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { DL_JOBS, filesOf, makeCodeBase, runIn } from "./projects.ts";

const SCRIPT = `
import json, sys
import run.setup as setup

if __name__ == '__main__':
    for job in setup.task('land', noisy=False, gpus=1):
        if job:
            out = job.run()
            values = out if isinstance(out, list) else [out]
            print(json.dumps([json.loads(v) if job.method_name != 'predict' else v for v in values]))
`;

const EXPECTED = {
  "output/scenes_north.ndjson": [{ key: "north:0", band: "red", name: "land-v1-7" }],
  "output/scenes_south.ndjson": [{ key: "south:0", band: "red", name: "land-v1-7" }],
  "output/upload.ndjson": [{ args: ["land"], kwargs: { version: "v0" }, bands: 4 }],
  "output/predictions.ndjson": [null, { class: "forest", index: 0 }],
  "errors/prediction_errors.ndjson": [
    failed({ ERROR: "ERROR[predict]: no model for 1", ARGS: 1, task: 1 }),
    failed({ ERROR: true, ARGS: 2, index: 2, task: 2 }),
  ],
};

function failed(more: Readonly<Record<string, unknown>>) {
  return { KWARGS: {}, type: "ERROR", class: "error", attempts: 1, ...more };
}

const WAYS: Readonly<Record<string, readonly string[]>> = {
  "dl_jobs run": [...DL_JOBS, "run", "setup", "land"],
  "python3 -m dl_jobs run": ["python3", "-m", "dl_jobs", "run", "setup", "land"],
};

for (const [way, words] of Object.entries(WAYS)) {
  Deno.test(`${way}: runs the jobs of a run method, and writes their files`, async () => {
    await using project = await makeCodeBase();
    const { out, err, code } = await runIn(project, words);
    assertEquals({ files: written(project), code }, { files: EXPECTED, code: 1 }, err);
    assertEquals(out.split("\n").filter(Boolean).length, 5);
    const told = err.split("\n").filter((line) => /^Warning|hidden|saving/.test(line));
    assertEquals(told, [
      "Warning: element 3 of the list that setup returned is not a job",
      "saving north:0",
      "saving south:0",
      "Warning: the job runs here without GPUs: it requests 1, and this machine has 0",
    ]);
  });
}

Deno.test("a script: runs jobs, and receives what their methods return", async () => {
  await using project = await makeCodeBase();
  await project.write("launch.py", SCRIPT);
  const { out, err, code } = await runIn(project, ["python3", "launch.py"]);
  assertEquals({ files: written(project), code }, { files: EXPECTED, code: 0 }, err);
  assertEquals(out.split("\n").filter(Boolean).map((line) => JSON.parse(line)), [
    [EXPECTED["output/scenes_north.ndjson"]],
    [EXPECTED["output/scenes_south.ndjson"]],
    EXPECTED["output/upload.ndjson"],
    [
      { index: 0, class: "forest" },
      "ERROR[predict]: no model for 1",
      { ERROR: true, index: 2 },
      null,
    ],
  ]);
});

function written(project: Folder): unknown {
  return filesOf(project, ["output", "errors"]);
}

Deno.test("a task method that raises under attempt fails its task, with its arguments", async () => {
  await using project = await makeCodeBase();
  const { code } = await runIn(project, [...DL_JOBS, "run", "scenes", "land", "north"]);
  assertEquals(code, 1);
  const { "output/scenes_north.ndjson": results, ...rest } = filesOf(project, ["output", "errors"]);
  assertEquals(results!.length, 3);
  const [[error]] = Object.values(rest) as [[Record<string, unknown>]];
  const { stack, ...facts } = error;
  assertEquals(String(stack).split("\n").at(-1), "ValueError: no scene for north:2");
  assertEquals(facts, {
    ERROR: "no scene for north:2",
    ARGS: [{ product: "land", region: "north", tile_key: "north:2" }],
    KWARGS: {},
    type: "ValueError",
    class: "error",
    task: 2,
    attempts: 1,
  });
});

Deno.test("the README of the Python package: its examples run", async () => {
  await using project = await makeCodeBase();
  for (const args of ["first 3", "gpu 3 gpu_tf_ex platform=false --dev true", "gpu value=3"]) {
    const words = `run task_examples.${args}`.split(" ");
    const { out, err, code } = await runIn(project, [...DL_JOBS, ...words]);
    assertEquals({ out, code }, { out: "3\n", code: 0 }, err);
  }
});
