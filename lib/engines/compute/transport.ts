/**
 * Requests to the platform with an access token, and errors from its responses.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { errorText, fetchAgain, type HttpAnswer, HttpError, LostAnswer } from "./http.ts";
import type { Token } from "./token.ts";

/** A filter for functions or jobs, which matches when all its conditions are true. */
export type Filter = readonly Condition[];
/** A condition on a field, or a list of conditions of which at least one must be true. */
export type Condition =
  | { readonly name: string; readonly op: "eq"; readonly val: string }
  | { readonly or: Filter };

/** A page of a list. */
export interface ListPage<T> {
  /** The cursor of the next page, and the total number of items. */
  readonly meta: { readonly page_cursor?: string | null; readonly total?: number };
  /** The items on this page. */
  readonly data: readonly T[];
}

/** The options of a request. */
export interface CallOptions {
  /** The query parameters of the URL. */
  readonly query?: readonly (readonly [string, string])[];
  /** The body, which is sent as JSON. */
  readonly body?: unknown;
  /** The media type of the body and the response. @default {"application/json"} */
  readonly type?: string;
  /** True when repeating the request has no further effect. @default {true} */
  readonly isSafe?: boolean;
}

const JSON_TYPE = "application/json";
const MAX_REQUESTS = 8;
/** The user agent of requests; the platform refuses requests without a user agent. */
export const AGENT = "dl_jobs";

/** Makes requests to the platform with an access token, up to eight concurrently. */
export class Transport {
  #base: string;
  #token: Token;
  #session = plainId();
  #slots = new Slots(MAX_REQUESTS);

  /**
   * Creates a transport. The constructor makes no request.
   *
   * @param base the address of the Compute service
   * @param token the access token of the requests
   */
  constructor(base: string, token: Token) {
    this.#base = base;
    this.#token = token;
  }

  /** Returns the items of all pages of a list. */
  async list<T>(
    path: string,
    filter: Filter,
    more: readonly (readonly [string, string])[] = [],
  ): Promise<T[]> {
    const all: T[] = [];
    let query: CallOptions["query"] = [["filter", JSON.stringify(filter)], ...more];
    for (;;) {
      const { data, meta }: ListPage<T> = await this.json("GET", path, { query });
      all.push(...data);
      if (!meta.page_cursor) return all;
      query = [["page_cursor", meta.page_cursor]];
    }
  }

  /** Makes a request, and parses the response as JSON. */
  async json<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const { body } = await this.call(method, path, options);
    return JSON.parse(new TextDecoder().decode(body));
  }

  /**
   * Makes a request with a token, and retries once with a new token when the platform refuses the
   * first token.
   *
   * @throws {UsageError} when the platform refuses the request or the credentials.
   * @throws {HttpError} on any other error of the platform.
   * @throws {LostAnswer} when it is unknown whether the platform carried out the request.
   */
  async call(method: string, path: string, options: CallOptions = {}): Promise<HttpAnswer> {
    const { query = [], body, type = JSON_TYPE, isSafe = true } = options;
    const url = new URL(path.startsWith("http") ? path : this.#base + path);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    let token = await this.#token.get();
    for (let isAgain = false;; isAgain = true) {
      try {
        const headers = this.#headers(token, type);
        return await this.send(method, url.href, { headers, body: text, isSafe });
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 401) throw error;
        if (isAgain) {
          throw new UsageError(
            `The platform refused the credentials: ${error.message}, log in again`,
          );
        }
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

  /** Makes a request to any URL, with only the given headers. */
  async send(
    method: string,
    url: string,
    { isSafe = true, ...request }: {
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
      readonly isSafe?: boolean;
    },
  ): Promise<HttpAnswer> {
    const answer = await this.#slots.run(() => fetchAgain(url, { method, isSafe, ...request }));
    if (answer.status < 400) return answer;
    const text = errorText(answer, method, url, (words) => this.#token.hide(words));
    // The request itself is at fault, so a retry would also fail.
    if ([400, 403, 405, 409, 422].includes(answer.status)) {
      throw new UsageError(`The platform refused the request: ${text}`);
    }
    // The platform may have carried out the request before the error.
    if (!isSafe && answer.status >= 500) throw new LostAnswer(text);
    throw new HttpError(text, answer.status);
  }

  /** Waits for a response, and returns `undefined` when the requested item does not exist. */
  async ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof HttpError && [404, 410].includes(error.status)) return undefined;
      throw error;
    }
  }
}

/** Limits the number of concurrent requests. */
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
