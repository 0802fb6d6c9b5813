/**
 * One address of the server and its request.
 *
 * @module
 */

import { Refusal } from "./validate.ts";

/** One request, looked over. */
export interface Call {
  readonly request: Request;
  /** What stands in the address for `{id}`. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The body, as JSON; nothing when there is none. */
  readonly body: unknown;
}

/** One address and what is done for it. */
export interface Route {
  /** `POST /functions/{id}/bundle` */
  readonly name: string;
  /** Which parameters the query may have; `search` for those of a search. */
  readonly query?: readonly string[] | "search";
  /** Whether there must be a JSON body, or may not be. */
  readonly body?: "json";
  readonly handle: (call: Call) => Response | Promise<Response>;
}

/** A moment, as the platform writes it: with microseconds. */
export function toDate(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

/** The record of an id. */
export function find<T>(records: ReadonlyMap<string, T>, id: string, what: string): T {
  const record = records.get(id);
  if (!record) throw new Refusal(404, `${what} ${id} not found`);
  return record;
}
