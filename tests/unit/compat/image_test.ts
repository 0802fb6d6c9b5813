/**
 * The choice of an image.
 *
 * @module
 */

import { chooseImage } from "../../../lib/compat/image.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("chooseImage() removes the GPUs of a CPU job, and treats a job without GPUs as a CPU job", async (t) => {
  const cases: [
    cpuJob: boolean,
    gpus: number,
    image: string,
    given: number,
    isWarning: boolean,
    message: string,
  ][] = [
    [
      true,
      2,
      "cpu",
      0,
      true,
      "A CPU job was requested together with 2 GPUs: the GPUs are set to 0",
    ],
    [true, 0, "cpu", 0, false, "CPU job with 4 CPUs"],
    [
      false,
      0,
      "cpu",
      0,
      true,
      "Neither a CPU job nor GPUs were requested: the job runs as a CPU job",
    ],
    [false, 2, "gpu", 2, false, "GPU job with 2 GPUs and 4 CPUs"],
  ];
  for (const [cpuJob, gpus, image, given, isWarning, message] of cases) {
    await t.step(`${cpuJob ? "a CPU job" : "no CPU job"} with ${gpus} GPUs`, () => {
      assertEquals(chooseImage({ cpuJob, cpus: 4, gpus, cpuImage: "cpu", gpuImage: "gpu" }), {
        image,
        gpus: given,
        message,
        isWarning,
      });
    });
  }
});

Deno.test("chooseImage() uses the singular for one CPU or GPU", async (t) => {
  const cases: [cpuJob: boolean, gpus: number, message: string][] = [
    [true, 0, "CPU job with 1 CPU"],
    [true, 1, "A CPU job was requested together with 1 GPU: the GPUs are set to 0"],
    [false, 1, "GPU job with 1 GPU and 1 CPU"],
  ];
  for (const [cpuJob, gpus, expected] of cases) {
    await t.step(expected, () => {
      const { message } = chooseImage({ cpuJob, cpus: 1, gpus, cpuImage: "c", gpuImage: "g" });
      assertEquals(message, expected);
    });
  }
});
