/**
 * The size of the pods of a Job: that of the options, or a multiple for attempts after `oom`.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import type { KubernetesSettings } from "./options.ts";

// Few tasks need more memory, and larger pods may need nodes of their own.
const PART_OF_PODS = 4;

/** Returns the name of a size, which is also its place in the folder of the job. */
export function sizeName(growth: number): string {
  return growth === 1 ? "kubernetes" : `kubernetes/x${growth}`;
}

/** Lists the sizes of which the folder of a job has records. The first is that of the options. */
export function knownSizes(folder: string): string[] {
  const dir = engineFolder(folder, sizeName(1));
  try {
    const grown = Array.from(Deno.readDirSync(dir)).filter(({ isDirectory }) => isDirectory);
    return [sizeName(1), ...grown.map(({ name }) => `${sizeName(1)}/${name}`)];
  } catch {
    return [sizeName(1)];
  }
}

/** Returns the settings of a size. */
export function settingsOfSize(settings: KubernetesSettings, growth: number): KubernetesSettings {
  const { memory, pods } = settings;
  if (growth === 1 || memory === undefined) return settings;
  const [, number, unit] = QUANTITY.exec(memory)!;
  const grown = Number((Number(number) * growth).toPrecision(6));
  return { ...settings, memory: `${grown}${unit}`, pods: Math.ceil(pods / PART_OF_PODS) };
}

/** Returns the bytes of a quantity of memory, such as `8Gi`. */
export function bytesOf(memory: string): number {
  const [, number, unit = ""] = QUANTITY.exec(memory)!;
  const base = unit.endsWith("i") ? 1024 : 1000;
  const power = unit === "" ? 0 : 1 + "KMGTPE".indexOf(unit.charAt(0).toUpperCase());
  return Number(number) * base ** power;
}

const QUANTITY = /^([\d.]+)(\D*)$/;
