/**
 * Calls to the platform's Compute service for functions, jobs, logs and results.
 *
 * A function of the platform is code with a machine size, and a platform job is one call of a
 * function. Only this file and its types use the field names of the service.
 *
 * @see https://earthone.earthdaily.com/docs
 *
 * @module
 */

import { findAddresses, findCredentials } from "./credentials.ts";
import { Token } from "./token.ts";
import { AGENT, type Condition, type Filter, type ListPage, Transport } from "./transport.ts";

export type { Filter };

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
  /** The owner's name, which is part of the addresses of results. */
  readonly namespace: string;
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

/** The fields of a platform job that this engine reads. */
export interface PlatformJob {
  /** The job's id. */
  readonly id: string;
  /** The status of the job. */
  readonly status: PlatformJobStatus;
  /** The arguments of the call; the first is the job's index in the request. */
  readonly args: readonly unknown[];
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

const CATALOG_TYPE = "application/vnd.api+json";
// The maximum number of ids per request. The platform's own clients use this limit, because a URL
// has a limited length.
const MAX_IDS = 128;
// Removing more jobs in one request takes too long.
const MAX_DELETE = 10_000;

/** The Compute service, with the credentials of a user. */
export class Platform {
  #transport: Transport;
  #token: Token;
  #catalog: string;

  private constructor(transport: Transport, token: Token, catalog: string) {
    this.#transport = transport;
    this.#token = token;
    this.#catalog = catalog;
  }

  /**
   * Reads the credentials and the addresses without contacting the platform.
   *
   * @param warn receives messages for the user
   * @throws {UsageError} when credentials are missing or incomplete, or the environment names an
   * unknown installation.
   */
  static async open(warn: (text: string) => void): Promise<Platform> {
    const env = Deno.env.toObject();
    const credentials = await findCredentials(env), addresses = findAddresses(env);
    for (const warning of credentials.warnings) warn(`Warning: ${warning}`);
    const token = new Token(credentials, addresses.iam, warn);
    return new Platform(new Transport(addresses.compute, token), token, addresses.catalog);
  }

  /** Stores the credentials on the platform, whose jobs use them to sign in. */
  async giveCredentials(): Promise<void> {
    const { clientId, refreshToken } = this.#token.credentials;
    if (!clientId || !refreshToken) return void await this.#transport.call("GET", "/credentials");
    const body = { client_id: clientId, client_secret: refreshToken };
    await this.#transport.call("POST", "/credentials", { body });
  }

  /** Returns the functions with a name, newest first. */
  functionsNamed(name: string): Promise<PlatformFunction[]> {
    return this.#transport.list("/functions", [isOneOf("name", [name])], [[
      "sort",
      "-creation_date",
    ]]);
  }

  /**
   * Creates a function without code.
   *
   * @returns the function, and the address to which its code is uploaded.
   * @throws {LostAnswer} when it is unknown whether the function was created.
   */
  async createFunction(
    fields: FunctionFields,
  ): Promise<{ readonly function: PlatformFunction; readonly bundle_upload_url: string }> {
    return await this.#transport.json("POST", "/functions", { body: fields, isSafe: false });
  }

  /** Uploads the code of a function, and starts its build. */
  async upload(id: string, url: string, zip: Uint8Array<ArrayBuffer>): Promise<PlatformFunction> {
    // The address itself grants access, and the storage rejects tokens.
    await this.#transport.send("PUT", url, {
      headers: { "content-type": "application/octet-stream", "user-agent": AGENT },
      body: zip,
    });
    try {
      return await this.#transport.json("POST", `/functions/${id}/bundle`);
    } catch (error) {
      // A request whose answer was lost may have succeeded.
      const found = await this.function(id);
      if (found && found.status !== "awaiting_bundle") return found;
      throw error;
    }
  }

  /** Returns a function by its id; `undefined` when it was removed. */
  async function(id: string): Promise<PlatformFunction | undefined> {
    return await this.#transport.ifThere(this.#transport.json("GET", `/functions/${id}`));
  }

  /** Changes the given fields of a function. */
  async changeFunction(id: string, changes: Partial<PlatformFunction>): Promise<void> {
    await this.#transport.call("PATCH", `/functions/${id}`, { body: changes });
  }

  /** Removes a function and its jobs. */
  async deleteFunction(id: string): Promise<void> {
    await this.deleteJobs([isOneOf("function_id", [id])]);
    await this.#transport.ifThere(this.#transport.call("DELETE", `/functions/${id}`));
  }

  /** Returns the log of a function's build; an empty string when the log does not exist. */
  async buildLog(id: string): Promise<string> {
    const answer = await this.#transport.ifThere(
      this.#transport.call("GET", `/functions/${id}/log`),
    );
    return answer ? await gunzipText(answer.body) : "";
  }

  /** Creates many jobs, or returns the jobs that an earlier try of the same request created. */
  async submit(request: JobsRequest): Promise<readonly PlatformJob[]> {
    return await this.#transport.json("POST", "/jobs/bulk", { body: request });
  }

  /** Returns the jobs with the given ids whose status is one of the given statuses. */
  async jobs(
    ids: readonly string[],
    statuses: readonly PlatformJobStatus[],
  ): Promise<PlatformJob[]> {
    const found = chunksOf(ids, MAX_IDS).map((some) =>
      this.#transport.list<PlatformJob>("/jobs", [isOneOf("id", some), isOneOf("status", statuses)])
    );
    return (await Promise.all(found)).flat();
  }

  /** Returns the jobs that match a filter. */
  jobsBy(filter: Filter): Promise<PlatformJob[]> {
    return this.#transport.list("/jobs", filter);
  }

  /** Returns a job by its id; `undefined` when it was removed. */
  async job(id: string): Promise<PlatformJob | undefined> {
    return await this.#transport.ifThere(this.#transport.json("GET", `/jobs/${id}`));
  }

  /** Returns the number of jobs that match a filter. */
  async countJobs(filter: Filter): Promise<number> {
    const query = [["filter", JSON.stringify(filter)], ["limit", "0"]] as const;
    return (await this.#transport.json<ListPage<unknown>>("GET", "/jobs", { query })).meta.total ??
      0;
  }

  /** Cancels the jobs that match a filter. */
  async cancelJobs(filter: Filter): Promise<void> {
    await this.#transport.call("POST", "/jobs/cancel", { body: { filter } });
  }

  /** Restarts failed jobs. */
  async rerunJobs(ids: readonly string[]): Promise<void> {
    for (const some of chunksOf(ids, MAX_IDS)) {
      await this.#transport.call("POST", "/jobs/rerun", {
        body: { filter: [isOneOf("id", some)] },
      });
    }
  }

  /** Removes the jobs that match a filter, and their results. */
  async deleteJobs(filter: Filter): Promise<void> {
    const body = { filter, limit: MAX_DELETE, delete_results: true };
    for (let gone = MAX_DELETE; gone === MAX_DELETE;) {
      gone = (await this.#transport.json<string[]>("POST", "/jobs/delete", { body })).length;
    }
  }

  /**
   * Returns the log of a job, one JSON object per line; an empty string when the log does not
   * exist.
   */
  async jobLog(id: string): Promise<string> {
    const answer = await this.#transport.ifThere(this.#transport.call("GET", `/jobs/${id}/log`));
    return answer ? await gunzipText(answer.body) : "";
  }

  /** Returns the result of a job; `undefined` when the result is missing or empty. */
  async result(
    { id: functionId, namespace }: Pick<PlatformFunction, "id" | "namespace">,
    id: string,
  ): Promise<Uint8Array | undefined> {
    const name = ["compute", namespace, functionId, id].map(encodeURIComponent).join("/");
    const path = `${this.#catalog}/storage/download/${name}`;
    const found = await this.#transport.ifThere(
      this.#transport.json<Download>("GET", path, { type: CATALOG_TYPE }),
    );
    if (!found) return undefined;
    const { body } = await this.#transport.send("GET", found.data.attributes.resumable_url, {
      headers: { "user-agent": AGENT },
    });
    return body.length > 0 ? body : undefined;
  }
}

/** The catalog's response with the address of a result. */
interface Download {
  readonly data: { readonly attributes: { readonly resumable_url: string } };
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

/** Decodes text that may be gzip-compressed; the response headers do not indicate compression. */
async function gunzipText(bytes: Uint8Array): Promise<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  const stream = new Blob([bytes as BlobPart]).stream();
  return await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
}
