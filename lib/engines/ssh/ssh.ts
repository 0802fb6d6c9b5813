/**
 * The engine `ssh`, which runs tasks on several machines.
 *
 * @module
 */

import { readRecord } from "../../job_dir/record.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { cancelHosts } from "../stream/cancel_hosts.ts";
import type { StreamPlaces } from "../stream/place.ts";
import { farProgram } from "../stream/shell_place.ts";
import { streamEngine } from "../stream/stream_engine.ts";
import { counted } from "../../util/text/counted.ts";
import { parseHost } from "./hosts.ts";
import { parseSshOptions } from "./options.ts";
import { SshPlace } from "./ssh_place.ts";

/** Runs tasks on machines that `ssh` reaches. */
export const sshEngine: Engine = streamEngine({
  name: "ssh",
  check: (options) => void parseSshOptions(options.ssh),
  open: ({ settings, folder }) => placesOf(settings, folder),
  preview,
  cancel,
});

/** Returns the hosts as the user lists them. None of them is asked. */
function preview({ settings }: Pick<EngineContext, "settings">): Promise<string> {
  const hosts = parseSshOptions(settings).hosts.map(({ name, workers }) =>
    workers === undefined ? name : `${name} with ${counted(workers, "worker")}`
  );
  return Promise.resolve(`on ${counted(hosts.length, "host")}: ${hosts.join(", ")}`);
}

async function cancel(folder: string): Promise<void> {
  const { options } = readRecord(folder);
  const { places, former } = await placesOf(options.ssh, folder);
  const placeOf = (name: string) => places.find((one) => one.name === name) ?? former!(name);
  await cancelHosts(folder, "ssh", placeOf, options.grace);
}

// A host that has just begun its login is not away, however short the option is.
const LEAST_ANSWER_MS = 5000;

async function placesOf(
  given: Readonly<Record<string, string>>,
  folder: string,
): Promise<StreamPlaces> {
  const { hosts, command, lostAfter, lease, ...place } = parseSshOptions(given);
  const advice = "set --ssh folder=DIR to another one";
  const answerMs = Math.max(lostAfter, LEAST_ANSWER_MS);
  const far = await farProgram({ ...place, advice, answerMs }, folder);
  return {
    places: hosts.map((host) => new SshPlace(host, far, command)),
    former: (name) => new SshPlace(parseHost(name), far, command, true),
    lostAfter,
    lease,
  };
}
