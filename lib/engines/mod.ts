/**
 * The engines by name, each loaded when it is asked for.
 *
 * @module
 */

import type { ENGINES } from "../config/options.ts";
import type { Engine } from "./engine.ts";

/** The name of an engine. */
export type EngineName = typeof ENGINES[number];

const LOADERS: { readonly [Name in EngineName]: () => Promise<Engine> } = {
  inline: async () => (await import("./inline.ts")).inline,
  local: async () => (await import("./local/local.ts")).local,
  compute: async () => (await import("./compute/compute.ts")).compute,
  slurm: async () => (await import("./slurm/slurm.ts")).slurm,
};

/** Loads an engine. */
export function loadEngine(name: EngineName): Promise<Engine> {
  return LOADERS[name]();
}
