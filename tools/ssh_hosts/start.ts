/**
 * Starts the parts of a set of hosts: the keeper, the network, the disks, the hosts.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { listNames, output, runSync } from "../support/system.ts";
import { until } from "../support/until.ts";
import { diskVariables, type HostPlace, type HostsOptions, writeNearFiles } from "./config.ts";
import { beginOf } from "./processes.ts";
import {
  down,
  downAbandoned,
  type HostsRecord,
  indexOf,
  type Link,
  PREFIX,
  writeHosts,
} from "./record.ts";

/** A set of hosts that is up. */
export interface Started {
  readonly dir: string;
  readonly record: HostsRecord;
  readonly keeper: Deno.ChildProcess;
}

const HERE = import.meta.dirname!;

/**
 * Brings a set of hosts up, in place of what an earlier process left in the folder.
 *
 * @throws {Error} when the folder has other files, or a part does not start, with the end of its log
 */
export async function bringUp(options: HostsOptions): Promise<Started> {
  const dir = await emptyFolder(options.dir);
  const keeper = startKeeper(dir, options.stays === true);
  try {
    const pid = Number(await untilText(`${dir}/keeper`, `${dir}/keeper.log`));
    const [link, network] = makeNetwork(pid);
    const places = placesOf(network, options);
    const record = { keeper: pid, began: beginOf(pid), link, places };
    writeHosts(dir, record);
    writeNearFiles(dir, places);
    await Promise.all(places.map(async (place) => {
      await makeDisk(dir, pid, place);
      await startHost(dir, pid, place);
    }));
    return { dir, record, keeper };
  } catch (error) {
    await keeper.stdin.close().catch(() => {});
    await down(dir);
    throw error;
  }
}

/** Returns an empty folder, in place of what an earlier process left there. */
export async function emptyFolder(dir: string | undefined): Promise<string> {
  const temporary = await Deno.makeTempDir({ prefix: PREFIX });
  await downAbandoned(temporary.slice(0, temporary.lastIndexOf("/")));
  if (dir === undefined) return temporary;
  await Deno.remove(temporary);
  await down(dir);
  if (listNames(dir).length > 0) {
    throw new Error(`Cannot bring up hosts in ${dir}: it is not empty, name a new folder`);
  }
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.realPath(dir);
}

/** Starts the process that everything of the set ends with. Its stdin ends with this process. */
export function startKeeper(dir: string, stays: boolean): Deno.ChildProcess {
  const flags = ["--net", "--mount", "--pid", "--fork", "--kill-child"];
  const script = `exec "$0" "$@" > '${dir}/keeper.log' 2>&1`;
  const keeper = new Deno.Command("sh", {
    args: ["-c", script, "unshare", ...flags, `${HERE}/keep.sh`, dir, stays ? "forever" : "stdin"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  keeper.unref();
  return keeper;
}

/** Returns the text of a file as soon as it exists. */
export async function untilText(path: string, log: string): Promise<string> {
  return await until(() => readIfThere(path), () => `${path} appears, but: ${readIfThere(log)}`);
}

/** Connects this machine with the hosts' network, whose number no other set has. */
export function makeNetwork(keeper: number): [link: Link, network: string] {
  const inside = ["type", "veth", "peer", "name", "near", "netns", String(keeper)];
  for (let number = 1; number < 255; number++) {
    const name = `dl_hosts${number}`, network = `10.77.${number}`;
    const { code, stderr } = output("ip", ["link", "add", name, ...inside], {});
    if (code !== 0 && stderr.includes("File exists")) continue;
    if (code !== 0) throw new Error(`Cannot make a network for hosts: ${stderr}`);
    runSync("ip", ["address", "add", `${network}.1/24`, "dev", name]);
    runSync("ip", ["link", "set", name, "up"]);
    runSync("nsenter", [...nsenter(keeper), "ip", "link", "set", "near", "master", "switch", "up"]);
    return [{ name, index: indexOf(name) }, network];
  }
  throw new Error("Cannot make a network for hosts: all of 10.77.0.0/16 is in use");
}

function placesOf(network: string, { count = 3, hosts = {} }: HostsOptions): HostPlace[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `h${i + 1}`;
    return { name, address: `${network}.${10 + i}`, options: hosts[name] ?? {} };
  });
}

/** Returns the arguments with which `nsenter` runs a program beside a keeper. */
export function nsenter(keeper: number): string[] {
  return ["-t", String(keeper), "--mount", "--net", "--pid", "--"];
}

/** Returns the arguments with which `nsenter` runs a program in the network of a host. */
export function inNetwork(keeper: number, name: string): string[] {
  return [...nsenter(keeper), "nsenter", `--net=/run/netns/${name}`, "--"];
}

async function makeDisk(dir: string, keeper: number, place: HostPlace): Promise<void> {
  const { name, address } = place;
  const { success, stderr } = await new Deno.Command("nsenter", {
    args: [...nsenter(keeper), `${HERE}/disk.sh`, dir, name, address],
    env: diskVariables(place),
    stdout: "null",
  }).output();
  if (success) return;
  throw new Error(`Cannot make the disk of ${name}: ${new TextDecoder().decode(stderr)}`);
}

/** Starts a host and waits until its sshd answers. */
export async function startHost(dir: string, keeper: number, place: HostPlace): Promise<void> {
  const { name, options: { cpus, shared = "" } } = place;
  const log = `${dir}/${name}/log`;
  const spaces = ["--pid", "--fork", "--mount", "--uts", "--ipc", "--kill-child"];
  const chosen = cpus === undefined ? [] : ["taskset", "-c", `0-${cpus - 1}`];
  const args = [...inNetwork(keeper, name), ...chosen, "unshare", ...spaces];
  const script = `setsid nsenter "$0" "$@" < /dev/null >> '${log}' 2>&1 &`;
  runSync("sh", ["-c", script, ...args, `${HERE}/boot.sh`, dir, name, shared]);
  await untilText(`${dir}/${name}/pid`, log);
  await untilListens(place);
}

/** Waits until the sshd of a host answers. */
export async function untilListens({ name, address }: HostPlace): Promise<void> {
  await until(() => listens(address), `sshd on ${name} answers at ${address}`);
}

async function listens(hostname: string): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname, port: 22 });
    return await connection.read(new Uint8Array(64)) !== null;
  } catch {
    return false;
  }
}
