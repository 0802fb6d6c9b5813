/**
 * Chooses a CPU or GPU job and its container image by the Python package's rules for `cpu_job`,
 * `cpu_image` and `gpu_image`.
 *
 * @module
 */

import { counted } from "../util/text/counted.ts";

/** The options that determine the image. */
export interface ImageOptions {
  /** True when a CPU job was requested. */
  readonly cpuJob: boolean;
  /** The number of CPUs of a worker. */
  readonly cpus: number;
  /** The number of GPUs of a worker. */
  readonly gpus: number;
  /** The image of CPU jobs. */
  readonly cpuImage: string;
  /** The image of GPU jobs. */
  readonly gpuImage: string;
}

/** The chosen image and number of GPUs of a job. */
export interface ImageChoice {
  /** The address of the image. */
  readonly image: string;
  /** The number of GPUs, which may be lower than requested. */
  readonly gpus: number;
  /** A message about the choice, for the user. */
  readonly message: string;
  /** True when the choice differs from the request. */
  readonly isWarning: boolean;
}

/**
 * Chooses the image and the number of GPUs. A CPU job has no GPUs, and a job without GPUs is a CPU
 * job.
 *
 * @example
 * ```ts
 * import { chooseImage } from "./image.ts";
 *
 * const choice = chooseImage({ cpuJob: false, cpus: 2, gpus: 1, cpuImage: "c", gpuImage: "g" });
 * if (choice.image !== "g" || choice.gpus !== 1) throw new Error(choice.message);
 * ```
 *
 * @returns the choice, with a warning when it differs from the request.
 */
export function chooseImage(
  { cpuJob, cpus, gpus, cpuImage, gpuImage }: ImageOptions,
): ImageChoice {
  if (cpuJob && gpus > 0) {
    const message = `A CPU job was requested together with ${counted(gpus, "GPU")}: the GPUs ` +
      "are set to 0";
    return { image: cpuImage, gpus: 0, message, isWarning: true };
  }
  if (cpuJob) {
    return {
      image: cpuImage,
      gpus: 0,
      message: `CPU job with ${counted(cpus, "CPU")}`,
      isWarning: false,
    };
  }
  if (gpus === 0) {
    const message = "Neither a CPU job nor GPUs were requested: the job runs as a CPU job";
    return { image: cpuImage, gpus: 0, message, isWarning: true };
  }
  const message = `GPU job with ${counted(gpus, "GPU")} and ${counted(cpus, "CPU")}`;
  return { image: gpuImage, gpus, message, isWarning: false };
}
