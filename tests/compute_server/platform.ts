/**
 * What all parts of the server share.
 *
 * @module
 */

import type { Auth } from "./auth.ts";
import type { Blobs } from "./blobs.ts";
import type { Faults } from "./faults.ts";
import type { FunctionRecord } from "./functions.ts";
import type { JobRecord } from "./jobs.ts";
import type { Scheduler } from "./scheduler.ts";
import { Refusal } from "./validate.ts";

/** How the server behaves. */
export interface ServerOptions {
  /**
   * The port to listen on; 0 takes a free one.
   *
   * @default {0}
   */
  readonly port?: number;
  /** Where bundles and what jobs write lie; a folder for the time being when not given. */
  readonly dir?: string;
  /**
   * How many jobs run at once, of all functions.
   *
   * @default {2}
   */
  readonly slots?: number;
  /**
   * The least that a build takes, in milliseconds.
   *
   * @default {50}
   */
  readonly buildMs?: number;
  /**
   * How long a job that runs stays in `cancel` and then in `canceling`, in milliseconds each.
   *
   * @default {20}
   */
  readonly cancelMs?: number;
  /**
   * How long a token is good, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly tokenMs?: number;
  /**
   * Which name the token has in the answer.
   *
   * @default {"id_token"}
   */
  readonly tokenField?: "id_token" | "access_token";
  /**
   * How long an address of the object store is good, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly addressMs?: number;
  /**
   * The most bytes that a job may return.
   *
   * @default {1_000_000}
   */
  readonly maxResult?: number;
  /**
   * What happens to a requirement that is not `deno`: the build goes on without it, or fails.
   *
   * @default {"skip"}
   */
  readonly requirements?: "skip" | "fail";
  /** Variables for the children, besides those that the server gives them. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the random numbers of faults start from.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * The clock of tokens, addresses and dates.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
}

/** What has happened so far. */
export interface Counts {
  functions: number;
  uploads: number;
  jobs: number;
  executions: number;
}

/** The state of the server. */
export interface Platform {
  readonly options: Required<ServerOptions>;
  readonly base: string;
  readonly auth: Auth;
  readonly blobs: Blobs;
  readonly faults: Faults;
  readonly functions: Map<string, FunctionRecord>;
  readonly jobs: Map<string, JobRecord>;
  readonly scheduler: Scheduler;
  readonly counts: Counts;
}

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
