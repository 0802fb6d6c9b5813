/**
 * Whether a job is a CPU job or a GPU job, and which container image it gets.
 *
 * @module
 */

/** The options that choose an image. */
export interface ImageOptions {
  /** Whether a CPU job was asked for. */
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

/** What a job on a platform runs in. */
export interface ImageChoice {
  /** The address of the image. */
  readonly image: string;
  /** How many GPUs it gets, which may be fewer than were asked for. */
  readonly gpus: number;
  /** The choice in words. */
  readonly message: string;
  /** Whether the choice is not what was asked for. */
  readonly isWarning: boolean;
}

/**
 * Chooses the image: a CPU job gets no GPUs, and a job without GPUs is a CPU job.
 *
 * @example
 * ```ts
 * import { chooseImage } from "./image.ts";
 *
 * const choice = chooseImage({ cpuJob: false, cpus: 2, gpus: 1, cpuImage: "c", gpuImage: "g" });
 * if (choice.image !== "g" || choice.gpus !== 1) throw new Error(choice.message);
 * ```
 */
export function chooseImage(
  { cpuJob, cpus, gpus, cpuImage, gpuImage }: ImageOptions,
): ImageChoice {
  if (cpuJob && gpus > 0) {
    const message = `A CPU job was asked for together with ${
      count(gpus, "GPU")
    }: the GPUs are set to 0`;
    return { image: cpuImage, gpus: 0, message, isWarning: true };
  }
  if (cpuJob) {
    return {
      image: cpuImage,
      gpus: 0,
      message: `CPU job with ${count(cpus, "CPU")}`,
      isWarning: false,
    };
  }
  if (gpus === 0) {
    const message = "Neither a CPU job nor GPUs were asked for: it runs as a CPU job";
    return { image: cpuImage, gpus: 0, message, isWarning: true };
  }
  const message = `GPU job with ${count(gpus, "GPU")} and ${count(cpus, "CPU")}`;
  return { image: gpuImage, gpus, message, isWarning: false };
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
