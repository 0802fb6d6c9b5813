/**
 * The options that serve code and config files of the Python package. They work unchanged, and the
 * help lists them last.
 *
 * @module
 */

import { IMAGES } from "./image_keys.ts";

/** The legacy options by name. The table of all options has each at its old place. */
export const LEGACY_OPTIONS = {
  is_dev: {
    name: "is_dev",
    flag: "dev",
    type: "boolean",
    default: true,
    doc: "Run every job on this machine, whatever the job asks for.",
    group: "place",
    legacy: true,
  },
  cpu_job: {
    name: "cpu_job",
    type: "boolean",
    default: true,
    doc: "Always use the CPU image, and no GPUs.",
    group: "place",
    legacy: true,
  },
  cpu_image: {
    name: "cpu_image",
    type: "text",
    default: "py36",
    keys: IMAGES,
    doc: "Container image of a job without GPUs.",
    group: "place",
    legacy: true,
  },
  gpu_image: {
    name: "gpu_image",
    type: "text",
    default: "py36_gpu",
    keys: IMAGES,
    doc: "Container image of a job with GPUs.",
    group: "place",
    legacy: true,
  },
  suppress: {
    name: "suppress",
    type: "list",
    default: ["DeprecationWarning", "FutureWarning"],
    doc: "Leave out log lines that contain one of these words, in upper or lower case.",
    group: "messages",
    legacy: true,
  },
} as const;
