/**
 * Calls to the platform's Compute service for functions, jobs, logs and results.
 *
 * A function of the platform is code with a machine size, and a platform job is one call of a
 * function. Only this file and its records use the field names of the service.
 *
 * @see https://earthone.earthdaily.com/docs
 *
 * @module
 */

import { AGENT } from "./client_headers.ts";
import { findAddresses, findCredentials } from "./credentials.ts";
import { unpackGzip } from "./gzip.ts";
import { LostAnswer, statusOf } from "./http.ts";
import { Token } from "./token.ts";
import {
  type FunctionFields,
  idFilters,
  isOneOf,
  type JobsRequest,
  ONE_PAGE,
  type PlatformFunction,
  type PlatformJob,
  type PlatformJobStatus,
  type ResultSource,
} from "./records.ts";
import { type CallOptions, type Filter, ifThere, type ListPage, Transport } from "./transport.ts";

const CATALOG_TYPE = "application/vnd.api+json";
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
   * @param image the image of the functions that will run
   * @throws {UsageError} when credentials are missing or incomplete, or the environment names an
   * unknown installation.
   */
  static async open(warn: (text: string) => void, image?: string): Promise<Platform> {
    const env = Deno.env.toObject();
    const credentials = await findCredentials(env), addresses = findAddresses(env);
    for (const warning of credentials.warnings) warn(`Warning: ${warning}`);
    const token = new Token(credentials, addresses.iam, warn);
    return new Platform(new Transport(addresses.compute, token, image), token, addresses.catalog);
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
  async createFunction(fields: FunctionFields): Promise<CreatedFunction> {
    const options = { body: fields, isSafe: false };
    return await this.#transport.json<CreatedFunction>(
      "POST",
      "/functions",
      options,
      (answer) => answer.function?.id && answer.bundle_upload_url,
    );
  }

  /** Uploads the code of a function, and starts its build. */
  async upload(id: string, url: string, zip: Uint8Array<ArrayBuffer>): Promise<PlatformFunction> {
    // The address itself grants access, and the storage rejects tokens.
    await this.#transport.send("PUT", url, {
      headers: { "content-type": "application/octet-stream", "user-agent": AGENT },
      body: zip,
    });
    try {
      return await this.#transport.json<PlatformFunction>(
        "POST",
        `/functions/${id}/bundle`,
        {},
        ({ status }) => status,
      );
    } catch (error) {
      // A request whose answer was lost may have succeeded.
      const found = await this.function(id);
      if (found && found.status !== "awaiting_bundle") return found;
      throw error;
    }
  }

  /** Returns a function by its id; `undefined` when it was removed. */
  async function(id: string): Promise<PlatformFunction | undefined> {
    const found = this.#transport.json<PlatformFunction>(
      "GET",
      `/functions/${id}`,
      {},
      ({ status }) => status,
    );
    return await ifThere(found);
  }

  /** Returns the owner's name of a function; `undefined` when the platform does not tell it. */
  async namespaceOf(id: string): Promise<string | undefined> {
    const own = await this.function(id);
    if (own?.namespace) return own.namespace;
    const listed = await this.#transport.list<PlatformFunction>("/functions", [
      isOneOf("id", [id]),
    ]);
    return listed.find((one) => one.id === id)?.namespace ?? undefined;
  }

  /** Changes the given fields of a function. The platform accepts a status only by itself. */
  async changeFunction(
    id: string,
    { status, ...fields }: Partial<PlatformFunction>,
  ): Promise<void> {
    const patch = (body: object) => this.#transport.call("PATCH", `/functions/${id}`, { body });
    if (Object.keys(fields).length > 0) await patch(fields);
    if (status) await patch({ status });
  }

  /**
   * Removes a function unless it has jobs.
   *
   * @returns true when the function has been removed.
   */
  async deleteUnused(id: string): Promise<boolean> {
    if (await this.countJobs([isOneOf("function_id", [id])]) > 0) return false;
    try {
      await ifThere(this.#transport.call("DELETE", `/functions/${id}`));
      return true;
    } catch (error) {
      // Another controller has submitted jobs in the meantime.
      if (statusOf(error) === 400 || statusOf(error) === 409) return false;
      throw error;
    }
  }

  /** Removes a function and its jobs. */
  async deleteFunction(id: string): Promise<void> {
    await this.deleteJobs([isOneOf("function_id", [id])]);
    await ifThere(this.#transport.call("DELETE", `/functions/${id}`));
  }

  /** Returns the log of a function's build; an empty string when the log does not exist. */
  async buildLog(id: string): Promise<string> {
    const answer = await ifThere(
      this.#transport.call("GET", `/functions/${id}/log`),
    );
    return answer ? await gunzipText(answer.body) : "";
  }

  /** Creates many jobs, or returns the jobs that an earlier try of the same request created. */
  async submit(request: JobsRequest): Promise<readonly PlatformJob[]> {
    const rows = await this.#transport.json<unknown>("POST", "/jobs/bulk", { body: request });
    if (Array.isArray(rows)) return rows.filter((row) => typeof row?.id === "string");
    throw new LostAnswer("POST /jobs/bulk was not answered with a list");
  }

  /** Returns the jobs with the given ids whose status is one of the given statuses. */
  async jobs(
    ids: readonly string[],
    statuses: readonly PlatformJobStatus[],
  ): Promise<PlatformJob[]> {
    const found = idFilters(ids).map((filter) =>
      this.#transport.list<PlatformJob>("/jobs", [...filter, isOneOf("status", statuses)], ONE_PAGE)
    );
    return (await Promise.all(found)).flat();
  }

  /** Returns the jobs that match a filter. */
  jobsBy(filter: Filter): Promise<PlatformJob[]> {
    return this.#transport.list("/jobs", filter, ONE_PAGE);
  }

  /** Returns a job by its id; `undefined` when it was removed. */
  async job(id: string): Promise<PlatformJob | undefined> {
    const found = this.#transport.json<PlatformJob>("GET", `/jobs/${id}`, {}, (job) => job.id);
    return await ifThere(found);
  }

  /** Returns the number of jobs that match a filter. */
  async countJobs(filter: Filter): Promise<number> {
    const query = [["filter", JSON.stringify(filter)], ["limit", "0"]] as const;
    const { meta } = await this.#transport.json<ListPage<unknown>>("GET", "/jobs", { query });
    return meta?.total ?? 0;
  }

  /** Cancels the jobs that match a filter. */
  async cancelJobs(filter: Filter): Promise<void> {
    await this.#transport.call("POST", "/jobs/cancel", { body: { filter } });
  }

  /** Restarts failed jobs. */
  async rerunJobs(ids: readonly string[]): Promise<void> {
    for (const filter of idFilters(ids)) {
      await this.#transport.call("POST", "/jobs/rerun", { body: { filter } });
    }
  }

  /** Removes the jobs that match a filter, and their results. */
  async deleteJobs(filter: Filter): Promise<void> {
    const body = { filter, limit: MAX_DELETE, delete_results: true };
    for (let gone = MAX_DELETE; gone === MAX_DELETE;) {
      const ids = this.#transport.json<string[]>("POST", "/jobs/delete", { body }, Array.isArray);
      gone = (await ids).length;
    }
  }

  /**
   * Returns the log of a job, one JSON object per line; `undefined` when the log does not exist.
   *
   * @param limits limits of the request; a longer log ends at the limit
   */
  async jobLog(
    id: string,
    limits: NonNullable<CallOptions["limits"]> = {},
  ): Promise<string | undefined> {
    const answer = await ifThere(
      this.#transport.call("GET", `/jobs/${id}/log`, { limits }),
    );
    return answer && await gunzipText(answer.body);
  }

  /**
   * Returns the result of a job; `undefined` when the result is missing or empty. The platform may
   * store the result some time after the job has ended.
   */
  async result(
    { id: functionId, namespace }: ResultSource,
    id: string,
  ): Promise<Uint8Array | undefined> {
    const name = ["compute", namespace, functionId, id].map(encodeURIComponent).join("/");
    const path = `${this.#catalog}/storage/download/${name}`;
    const found = await ifThere(
      this.#transport.json<Download>(
        "GET",
        path,
        { type: CATALOG_TYPE },
        ({ data }) => URL.canParse(data?.attributes?.resumable_url ?? ""),
      ),
    );
    if (!found) return undefined;
    const answer = await ifThere(
      this.#transport.send("GET", found.data.attributes.resumable_url),
    );
    return answer && answer.body.length > 0 ? answer.body : undefined;
  }
}

/** A function without code, and the address to which its code is uploaded. */
interface CreatedFunction {
  readonly function: PlatformFunction;
  readonly bundle_upload_url: string;
}

/** The catalog's response with the address of a result. */
interface Download {
  readonly data: { readonly attributes: { readonly resumable_url: string } };
}

/** Decodes text that may be gzip-compressed; the response headers do not indicate compression. */
async function gunzipText(bytes: Uint8Array): Promise<string> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(isPacked ? await unpackGzip(bytes) : bytes);
}
