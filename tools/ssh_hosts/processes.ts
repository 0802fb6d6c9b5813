/**
 * Processes by the namespace that they run in, as this machine sees them.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { readProcessStat } from "../../lib/util/process/process_stat.ts";
import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { processIds } from "../support/system.ts";
import { until } from "../support/until.ts";

/** A process of a host. */
export interface HostProcess {
  /** The id outside of the host. */
  readonly pid: number;
  /** The command line, with spaces between the arguments. */
  readonly command: string;
}

/** Lists the processes in the process namespace of a process. Zombies are left out. */
export function processesBeside(pid: number): HostProcess[] {
  const space = namespaceOf(pid);
  if (space === undefined) return [];
  return allProcesses().filter(({ pid }) => namespaceOf(pid) === space);
}

/** Lists the processes of this machine and its hosts. Zombies are left out. */
export function allProcesses(): HostProcess[] {
  return processIds().map((pid) => ({ pid, command: commandOf(pid) }))
    .filter(({ command }) => command !== "");
}

function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function namespaceOf(pid: number): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** Returns the moment at which a process began, in ticks since the boot; empty without process. */
export function beginOf(pid: number): string {
  const stat = readProcessStat(pid);
  return stat && stat.state !== "Z" ? stat.started : "";
}

/** Kills a process, and waits until it has ended. It throws when the process does not end. */
export async function kill(pid: number): Promise<void> {
  const began = beginOf(pid);
  sendSignal(pid, "SIGKILL");
  await until(() => began === "" || beginOf(pid) !== began, `process ${pid} has ended`);
}
