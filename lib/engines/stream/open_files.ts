/**
 * The files that tasks are still writing.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc.5.html | proc(5)}
 *
 * @module
 */

import { ProcessTree } from "../../util/process/process_tree.ts";

/** The descendants of this process, and the files that they write. */
export class OpenFiles {
  #tree = new ProcessTree(Deno.pid);

  /**
   * Returns the paths of the files that are open for writing. The set is empty where the system does
   * not tell.
   */
  paths(): ReadonlySet<string> {
    return new Set(this.#tree.descendants().flatMap(writtenBy));
  }
}

function writtenBy(pid: number): string[] {
  try {
    const numbers = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => name);
    return numbers.filter((fd) => isWritten(pid, fd)).map((fd) =>
      Deno.readLinkSync(`/proc/${pid}/fd/${fd}`)
    );
  } catch {
    // The process has ended, or has just closed one of its files.
    return [];
  }
}

function isWritten(pid: number, fd: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/fdinfo/${fd}`))?.[1];
  return flags !== undefined && (parseInt(flags, 8) & 3) !== 0;
}
