/**
 * A route of the server and its request.
 *
 * @module
 */

import { Refusal } from "./validate.ts";

/** A checked request. */
export interface Call {
  readonly request: Request;
  /** The part of the path that matches `{id}`. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined when the request has none. */
  readonly body: unknown;
}

/** A route and its handler. */
export interface Route {
  /** The method and the path: `POST /functions/{id}/bundle`. */
  readonly name: string;
  /** The allowed query parameters; `search` allows those of a search. */
  readonly query?: readonly string[] | "search";
  /** Requires a JSON body. Absent when the route does not read one. */
  readonly body?: "json";
  readonly handle: (call: Call) => Response | Promise<Response>;
}

/** Formats a time in milliseconds since the Unix epoch as the platform does, with microseconds. */
export function toDate(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

/**
 * Returns the record with an id.
 *
 * @throws {Refusal} when no record has this id
 */
export function find<T>(records: ReadonlyMap<string, T>, id: string, what: string): T {
  const record = records.get(id);
  if (!record) throw new Refusal(404, `${what} ${id} not found`);
  return record;
}
