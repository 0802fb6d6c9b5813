/**
 * Groups the final failures of a job that is still running.
 *
 * @module
 */

import { FailureGroups } from "../journal/failure_groups.ts";
import type { FailedEvent, TaskError } from "../journal/format.ts";
import { JournalParts } from "../journal/reader.ts";
import { shorten } from "../util/text/shorten.ts";
import { tryJson } from "../util/try_json.ts";
import type { Failures } from "./protocol.ts";

const LIMITS = { kinds: 100, examples: 20 };
// A page that shows a running job receives all kinds with their examples again and again.
const MAX_MESSAGE = 16_000, MAX_EXAMPLE = 4000, MAX_BESIDE_STACK = 300;

/** The place of an event in the journal, in bytes. */
export interface EventPlace {
  readonly at: number;
  readonly length: number;
}

/** A failure in the journal, with the group of its kind. */
interface Failure extends EventPlace {
  readonly group: ReturnType<FailureGroups["add"]>;
}

/** Groups failures by their kind. A failure can be removed, because its task may run again. */
export class FailureGrouper {
  #groups = new FailureGroups(LIMITS);
  #byTask = new Map<number, Failure>();

  /**
   * Creates an empty set of groups.
   *
   * @param journal the path of the journal, which has the messages
   */
  constructor(readonly journal: string) {}

  /** Adds the final failure of a task, replacing any earlier one. */
  add(event: FailedEvent, place: EventPlace): void {
    this.remove(event.id);
    this.#byTask.set(event.id, { ...place, group: this.#groups.add(event) });
  }

  /** Removes the failure of a task that was queued again or has succeeded. */
  remove(id: number): void {
    const failure = this.#byTask.get(id);
    if (!failure) return;
    this.#groups.remove(id, failure.group);
    this.#byTask.delete(id);
  }

  /** Returns the messages of failures, or the patterns of their groups if they cannot be read. */
  messagesOf(ids: readonly number[]): ReadonlyMap<number, string | undefined> {
    using parts = new JournalParts(this.journal);
    return new Map(ids.map((id) => [id, this.#messageOf(id, parts)]));
  }

  #messageOf(id: number, parts: JournalParts): string | undefined {
    const failure = this.#byTask.get(id);
    if (!failure) return undefined;
    const { group } = failure;
    // Only messages that differ have the pattern as the message of their group.
    const isKnown = group && group.message !== group.shape;
    return isKnown ? group.message : readMessage(id, failure, parts) ?? group?.message;
  }

  /** Returns the groups, largest first. Of long messages, they have the start. */
  snapshot(): Failures {
    const groups = this.#groups.list().map(({ shape: _, message, examples, ...group }) => ({
      ...group,
      message: shorten(message, MAX_MESSAGE),
      examples: examples.map(({ id, attempt, ms, error }) => ({
        id,
        attempt,
        ms,
        error: shortError(error),
      })),
    }));
    return { groups, more: this.#groups.more };
  }
}

function shortError(error: TaskError): TaskError {
  // Most stacks begin with the message.
  const most = error.stack === undefined ? MAX_EXAMPLE : MAX_BESIDE_STACK;
  return { ...error, message: shorten(error.message, most) };
}

function readMessage(id: number, place: EventPlace, parts: JournalParts): string | undefined {
  const line = new Uint8Array(place.length);
  try {
    parts.read(place.at, line);
  } catch {
    // The folder of the job may have been removed.
    return undefined;
  }
  const event = tryJson(new TextDecoder().decode(line)) as FailedEvent | undefined;
  return event?.id === id ? event.error.message : undefined;
}
