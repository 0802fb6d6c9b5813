/**
 * The records of the Compute service, and filters for them, with the field names of the service.
 *
 * @module
 */

import type { Condition, Filter } from "./transport.ts";

/** The fields of a new function. */
export interface FunctionFields {
  /** The name, by which later jobs find the function. */
  readonly name: string;
  /** The container image. */
  readonly image: string;
  /** The number of CPUs of a job. */
  readonly cpus: number;
  /** The memory of a job, in MB. */
  readonly memory: number;
  /** The number of jobs that may run at the same time. */
  readonly maximum_concurrency: number;
  /** The time limit of a job, in seconds. */
  readonly timeout: number;
  /** The number of times that the platform retries a failed job. */
  readonly retry_count: number;
}

/** A function of the platform. */
export interface PlatformFunction extends FunctionFields {
  /** The function's id. */
  readonly id: string;
  /**
   * The owner's name, which is part of the addresses of results. Only the response to a request for
   * the function itself is sure to have it.
   */
  readonly namespace?: string | null;
  /** The state of the function; `awaiting_bundle` until its code is uploaded. */
  readonly status: "awaiting_bundle" | "building" | "ready" | "stopped" | "build_failed";
  /** The time of creation, in UTC unless the text contains a time zone. */
  readonly creation_date: string;
}

/** The status of a platform job. */
export type PlatformJobStatus =
  | "pending"
  | "running"
  | "cancel"
  | "canceling"
  | "success"
  | "failure"
  | "timeout"
  | "canceled";

/** The statuses of platform jobs that have ended. */
export const ENDS: readonly PlatformJobStatus[] = ["success", "failure", "timeout", "canceled"];
/** The statuses of platform jobs that have not ended. */
export const OPEN: readonly PlatformJobStatus[] = ["pending", "running", "cancel", "canceling"];

/** The function under which the platform stores the results of its jobs. */
export interface ResultSource {
  /** The function's id. */
  readonly id: string;
  /** The owner's name. */
  readonly namespace: string;
}

/** The fields of a platform job that this engine reads. */
export interface PlatformJob {
  /** The job's id. */
  readonly id: string;
  /** The status of the job. */
  readonly status: PlatformJobStatus;
  /**
   * The arguments of the call; the first is the job's index in the request. The platform may omit
   * them.
   */
  readonly args?: readonly unknown[] | null;
  /** The tags of the job. The platform may omit them. */
  readonly tags?: readonly string[] | null;
  /** The exit code of the job's program; absent or `null` before the program ends. */
  readonly exit_code?: number | null;
  /** The reason for a failure, in the platform's words. */
  readonly error_reason?: string | null;
  /** The number of times that the job was started. */
  readonly execution_count?: number | null;
}

/** A request to create many jobs. */
export interface JobsRequest {
  /** The function that the jobs call. */
  readonly function_id: string;
  /** The arguments of each job. */
  readonly bulk_args: readonly (readonly unknown[])[];
  /** The named arguments of each job, which this engine does not use. */
  readonly bulk_kwargs: null;
  /** The environment variables of each job; `null` without variables. */
  readonly bulk_environments: readonly Readonly<Record<string, string>>[] | null;
  /** The unique name of the request; repeating a request with this name does not create more jobs. */
  readonly reference_id: string;
  /** The tags of all jobs. */
  readonly tags: readonly string[];
}

/** Returns the condition that a field equals one of the values. */
export function isOneOf(name: string, values: readonly string[]): Condition {
  const each = values.map((val) => ({ name, op: "eq" as const, val }));
  return each.length === 1 ? each[0]! : { or: each };
}

// The maximum number of ids per request. The answer fits on one page, whose size the platform's own
// clients use, too: a search with several pages misses jobs whose status changes between the pages.
const MAX_IDS = 100;
/** The query of a search for jobs whose answer has the fewest pages, in a stable order. */
export const ONE_PAGE = [["sort", "id"], ["page_size", String(MAX_IDS)]] as const;

/** Returns filters that together match the jobs with the given ids. */
export function idFilters(ids: readonly string[]): Filter[] {
  return chunksOf(ids, MAX_IDS).map((some) => [isOneOf("id", some)]);
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
