/**
 * Ends the work of hosts whose controller has died.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { UsageError } from "../../util/errors.ts";
import { onAbort } from "../../util/on_abort.ts";
import { MAX_TIMER_MS } from "../../util/time/long_timer.ts";
import { Slots } from "../shared/slots.ts";
import { removeReport } from "./host_report.ts";
import { MOST_STARTS } from "./link.ts";
import { encodePacket, packetsOf } from "./packets.ts";
import { readMirrors, removeMirror } from "./mirror.ts";
import type { HostPlace } from "./place.ts";
import type { DropRequest } from "./protocol.ts";

/**
 * Ends the tasks of a job on its hosts, and removes the job's files there.
 *
 * @param folder the job's folder
 * @param engine the engine's name
 * @param placeOf returns the host of a name
 * @param grace the time in which calls can react, in milliseconds
 * @throws {UsageError} when a host cannot be reached.
 */
export async function cancelHosts(
  folder: string,
  engine: string,
  placeOf: (name: string) => HostPlace,
  grace: number,
): Promise<void> {
  const dir = engineFolder(folder, engine), mirrors = readMirrors(dir);
  const starts = new Slots(MOST_STARTS);
  const ended = await Promise.allSettled(mirrors.map(async ({ name, spool, drop, path }) => {
    await dropFolders(placeOf(name), starts, { drop: [spool, ...drop], grace });
    removeMirror(path);
  }));
  const index = ended.findIndex(({ status }) => status === "rejected");
  if (index < 0) return removeReport(dir);
  const { reason } = ended[index] as PromiseRejectedResult;
  throw new UsageError(
    `Cannot cancel the tasks on host ${mirrors[index]!.name}: ${(reason as Error).message}, ` +
      "try again when it is back",
  );
}

// The time in which a host must connect and remove folders, besides that of calls to react.
const MOST_MS = 60_000;

/** Lets a host remove folders, and waits until it has. */
async function dropFolders(place: HostPlace, starts: Slots, request: DropRequest): Promise<void> {
  const { pipes, signal } = await starts.run(async () => {
    const ms = MOST_MS + request.drop.length * request.grace;
    const signal = AbortSignal.timeout(Math.min(ms, MAX_TIMER_MS));
    return { pipes: await place.connect(signal), signal };
  });
  using _late = onAbort(signal, () => pipes.close());
  const writer = pipes.writable.getWriter();
  try {
    for await (const { head } of packetsOf(pipes.readable)) {
      if ("ready" in head) await writer.write(encodePacket(request));
      if ("failed" in head) throw new Error(`${head.failed}`);
      if ("dropped" in head) return;
    }
    throw new Error(await pipes.ended || "the connection ended");
  } finally {
    pipes.close();
  }
}
