/**
 * Frames of the worker protocol.
 *
 * @module
 */

import type { WorkerChannel } from "../../lib/engines/local/worker_channel.ts";
import { concatBytes } from "../../lib/util/bytes/bytes.ts";
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

/** Reads the bytes of a worker until the end of the stream. */
export async function readChannel(channel: WorkerChannel): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await channel.read({
    parse: (bytes) => ({ used: pieces.push(bytes.slice()) && bytes.length }),
    deliver: () => Promise.resolve(),
  });
  return concatBytes(pieces);
}
