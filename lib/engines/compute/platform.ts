/**
 * The platform's calls, as its own clients make them: functions, jobs, logs and results.
 *
 * What it calls a function is code with its machine, what it calls a job is one call of that. Its
 * own names for fields stand in this file and nowhere else.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { type Addresses, findAddresses, findCredentials } from "./credentials.ts";
import { type Answer, errorText, fetchAgain, HttpError, LostAnswer } from "./http.ts";
import { Token } from "./token.ts";

/** What a function is made of. */
export interface FunctionFields {
  readonly name: string;
  readonly image: string;
  readonly cpus: number;
  readonly memory: number;
  readonly maximum_concurrency: number;
  readonly timeout: number;
  readonly retry_count: number;
}

/** A function, as the platform has it. */
export interface PlatformFunction extends FunctionFields {
  readonly id: string;
  readonly namespace: string;
  readonly status: "awaiting_bundle" | "building" | "ready" | "stopped" | "build_failed";
  readonly creation_date: string;
}

/** How a platform job stands. */
export type JobStatus =
  | "pending"
  | "running"
  | "cancel"
  | "canceling"
  | "success"
  | "failure"
  | "timeout"
  | "canceled";

/** The states that a platform job does not leave by itself. */
export const ENDS: readonly JobStatus[] = ["success", "failure", "timeout", "canceled"];
/** The others. */
export const OPEN: readonly JobStatus[] = ["pending", "running", "cancel", "canceling"];

/** A platform job, as far as it is looked at. */
export interface PlatformJob {
  readonly id: string;
  readonly status: JobStatus;
  readonly args: readonly unknown[];
  readonly exit_code?: number | null;
  readonly error_reason?: string | null;
  readonly execution_count?: number | null;
}

/** Many jobs at once. */
export interface Bulk {
  readonly function_id: string;
  readonly bulk_args: readonly (readonly unknown[])[];
  readonly bulk_kwargs: null;
  readonly bulk_environments: readonly Readonly<Record<string, string>>[] | null;
  /** The same bulk once more makes no more jobs. */
  readonly reference_id: string;
  readonly tags: readonly string[];
}

/** Which functions or jobs are meant: all of these hold. */
export type Filter = readonly Condition[];
type Condition =
  | { readonly name: string; readonly op: "eq"; readonly val: string }
  | { readonly or: Filter };

/** Says that a field has one of some values. */
export function isOneOf(name: string, values: readonly string[]): Condition {
  const each = values.map((val) => ({ name, op: "eq" as const, val }));
  return each.length === 1 ? each[0]! : { or: each };
}

/** A page of a list. */
interface Page<T> {
  readonly meta: { readonly page_cursor?: string | null; readonly total?: number };
  readonly data: readonly T[];
}

const JSON_TYPE = "application/json", CATALOG_TYPE = "application/vnd.api+json";
// As many as its own clients ask for in one question: an address has its limits.
const MAX_IDS = 128;
const MAX_REQUESTS = 8;
// The platform wants to know what program it is.
const AGENT = "dl_jobs";
// More at a time take it too long.
const MAX_DELETE = 10_000;

/** What one request is told besides its address. */
interface Options {
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly type?: string;
  /** Whether the same request once more does nothing more. @default {true} */
  readonly isSafe?: boolean;
}

/** The platform, for one who has signed in. */
export class Platform {
  #addresses: Addresses;
  #token: Token;
  #session = plainId();
  #slots = new Slots(MAX_REQUESTS);

  private constructor(addresses: Addresses, token: Token) {
    this.#addresses = addresses;
    this.#token = token;
  }

  /**
   * Finds out where the platform is and who speaks to it; asks nothing yet.
   *
   * @param tell takes what a person should know
   * @throws {UsageError} when there are no credentials.
   */
  static async open(tell: (text: string) => void): Promise<Platform> {
    const env = Deno.env.toObject();
    const credentials = await findCredentials(env), addresses = findAddresses(env);
    for (const warning of credentials.warnings) tell(`Warning: ${warning}`);
    return new Platform(addresses, new Token(credentials, addresses.iam, tell));
  }

  /** Lets the platform have what jobs sign in with, so that a job can speak to it, too. */
  async giveCredentials(): Promise<void> {
    const { clientId, refreshToken } = this.#token.credentials;
    if (!clientId || !refreshToken) return void await this.#call("GET", "/credentials");
    const body = { client_id: clientId, client_secret: refreshToken };
    await this.#call("POST", "/credentials", { body });
  }

  /** The functions with a name, the newest first. */
  functionsNamed(name: string): Promise<PlatformFunction[]> {
    return this.#list("/functions", [isOneOf("name", [name])], [["sort", "-creation_date"]]);
  }

  /**
   * Makes a function that waits for its code; gives also where that goes.
   *
   * @throws {LostAnswer} when nobody knows whether it has been made.
   */
  async createFunction(
    fields: FunctionFields,
  ): Promise<{ readonly function: PlatformFunction; readonly bundle_upload_url: string }> {
    return await this.#json("POST", "/functions", { body: fields, isSafe: false });
  }

  /** Hands a function its code, and has it built. */
  async upload(id: string, url: string, zip: Uint8Array<ArrayBuffer>): Promise<PlatformFunction> {
    // Whoever has the address may write there: it takes no token.
    await this.#checked("PUT", url, {
      headers: { "content-type": "application/octet-stream", "user-agent": AGENT },
      body: zip,
    });
    try {
      return await this.#json("POST", `/functions/${id}/bundle`);
    } catch (error) {
      // It may have come through the first time.
      const found = await this.function(id);
      if (found && found.status !== "awaiting_bundle") return found;
      throw error;
    }
  }

  /** A function; nothing when there is none any more. */
  async function(id: string): Promise<PlatformFunction | undefined> {
    return await this.#ifThere(this.#json("GET", `/functions/${id}`));
  }

  /** Changes a function: nothing but what is given. */
  async changeFunction(id: string, changes: Partial<PlatformFunction>): Promise<void> {
    await this.#call("PATCH", `/functions/${id}`, { body: changes });
  }

  /** Removes a function and its jobs. */
  async deleteFunction(id: string): Promise<void> {
    await this.deleteJobs([isOneOf("function_id", [id])]);
    await this.#ifThere(this.#call("DELETE", `/functions/${id}`));
  }

  /** What was said while a function was built. */
  async buildLog(id: string): Promise<string> {
    const answer = await this.#ifThere(this.#call("GET", `/functions/${id}/log`));
    return answer ? await gunzipText(answer.body) : "";
  }

  /** Makes many jobs, or finds those that the same bulk has made. */
  async submit(bulk: Bulk): Promise<readonly PlatformJob[]> {
    return await this.#json("POST", "/jobs/bulk", { body: bulk });
  }

  /** Those of some jobs that are in one of some states. */
  async jobs(
    ids: readonly string[],
    statuses: readonly JobStatus[],
  ): Promise<PlatformJob[]> {
    const found = chunksOf(ids, MAX_IDS).map((some) =>
      this.#list<PlatformJob>("/jobs", [isOneOf("id", some), isOneOf("status", statuses)])
    );
    return (await Promise.all(found)).flat();
  }

  /** All jobs that a filter means. */
  jobsBy(filter: Filter): Promise<PlatformJob[]> {
    return this.#list("/jobs", filter);
  }

  /** A job; nothing when there is none any more. */
  async job(id: string): Promise<PlatformJob | undefined> {
    return await this.#ifThere(this.#json("GET", `/jobs/${id}`));
  }

  /** How many jobs a filter means. */
  async countJobs(filter: Filter): Promise<number> {
    const query = [["filter", JSON.stringify(filter)], ["limit", "0"]] as const;
    return (await this.#json<Page<unknown>>("GET", "/jobs", { query })).meta.total ?? 0;
  }

  /** Ends jobs. */
  async cancelJobs(filter: Filter): Promise<void> {
    await this.#call("POST", "/jobs/cancel", { body: { filter } });
  }

  /** Begins jobs again that have ended badly. */
  async rerunJobs(ids: readonly string[]): Promise<void> {
    for (const some of chunksOf(ids, MAX_IDS)) {
      await this.#call("POST", "/jobs/rerun", { body: { filter: [isOneOf("id", some)] } });
    }
  }

  /** Removes jobs and what they returned. */
  async deleteJobs(filter: Filter): Promise<void> {
    const body = { filter, limit: MAX_DELETE, delete_results: true };
    for (let gone = MAX_DELETE; gone === MAX_DELETE;) {
      gone = (await this.#json<string[]>("POST", "/jobs/delete", { body })).length;
    }
  }

  /** What a job wrote: one object a line. */
  async jobLog(id: string): Promise<string> {
    const answer = await this.#ifThere(this.#call("GET", `/jobs/${id}/log`));
    return answer ? await gunzipText(answer.body) : "";
  }

  /** What a job returned; nothing when there is nothing. */
  async result(
    { id: functionId, namespace }: Pick<PlatformFunction, "id" | "namespace">,
    id: string,
  ): Promise<Uint8Array | undefined> {
    const name = ["compute", namespace, functionId, id].map(encodeURIComponent).join("/");
    const path = `${this.#addresses.catalog}/storage/download/${name}`;
    const found = await this.#ifThere(this.#json<Download>("GET", path, { type: CATALOG_TYPE }));
    if (!found) return undefined;
    const { body } = await this.#checked("GET", found.data.attributes.resumable_url, {
      headers: { "user-agent": AGENT },
    });
    return body.length > 0 ? body : undefined;
  }

  async #list<T>(
    path: string,
    filter: Filter,
    more: readonly (readonly [string, string])[] = [],
  ): Promise<T[]> {
    const all: T[] = [];
    let query: Options["query"] = [["filter", JSON.stringify(filter)], ...more];
    for (;;) {
      const { data, meta }: Page<T> = await this.#json("GET", path, { query });
      all.push(...data);
      if (!meta.page_cursor) return all;
      query = [["page_cursor", meta.page_cursor]];
    }
  }

  async #json<T>(method: string, path: string, options: Options = {}): Promise<T> {
    const { body } = await this.#call(method, path, options);
    return JSON.parse(new TextDecoder().decode(body));
  }

  async #call(method: string, path: string, options: Options = {}): Promise<Answer> {
    const { query = [], body, type = JSON_TYPE, isSafe = true } = options;
    const url = new URL(path.startsWith("http") ? path : this.#addresses.compute + path);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    let token = await this.#token.get();
    for (let isAgain = false;; isAgain = true) {
      try {
        const headers = this.#headers(token, type);
        return await this.#checked(method, url.href, { headers, ...text, isSafe });
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 401) throw error;
        if (isAgain) throw new UsageError(`The platform refuses the credentials: ${error.message}`);
        token = await this.#token.renew(token);
      }
    }
  }

  #headers(token: string, type: string): Record<string, string> {
    return {
      "authorization": `Bearer ${token}`,
      "accept": type,
      "content-type": type,
      "user-agent": AGENT,
      "x-client-session": this.#session,
      "x-request-group": plainId(),
    };
  }

  async #checked(
    method: string,
    url: string,
    { isSafe = true, ...request }: {
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array<ArrayBuffer>;
      readonly isSafe?: boolean;
    },
  ): Promise<Answer> {
    const answer = await this.#slots.run(() => fetchAgain(url, { method, isSafe, ...request }));
    if (answer.status < 400) return answer;
    const text = errorText(answer, method, url, (words) => this.#token.hide(words));
    // The request was wrong, or it is not for us: the same one will not be right another time.
    if ([400, 403, 405, 409, 422].includes(answer.status)) {
      throw new UsageError(`The platform refuses it: ${text}`);
    }
    // What may have been done before the answer got lost.
    if (!isSafe && answer.status >= 500) throw new LostAnswer(text);
    throw new HttpError(text, answer.status);
  }

  async #ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof HttpError && [404, 410].includes(error.status)) return undefined;
      throw error;
    }
  }
}

/** Where a result lies. */
interface Download {
  readonly data: { readonly attributes: { readonly resumable_url: string } };
}

/** Lets so many things happen at the same time. */
class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await fn();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

function plainId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

/** Text that may be gzip, whatever its headers say. */
async function gunzipText(bytes: Uint8Array): Promise<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  const stream = new Blob([bytes as BlobPart]).stream();
  return await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
}
