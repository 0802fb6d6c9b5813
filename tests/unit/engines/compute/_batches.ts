/**
 * The content of result archives in tests.
 *
 * @module
 */

import {
  type EventBatch,
  type LogLine,
  NO_EVENTS,
  successLine,
} from "../../../../lib/journal/format.ts";

/** Returns the bytes of a text. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Returns the text of bytes. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Fails the test, because an archive warns. */
export function noWarning({ text }: LogLine): never {
  throw new Error(text);
}

/** Returns the event of a task that succeeded with the result 1. */
export function successOf(id: number): EventBatch {
  return { ...NO_EVENTS, lines: encode(`${successLine(id, 1, 0, "1")}\n`), succeeded: 1 };
}

/** Returns the event of a task that failed. */
export function failureOf(id: number, message = "no"): EventBatch {
  const error = { message, type: "Error", class: "error" } as const;
  const event = { id, attempt: 1, type: "failed", ms: 1.5, error } as const;
  return { ...NO_EVENTS, failures: [{ event, args: encode("1") }] };
}

/** Returns text that cannot be compressed below a number of bytes. */
export function noise(bytes: number): string {
  const random = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) {
    crypto.getRandomValues(random.subarray(at, at + 65_536));
  }
  return random.toBase64();
}
