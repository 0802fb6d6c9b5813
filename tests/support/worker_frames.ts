/**
 * Frames of the worker protocol, as text.
 *
 * @module
 */

import { frameHead } from "../../lib/worker/frame.ts";

/** Returns a frame with a head and a body, which must be ASCII. */
export function frame(token: string, head: object, body: string): string {
  const { bytes = body.length, ...fields } = head as { bytes?: number; ms?: number };
  const { ms, ...others } = fields;
  const whole = { ...others, bytes, ...(ms === undefined ? {} : { ms }) };
  return `${frameHead(token, `${JSON.stringify(whole)}\n`)}${body}\x1e\n`;
}

/** Returns a frame of results, starting at a task. */
export function resultFrame(token: string, id: number, ...values: readonly unknown[]): string {
  return frame(token, { id, count: values.length }, toLines(values));
}

/** Returns a frame of other lines. */
export function lineFrame(token: string, ...values: readonly unknown[]): string {
  return frame(token, {}, toLines(values));
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
