/**
 * Requests to the platform with an access token, and errors from its responses.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { parseJson } from "../../util/parse_json.ts";
import { Slots } from "../shared/slots.ts";
import { AGENT, clientHeaders, plainId } from "./client_headers.ts";
import {
  errorText,
  fetchAgain,
  type HttpAnswer,
  HttpError,
  type HttpRequest,
  LostAnswer,
} from "./http.ts";
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
  readonly meta?: { readonly page_cursor?: string | null; readonly total?: number } | null;
  /** The items on this page. */
  readonly data: readonly (T | null)[];
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
  /** The limits of a response that the job can do without. @default {no limits} */
  readonly limits?: Pick<HttpRequest, "signal" | "maxBytes">;
}

/** The options of a request to any URL. */
export interface SendOptions {
  /** The request headers. @default {the user agent} */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request body. */
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** True when repeating the request has no further effect. @default {true} */
  readonly isSafe?: boolean;
  /** The limits of a response that the job can do without. @default {no limits} */
  readonly limits?: CallOptions["limits"];
}

const JSON_TYPE = "application/json";
const MAX_REQUESTS = 8;

/**
 * Makes requests to the platform with an access token, up to eight concurrently. Requests with
 * limits do not count.
 */
export class Transport {
  #base: string;
  #token: Token;
  #agent: Readonly<Record<string, string>>;
  #slots = new Slots(MAX_REQUESTS);

  /**
   * Creates a transport. The constructor makes no request.
   *
   * @param base the address of the Compute service
   * @param token the access token of the requests
   * @param image the image of the platform for which the headers are made
   */
  constructor(base: string, token: Token, image?: string) {
    this.#base = base;
    this.#token = token;
    this.#agent = clientHeaders(image);
  }

  /**
   * Returns the items of all pages of a list.
   *
   * @throws {LostAnswer} when a page is not in the format of the service.
   */
  async list<T>(
    path: string,
    filter: Filter,
    more: readonly (readonly [string, string])[] = [],
  ): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | undefined;
    let query: CallOptions["query"] = [["filter", JSON.stringify(filter)], ...more];
    for (;;) {
      const page: ListPage<T> = await this.json("GET", path, { query });
      if (!Array.isArray(page.data)) throw new LostAnswer(`${path} did not answer with a list`);
      for (const item of page.data) if (item) all.push(item);
      const next = page.meta?.page_cursor;
      if (!next) return all;
      if (next === cursor) throw new LostAnswer(`${path} answered with the same page again`);
      query = [["page_cursor", cursor = next]];
    }
  }

  /**
   * Makes a request, and parses the response as JSON.
   *
   * @param isWhole returns true for a response with all that is needed of it
   * @throws {LostAnswer} when the response is something else, such as the page of a proxy.
   */
  async json<T>(
    method: string,
    path: string,
    options: CallOptions = {},
    isWhole: (answer: T) => unknown = () => true,
  ): Promise<T> {
    const { body } = await this.call(method, path, options);
    let answer;
    try {
      answer = parseJson(new TextDecoder().decode(body));
    } catch (cause) {
      throw new LostAnswer(`${method} ${path} was not answered with JSON`, { cause });
    }
    if (answer instanceof Object && isWhole(answer)) return answer;
    throw new LostAnswer(`${method} ${path} was answered without what was asked for`);
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
    const { query = [], body, type = JSON_TYPE, isSafe = true, limits } = options;
    const url = new URL(path.startsWith("http") ? path : this.#base + path);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    let token = await this.#token.get();
    for (let isAgain = false;; isAgain = true) {
      try {
        const headers = this.#headers(token, type);
        return await this.send(method, url.href, { headers, body: text, isSafe, limits });
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
      ...this.#agent,
      "x-request-group": plainId(),
    };
  }

  /** Makes a request to any URL, with only the given headers. */
  async send(
    method: string,
    url: string,
    { isSafe = true, headers = { "user-agent": AGENT }, body, limits }: SendOptions = {},
  ): Promise<HttpAnswer> {
    const request = { method, headers, body, isSafe, ...limits };
    const ask = () => fetchAgain(url, request);
    // Responses that the job can do without must not delay the others.
    const answer = await (limits ? ask() : this.#slots.run(ask));
    if (answer.status < 400) return answer;
    const text = errorText(answer, method, url, (words) => this.#token.hide(words));
    // The request itself is at fault, so a retry would also fail.
    if ([400, 403, 405, 409, 422].includes(answer.status)) {
      throw new UsageError(`The platform refused the request: ${text}`, {
        cause: new HttpError(text, answer.status),
      });
    }
    // The platform may have carried out the request before the error.
    if (!isSafe && answer.status >= 500) throw new LostAnswer(text);
    throw new HttpError(text, answer.status);
  }
}

/** Waits for a response, and returns `undefined` when the requested item does not exist. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpError && [404, 410].includes(error.status)) return undefined;
    throw error;
  }
}
