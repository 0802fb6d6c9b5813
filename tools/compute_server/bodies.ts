/**
 * Faults that change the body of an answer or the speed at which it is sent.
 *
 * @module
 */

import { delay } from "../../lib/util/time/delay.ts";
import type { Faults } from "./faults.ts";

const CHUNK = 1024;

/** Returns an answer with the active faults of its route. */
export async function alterBody(
  response: Response,
  faults: Faults,
  name: string,
  closed: AbortSignal,
): Promise<Response> {
  if (!response.ok) return response;
  const { status, headers } = response;
  const isJson = headers.get("content-type") === "application/json";
  const omitted = isJson ? faults.take("omit", name) : undefined;
  const whole = omitted
    ? Response.json(without(await response.json(), omitted.field, omitted.value))
    : response;
  if (faults.take("flood", name)) return new Response(flood(), { status, headers });
  const pace = faults.take("pace", name), stall = faults.take("stall", name);
  if (!pace && !stall) return whole;
  const bytes = await whole.bytes();
  const ms = pace ? CHUNK / pace.bytesPerSecond * 1000 : 0;
  const body = slowly(bytes, { ms, until: stall?.bytes ?? Infinity, closed });
  return new Response(body, { status, headers: whole.headers });
}

/** Returns JSON without a field in any of its records, or with another value for this field. */
function without(json: unknown, field: string, value: unknown): unknown {
  if (Array.isArray(json)) return json.map((one) => without(one, field, value));
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json)
    .filter(([name]) => name !== field || value !== undefined)
    .map(([name, own]) => {
      const isWrapper = name === "data" || name === "function";
      return [name, name === field ? value : isWrapper ? without(own, field, value) : own];
    });
  return Object.fromEntries(entries);
}

/** Returns a log that never ends. */
function flood(): ReadableStream<Uint8Array> {
  const line = `${JSON.stringify({ date: "2026-05-04T11:02:07.114000Z", log: "x".repeat(200) })}\n`;
  const chunk = new TextEncoder().encode(line.repeat(256));
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}

/** Returns the bytes in small chunks with a pause after each. Stops in the middle for a stall. */
function slowly(
  bytes: Uint8Array,
  { ms, until, closed }: { ms: number; until: number; closed: AbortSignal },
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= bytes.length) return controller.close();
      if (at >= until) await delay(Infinity, [closed]);
      if (closed.aborted) return controller.close();
      const end = Math.min(at + CHUNK, until > at ? until : Infinity);
      controller.enqueue(bytes.subarray(at, end));
      at = Math.min(end, bytes.length);
      if (ms > 0) await delay(ms, [closed]);
    },
  });
}
