/**
 * The kills of the kernel in this control group, such as that of a container or a job of Slurm.
 *
 * A process that used too much memory only shows SIGKILL, as one that a user has killed does.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html (`memory.events`)
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (`memory.oom_control`)
 *
 * @module
 */

import { readIfThere } from "../../util/files/fs.ts";

/** Attributes the kills of the kernel to workers. */
export class OomKills {
  #counter: string | undefined;
  #known: number;

  /**
   * Begins to count. Without control groups, as on another system or in a container that does not
   * show its own, no kill is ever found.
   *
   * @param groups the file with the groups of this process
   * @param root the folder of all groups
   */
  constructor(groups = "/proc/self/cgroup", root = "/sys/fs/cgroup") {
    const paths = countersOf(readIfThere(groups), root);
    this.#counter = paths.find((path) => countOf(path) !== undefined);
    this.#known = this.#count;
  }

  /** Returns true when the kernel has killed a process that no earlier call returned true for. */
  take(): boolean {
    if (this.#count <= this.#known) return false;
    this.#known++;
    return true;
  }

  get #count(): number {
    return this.#counter === undefined ? 0 : countOf(this.#counter) ?? 0;
  }
}

/** Lists the files that may have the number. A container shows its own group as the root. */
function countersOf(groups: string, root: string): string[] {
  const lines = groups.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  return lines.flatMap((found) => {
    const [, controllers = "", path = ""] = found ?? [];
    const tree = controllers.split(",").includes("memory") ? `${root}/memory` : root;
    if (tree === root && controllers !== "") return [];
    const file = tree === root ? "memory.events" : "memory.oom_control";
    return found ? [`${tree}${path}/${file}`, `${tree}/${file}`] : [];
  });
}

function countOf(path: string): number | undefined {
  const [, count] = /^oom_kill (\d+)$/m.exec(readIfThere(path)) ?? [];
  return count === undefined ? undefined : Number(count);
}
