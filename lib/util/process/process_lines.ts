/**
 * The processes of a tree, for a user: commands, states, and what they wait for.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc_pid_wchan.5.html | proc_pid_wchan(5)}
 *
 * @module
 */

import { readIfThere } from "../files/fs.ts";
import { readProcessStat, readWaitPlace } from "./process_stat.ts";

const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "waiting for a disk or a device",
  T: "stopped",
  t: "stopped by a debugger",
  Z: "ended, but its parent has not noticed",
};

const MOST_LETTERS = 120, MOST_LINES = 30;

/**
 * Describes processes, each on a line below its parent: `sleep 100 (pid 12): sleeping in
 * hrtimer_nanosleep`.
 *
 * @param pids the processes
 * @returns no lines on systems without `/proc`.
 */
export function processLines(pids: readonly number[]): string[] {
  const parents = new Map(pids.flatMap((pid) => {
    const stat = readProcessStat(pid);
    return stat ? [[pid, stat] as const] : [];
  }));
  const depthOf = (pid: number): number => {
    const { parent } = parents.get(pid)!;
    return parents.has(parent) ? depthOf(parent) + 1 : 0;
  };
  const lines = [...parents].sort(([a], [b]) => a - b).map(([pid, { state }]) =>
    `${"  ".repeat(depthOf(pid))}${commandOf(pid)} (pid ${pid}): ${stateText(pid, state)}`
  );
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `${more} more`] : lines;
}

function stateText(pid: number, state: string): string {
  const place = state === "R" || state === "Z" ? undefined : readWaitPlace(pid);
  return (STATES[state] ?? state) + (place === undefined ? "" : ` in ${place}`);
}

/** Returns an empty text when the process has ended, or another user may not look. */
function commandOf(pid: number): string {
  const words = readIfThere(`/proc/${pid}/cmdline`).split("\0").filter((word) => word !== "");
  const text = words.join(" ") || readIfThere(`/proc/${pid}/comm`).trim();
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}...` : text;
}
