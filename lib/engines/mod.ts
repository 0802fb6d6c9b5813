/**
 * The engines by name. Each module is loaded on first use.
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
  ssh: async () => (await import("./ssh/ssh.ts")).sshEngine,
  kubernetes: async () => (await import("./kubernetes/kubernetes.ts")).kubernetesEngine,
  slurm: async () => (await import("./slurm/slurm.ts")).slurm,
};

/** Loads the engine with the given name. */
export function loadEngine(name: EngineName): Promise<Engine> {
  return LOADERS[name]();
}
