/**
 * The engine `ssh`, which runs tasks on several machines.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { readRecord } from "../../job_dir/record.ts";
import type { Engine } from "../engine.ts";
import { cancelHosts } from "../stream/cancel_hosts.ts";
import type { StreamPlaces } from "../stream/place.ts";
import { STREAM_VERSION } from "../stream/protocol.ts";
import { streamEngine } from "../stream/stream_engine.ts";
import { parseSshOptions, type SshSettings } from "./options.ts";
import { type SshFarSide, SshPlace } from "./ssh_place.ts";

/** Runs tasks on machines that `ssh` reaches. */
export const sshEngine: Engine = streamEngine({
  name: "ssh",
  check: (options) => void parseSshOptions(options.ssh),
  open: ({ settings, folder }) => placesOf(settings, folder),
  cancel,
});

async function cancel(folder: string): Promise<void> {
  // A controller that is alive ends the work of its hosts itself.
  if (holderOf(folder)) return;
  const { options } = readRecord(folder);
  const { places } = await placesOf(options.ssh, folder);
  await cancelHosts(folder, "ssh", places, options.grace);
}

async function placesOf(
  given: Readonly<Record<string, string>>,
  folder: string,
): Promise<StreamPlaces> {
  const settings = parseSshOptions(given), { lostAfter, lease } = settings;
  const far = await farSide(settings, folder);
  return { places: settings.hosts.map((host) => new SshPlace(host, far)), lostAfter, lease };
}

async function farSide(
  { command, deno, folder: remote, setup }: SshSettings,
  folder: string,
): Promise<SshFarSide> {
  const { code } = await bundleFarSide("stream/on_host", cacheFolder(`${folder}/..`));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  const name = `far-${STREAM_VERSION}-${new Uint8Array(hash).slice(0, 8).toHex()}.js`;
  const version = Deno.version.deno;
  return { command, deno, folder: remote, setup, code, version, program: name };
}
