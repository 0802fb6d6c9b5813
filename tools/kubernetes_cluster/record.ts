/**
 * The record of a cluster, which a later process takes it down by.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { down } from "../ssh_hosts/record.ts";
import { removeCgroup } from "./cgroups.ts";
import type { ClusterPlace } from "./config.ts";

/** The default folder of a cluster that a user starts. */
export const CLUSTER_DIR = "/tmp/dl_jobs_kubernetes";

/** A cluster's place, and the process that all others of the cluster end with. */
export interface ClusterRecord {
  readonly place: ClusterPlace;
  readonly keeper: number;
}

/** Writes the record of a cluster. */
export function writeCluster(record: ClusterRecord): void {
  Deno.writeTextFileSync(`${record.place.dir}/cluster.json`, JSON.stringify(record));
}

/**
 * Reads the record of a cluster.
 *
 * @returns undefined for a folder without one
 */
export function readCluster(dir: string): ClusterRecord | undefined {
  const text = readIfThere(`${dir}/cluster.json`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Ends all processes of a cluster, and removes its network, its control groups and its folder. */
export async function downCluster(dir: string): Promise<void> {
  const record = readCluster(dir);
  await down(dir);
  if (record) removeCgroup(record.place.cgroup);
}
