/**
 * Groups failures by their kind, in bounded memory.
 *
 * @module
 */

import { type FailureKind, failureKind, kindKey, widerKind } from "./failure_kind.ts";
import type { FailedEvent, TaskError } from "./format.ts";

/** Failures of one kind. */
export interface KindGroup extends FailureKind {
  /** The message, or its shape when the messages differ. */
  readonly message: string;
  /** The number of failures. */
  readonly count: number;
  /** The first and the last time at which a failure was recorded; absent in old journals. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  /** The first failures of the group, in their order. */
  readonly examples: readonly FailedEvent[];
}

/** The limits of groups. */
export interface GroupLimits {
  /** The number of kinds that are told apart, and of wider kinds after that. */
  readonly kinds: number;
  /** The number of examples of a group. */
  readonly examples: number;
}

/** A group that is still being filled. */
interface OpenGroup extends FailureKind {
  message: string;
  count: number;
  first: number | undefined;
  last: number | undefined;
  readonly examples: Map<number, FailedEvent>;
}

// Kinds that differ only in quoted texts are one kind when there are more of them, such as those of
// a thousand missing names.
const MOST_QUOTED = 12;
const MAX_STACK = 4000;

/**
 * Groups failures by class, type, message shape and the top frame of the user's code.
 *
 * @example
 * ```ts
 * import { FailureGroups } from "./failure_groups.ts";
 *
 * const groups = new FailureGroups();
 * const error = { type: "Error", class: "error" } as const;
 * for (const id of [3, 8]) {
 *   const message = `no tile ${id}`;
 *   groups.add({ id, attempt: 1, type: "failed", ms: 20, error: { ...error, message } });
 * }
 * const [{ message, count } = {}] = groups.list();
 * if (message !== "no tile #" || count !== 2) throw new Error(message);
 * ```
 */
export class FailureGroups {
  /** The number of failures whose kinds are beyond the limit. */
  more = 0;
  #groups = new Map<string, OpenGroup>();

  /** Creates an empty set of groups. */
  constructor(readonly limits: GroupLimits = { kinds: 1000, examples: 3 }) {}

  /**
   * Adds a failure.
   *
   * @returns its group; `undefined` when its kind is beyond the limit
   */
  add(event: FailedEvent): OpenGroup | undefined {
    const { id, at, error } = event, group = this.#groupOf(error);
    if (!group) return void this.more++;
    group.count++;
    if (group.message !== error.message) group.message = group.shape;
    group.first ??= at;
    group.last = at ?? group.last;
    if (group.examples.size < this.limits.examples) group.examples.set(id, shorten(event));
    return group;
  }

  /** Removes a failure from the group that {@linkcode add} returned for it. */
  remove(id: number, group: OpenGroup | undefined): void {
    if (!group) return void this.more--;
    group.count--;
    group.examples.delete(id);
  }

  /** Returns the groups, largest first. */
  list(): KindGroup[] {
    const groups = [...this.#groups.values()].filter(({ count }) => count > 0);
    return joinQuoted(groups).map((group) => ({
      ...group,
      examples: [...group.examples.values()].slice(0, this.limits.examples),
    })).sort((a, b) => b.count - a.count);
  }

  #groupOf(error: TaskError): OpenGroup | undefined {
    const kind = failureKind(error), found = this.#open(kind, error, this.limits.kinds);
    const wider = found ? kind : widerKind(kind);
    return wider.shape === kind.shape ? found : this.#open(wider, error, 2 * this.limits.kinds);
  }

  #open(kind: FailureKind, { message }: TaskError, most: number): OpenGroup | undefined {
    const key = kindKey(kind), found = this.#groups.get(key);
    if (found || this.#groups.size >= most) return found;
    const group = { ...kind, message, count: 0, first: undefined, last: undefined };
    const opened = { ...group, examples: new Map() };
    this.#groups.set(key, opened);
    return opened;
  }
}

/** Shortens a long stack, and drops the returned value, which is in the journal. */
function shorten(event: FailedEvent): FailedEvent {
  const { value: _, ...error } = event.error, { stack } = error;
  const isLong = stack !== undefined && stack.length > MAX_STACK;
  return {
    ...event,
    error: isLong ? { ...error, stack: `${stack.slice(0, MAX_STACK)}\n...` } : error,
  };
}

/** Joins groups that differ only in quoted texts, if there are many. */
function joinQuoted(groups: readonly OpenGroup[]): OpenGroup[] {
  const families = Map.groupBy(groups, (group) => kindKey(widerKind(group)));
  return [...families.values()].flatMap((all) => all.length > MOST_QUOTED ? [joined(all)] : all);
}

function joined(groups: readonly OpenGroup[]): OpenGroup {
  const { class: kind, type, shape, frame } = widerKind(groups[0]!);
  const times = groups.flatMap(({ first, last }) => [first, last]).filter((at) => at !== undefined);
  return {
    class: kind,
    type,
    shape,
    frame,
    message: shape,
    count: groups.reduce((sum, { count }) => sum + count, 0),
    first: times.length > 0 ? Math.min(...times) : undefined,
    last: times.length > 0 ? Math.max(...times) : undefined,
    examples: new Map(groups.flatMap(({ examples }) => [...examples])),
  };
}

/**
 * Returns a function that tells the group of an error.
 *
 * @param groups groups that {@linkcode FailureGroups.list} returned
 * @returns the index of the group, or -1
 */
export function groupFinder(groups: readonly KindGroup[]): (error: TaskError) => number {
  const indexes = new Map(groups.map((group, i) => [kindKey(group), i]));
  return (error) => {
    const kind = failureKind(error);
    return indexes.get(kindKey(kind)) ?? indexes.get(kindKey(widerKind(kind))) ?? -1;
  };
}
