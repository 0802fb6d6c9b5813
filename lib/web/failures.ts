/**
 * Groups failures that have the same message.
 *
 * @module
 */

import type { FailedEvent } from "../journal/format.ts";
import type { FailureExample, FailureGroup, Failures } from "./protocol.ts";

const MAX_GROUPS = 100;
const MAX_EXAMPLES = 20;
const MAX_STACK = 4000;

/** A group of failures that is still being filled. */
interface Group extends Omit<FailureGroup, "count" | "examples" | "message"> {
  message: string;
  readonly pattern: string;
  count: number;
  readonly examples: Map<number, FailureExample>;
}

/** Groups failures by class, error type and message. Numbers in messages are ignored. */
export class FailureGrouper {
  #groups = new Map<string, Group>();
  #byTask = new Map<number, Group | undefined>();
  #more = 0;

  /** Adds the final failure of a task, replacing any earlier one. */
  add({ id, attempt, ms, error }: FailedEvent): void {
    this.remove(id);
    const group = this.#groupOf(error);
    this.#byTask.set(id, group);
    if (!group) return void this.#more++;
    group.count++;
    if (group.message !== error.message) group.message = group.pattern;
    if (group.examples.size < MAX_EXAMPLES) {
      group.examples.set(id, { id, attempt, ms, error: shorten(error) });
    }
  }

  /** Removes the failure of a task that was queued again or has succeeded. */
  remove(id: number): void {
    if (!this.#byTask.has(id)) return;
    const group = this.#byTask.get(id);
    this.#byTask.delete(id);
    if (!group) return void this.#more--;
    group.count--;
    group.examples.delete(id);
  }

  /** Returns the message of a task's failure, or the pattern of its group. */
  messageOf(id: number): string | undefined {
    return this.#byTask.get(id)?.message;
  }

  /** Returns the groups, largest first. */
  snapshot(): Failures {
    const groups = [...this.#groups.values()]
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
      .map(({ pattern: _, ...group }) => ({ ...group, examples: [...group.examples.values()] }));
    return { groups, more: this.#more };
  }

  #groupOf({ message, type, class: kind }: FailedEvent["error"]): Group | undefined {
    const pattern = message.replaceAll(/\d+/g, "#");
    const key = JSON.stringify([kind, type, pattern]);
    const found = this.#groups.get(key);
    if (found || this.#groups.size >= MAX_GROUPS) return found;
    const group = { message, pattern, type, class: kind, count: 0, examples: new Map() };
    this.#groups.set(key, group);
    return group;
  }
}

/** Shortens a long stack, and drops the returned value, which is in the journal. */
function shorten({ value: _, ...error }: FailedEvent["error"]): FailedEvent["error"] {
  const { stack } = error;
  return stack && stack.length > MAX_STACK
    ? { ...error, stack: `${stack.slice(0, MAX_STACK)}\n...` }
    : error;
}
