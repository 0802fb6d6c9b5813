/**
 * The engines by name. Each is loaded when it is used.
 *
 * @module
 */

import type { ENGINES } from "../config/options.ts";
import type { Engine } from "./engine.ts";

/** The name of an engine. */
export type EngineName = typeof ENGINES[number];

const LOADERS: { readonly [Name in EngineName]: () => Promise<Engine> } = {
  inline: async () => (await import("./inline.ts")).inlineEngine,
  local: async () => (await import("./local/local.ts")).localEngine,
  compute: async () => (await import("./compute/compute.ts")).compute,
  slurm: async () => (await import("./slurm/slurm.ts")).slurm,
};

/** Loads an engine by its name. */
export function loadEngine(name: EngineName): Promise<Engine> {
  return LOADERS[name]();
}
