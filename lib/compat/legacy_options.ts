/**
 * The options that exist for code and config files of the Python package. They behave as in that
 * package, and the help lists them last.
 *
 * @module
 */

import { IMAGES } from "./image_keys.ts";

/** The legacy options by name. `OPTIONS` includes each of them at its original position. */
export const LEGACY_OPTIONS = {
  is_dev: {
    name: "is_dev",
    flag: "dev",
    type: "boolean",
    takesBool: true,
    default: true,
    doc: "Run jobs on this machine, even if they request another engine; --engine overrides it.",
    group: "place",
    legacy: true,
  },
  cpu_job: {
    name: "cpu_job",
    type: "boolean",
    takesBool: true,
    default: true,
    doc: "Use the CPU image and no GPUs, unless a later source sets gpus, such as --gpus 1.",
    group: "place",
    legacy: true,
  },
  cpu_image: {
    name: "cpu_image",
    type: "text",
    default: "py36",
    keys: IMAGES,
    doc: "Container image of a job without GPUs.",
    example: "py37",
    group: "place",
    legacy: true,
  },
  gpu_image: {
    name: "gpu_image",
    type: "text",
    default: "py36_gpu",
    keys: IMAGES,
    doc: "Container image of a job with GPUs.",
    example: "py37_gpu",
    group: "place",
    legacy: true,
  },
  suppress: {
    name: "suppress",
    type: "list",
    default: ["DeprecationWarning", "FutureWarning"],
    doc: "Leave out log lines that contain one of these words; case is ignored.",
    example: "UserWarning",
    group: "messages",
    legacy: true,
  },
} as const;
