/**
 * The record of a set of hosts, which a later process takes the set down by.
 *
 * @module
 */

import { exists, readIfThere } from "../../lib/util/files/fs.ts";
import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { listNames, output } from "../support/system.ts";
import { until } from "../support/until.ts";
import type { HostPlace } from "./config.ts";
import { beginOf } from "./processes.ts";

/** The default folder of hosts that a user starts. */
export const DEFAULT_DIR = "/tmp/dl_jobs_hosts";

/** The start of the names of temporary folders. */
export const PREFIX = "dl_jobs_hosts_";

/** A network interface of this machine. */
export interface Link {
  readonly name: string;
  /** Its number, which no later interface has: a later set may have one with the same name. */
  readonly index: string;
}

/** Returns the number of an interface; an empty text when it does not exist. */
export function indexOf(name: string): string {
  return readIfThere(`/sys/class/net/${name}/ifindex`).trim();
}

/** A set of hosts. */
export interface HostsRecord {
  /** The process that keeps the set: all its processes and mounts end with it. */
  readonly keeper: number;
  /** The moment at which the keeper began, since another process may have its id later. */
  readonly began: string;
  /** The near end of the network. */
  readonly link: Link;
  readonly places: readonly HostPlace[];
}

/** Writes the record of a set. */
export function writeHosts(dir: string, record: HostsRecord): void {
  Deno.writeTextFileSync(`${dir}/hosts.json`, JSON.stringify(record));
}

/** Reads the record of a set; undefined for a folder without one. */
export function readHosts(dir: string): HostsRecord | undefined {
  const text = readIfThere(`${dir}/hosts.json`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Ends all processes of a set of hosts, and removes its network and its folder. */
export async function down(dir: string): Promise<void> {
  const record = readHosts(dir);
  if (record === undefined) return;
  if (isUp(record)) sendSignal(record.keeper, "SIGKILL");
  // The kernel removes an unused network late.
  const { name, index } = record.link;
  if (indexOf(name) === index) output("ip", ["link", "delete", name], {});
  await until(() => !isUp(record), `process ${record.keeper} has ended`);
  while (exists(dir)) await removeFolder(dir);
}

/** Removes a folder, unless another process removes it at the same time. */
async function removeFolder(dir: string): Promise<void> {
  try {
    await Deno.remove(dir, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Takes down what killed tests have left. */
export async function downAbandoned(parent: string): Promise<void> {
  for (const name of listNames(parent).filter((name) => name.startsWith(PREFIX))) {
    const record = readHosts(`${parent}/${name}`);
    if (record !== undefined && !isUp(record)) await down(`${parent}/${name}`);
  }
}

function isUp({ keeper, began }: HostsRecord): boolean {
  return beginOf(keeper) === began;
}
