/**
 * The nodes that start array tasks, and those that start none although others do.
 *
 * @module
 */

import type { ArrayTask } from "./array_task.ts";

/** Finds nodes to leave out of later arrays: such a node is always free, so Slurm chooses it again. */
export class NodeStarts {
  #good = new Set<string>();
  #bad = new Set<string>();

  /**
   * Knows no node yet.
   *
   * @param mayLeaveOut false when the user has named the nodes
   * @param warn receives a message about each node that is left out
   */
  constructor(readonly mayLeaveOut: boolean, readonly warn: (text: string) => void) {}

  /** The nodes that are left out. */
  get bad(): readonly string[] {
    return [...this.#bad];
  }

  /** Records a node on which an array task has begun. */
  addGood(node: string): void {
    this.#good.add(node);
  }

  /**
   * Leaves out the node of an array task that could not begin. Returns false when the node may not
   * be the cause.
   */
  leaveOut({ node, end, endText, logText }: ArrayTask): boolean {
    const isAlone = this.#good.size > 0 && !this.#good.has(node);
    const hasFailed = /^(FAILED|COMPLETED)$/.test(end?.state?.state ?? "");
    const isName = /^[\w.-]+$/.test(node) && this.mayLeaveOut;
    if (!isAlone || !hasFailed || !isName) return false;
    if (!this.#bad.has(node)) {
      this.#bad.add(node);
      this.warn(
        `Slurm node ${node} gets no more array tasks of the job: ${endText} before it started a task, ` +
          `while others run: ${logText}`,
      );
    }
    return true;
  }
}
