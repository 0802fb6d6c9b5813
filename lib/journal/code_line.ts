/**
 * The informative line of a journal that names the program of the events after it. A journal without
 * such a line contains the events of one program.
 *
 * @module
 */

import { scanEvents } from "./scan.ts";

/** Events in a row that come from the same program. */
export interface CodePart {
  /** The hash of the program; `undefined` for the program of the events before. */
  readonly code?: string | undefined;
  /** Whole events. */
  readonly bytes: Uint8Array;
}

/** Returns the line that precedes the events of a program, with its newline. */
export function codeLine(code: string): string {
  return JSON.stringify({ type: "code", info: true, code }) + "\n";
}

/** Splits whole events where the program changes. */
export function splitByCode(events: Uint8Array): CodePart[] {
  const parts: CodePart[] = [], decoder = new TextDecoder();
  let start = 0, code: string | undefined;
  scanEvents(events, {
    block() {},
    success() {},
    other(from, end) {
      const text = decoder.decode(events.subarray(from, end));
      if (!text.startsWith(HEAD)) return;
      parts.push({ code, bytes: events.subarray(start, from) });
      start = end + 1;
      code = JSON.parse(text).code;
    },
  });
  return [...parts, { code, bytes: events.subarray(start) }];
}

const HEAD = '{"type":"code",';
