/**
 * HTTP requests with safe retries, and errors with the server's own message.
 *
 * @module
 */

import { backoffMs } from "../../util/time/backoff.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";

/** An HTTP request. */
export interface HttpRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The request headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The request body. */
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** True when repeating the request has no further effect. */
  readonly isSafe: boolean;
  /** The longest silence of the server, in milliseconds. @default {40_000} */
  readonly silenceMs?: number | undefined;
  /** The number of bytes of the response body after which the rest is dropped. @default {Infinity} */
  readonly maxBytes?: number | undefined;
  /** Ends the request and its retries when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The response of a server. */
export interface HttpAnswer {
  /** The HTTP status code. */
  readonly status: number;
  /** The response headers. */
  readonly headers: Headers;
  /** The complete response body. */
  readonly body: Uint8Array;
}

/** The error of a response with an error status. */
export class HttpError extends Error {
  /** @ignore */
  override readonly name = "HttpError";

  /**
   * Creates the error of a response.
   *
   * @param message the server's own message
   * @param status the HTTP status code
   */
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

/** The error of a request with an unknown outcome. The server may have carried out the request. */
export class LostAnswer extends Error {
  /** @ignore */
  override readonly name = "LostAnswer";
}

// When each try fails quickly, all tries and waits take less than a minute in total. Waits set by
// the server may be longer.
const MAX_TRIES = 7;
const WAIT_MS = 250, MAX_WAIT_MS = 120_000;
const SILENCE_MS = 40_000;
// The slowest upload that is not taken for silence, in bytes per millisecond.
const SLOWEST = 16;

/** Statuses of requests that the server did not carry out. */
const REFUSED = [408, 425, 429, 503];
/** Statuses of requests that the server may have carried out. */
const DOUBTFUL = [500, 502, 504];
/** Statuses that are worth a retry only when the response has a `retry-after` header. */
const LATER = [403, 413];

/**
 * Makes a request, and repeats it when a retry is safe and may help.
 *
 * @returns the last response, which may have an error status.
 * @throws {LostAnswer} when the last try got no response.
 */
export async function fetchAgain(url: string, request: HttpRequest): Promise<HttpAnswer> {
  for (let tries = 1;; tries++) {
    const answer = await fetchOnce(url, request);
    const isLast = tries === MAX_TRIES || request.signal?.aborted ||
      !isWorthIt(answer, request.isSafe);
    if (!isLast) {
      await delay(waitOf(answer, tries), request.signal ? [request.signal] : []);
      continue;
    }
    if (answer instanceof Error) {
      throw new LostAnswer(
        `${new URL(url).host} does not answer: ${answer.message}`,
        { cause: answer },
      );
    }
    return answer;
  }
}

async function fetchOnce(url: string, request: HttpRequest): Promise<HttpAnswer | Error> {
  const { method, headers = {}, body, isSafe, silenceMs = SILENCE_MS, signal } = request;
  // fetch() repeats any request that gets no response on a reused connection.
  using client = isSafe ? undefined : Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  using silence = new Silence(silenceMs + (body?.length ?? 0) / SLOWEST, signal);
  try {
    const init: RequestInit & { client?: Deno.HttpClient } = {
      method,
      headers,
      signal: silence.signal,
    };
    if (body !== undefined) init.body = body;
    if (client) init.client = client;
    const response = await fetch(url, init);
    return {
      status: response.status,
      headers: response.headers,
      body: await readBody(response, request.maxBytes ?? Infinity, () => silence.end(silenceMs)),
    };
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

async function readBody(
  { body }: Response,
  maxBytes: number,
  onBytes: () => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  onBytes();
  for await (const chunk of body ?? []) {
    onBytes();
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return concatBytes(chunks);
}

/**
 * Aborts a request when the server has been silent for too long. A slow transfer is not silence, so
 * the length of the whole request has no limit.
 */
class Silence implements Disposable {
  #silent = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly signal: AbortSignal;

  constructor(ms: number, signal: AbortSignal | undefined) {
    const own = this.#silent.signal;
    this.signal = signal ? AbortSignal.any([own, signal]) : own;
    this.end(ms);
  }

  /** Ends the current silence; the next one may last `ms` milliseconds. */
  end(ms: number): void {
    clearTimeout(this.#timer);
    const reason = new DOMException(`nothing has arrived for ${ms / 1000} seconds`, "TimeoutError");
    this.#timer = setTimeout(() => this.#silent.abort(reason), ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function isWorthIt(answer: HttpAnswer | Error, isSafe: boolean): boolean {
  if (answer instanceof Error) return isSafe;
  const { status, headers } = answer;
  if (REFUSED.includes(status)) return true;
  if (LATER.includes(status)) return headers.has("retry-after");
  return isSafe && DOUBTFUL.includes(status);
}

/**
 * Returns the wait before the next try, in milliseconds: the server's value, or an exponential
 * backoff.
 */
function waitOf(answer: HttpAnswer | Error, tries: number): number {
  const after = answer instanceof Error ? null : answer.headers.get("retry-after");
  const seconds = Number(after ?? NaN);
  const told = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after ?? "") - Date.now();
  // Random waits prevent many clients from retrying at the same moment.
  const own = backoffMs(tries, { firstMs: WAIT_MS, maxMs: MAX_WAIT_MS }) * (0.5 + Math.random());
  return Math.min(Math.max(Number.isNaN(told) ? own : told, 0), MAX_WAIT_MS);
}

/**
 * Returns the message of an error response, in the server's own words.
 *
 * @param hide removes secrets from the message
 */
export function errorText(
  { status, body }: HttpAnswer,
  method: string,
  url: string,
  hide = (text: string) => text,
): string {
  const where = `${status} ${method} ${new URL(url).pathname}`;
  const words = wordsOf(hide(new TextDecoder().decode(body)).trim());
  return words === "" ? where : `${words} (${where})`;
}

function wordsOf(text: string): string {
  try {
    const { detail, errors = {} } = JSON.parse(text);
    const fields = Array.isArray(errors)
      ? errors.map((error) => `${error.title ?? ""} ${error.detail ?? ""}`.trim())
      : Object.entries(errors).map(([field, said]) => `${field}: ${[said].flat().join(", ")}`);
    const words = [...[detail ?? []].flat().map(oneDetail), ...fields].filter(Boolean).join("; ");
    return words || text.slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}

function oneDetail(detail: unknown): string {
  if (typeof detail === "string") return detail;
  const { loc, msg } = Object(detail);
  return msg === undefined ? JSON.stringify(detail) : `${[loc].flat().join(".")}: ${msg}`;
}

/** Returns the status of the response that caused an error; `undefined` for any other error. */
export function statusOf(error: unknown): number | undefined {
  const { cause } = Object(error);
  const caused = error instanceof UsageError ? cause : error;
  return caused instanceof HttpError ? caused.status : undefined;
}

/** Returns true for an error of the platform that is temporary. */
export function isPassing(error: unknown): boolean {
  return error instanceof LostAnswer ||
    (error instanceof HttpError && isPassingStatus(error.status));
}

/** Returns true for the status of an answer that may be another one later. */
export function isPassingStatus(status: number): boolean {
  return status >= 500 || REFUSED.includes(status);
}

/**
 * Waits for a response, and converts errors of the platform into usage errors.
 *
 * @throws {UsageError} when the platform cannot be reached, or answers with an error.
 */
export async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw unreached(error);
  }
}

/** Wraps an error of a request in a {@linkcode UsageError}; returns any other error unchanged. */
export function unreached(error: unknown): unknown {
  if (!(error instanceof HttpError || error instanceof LostAnswer)) return error;
  return new UsageError(`Cannot run on the platform: ${error.message}`, { cause: error });
}
