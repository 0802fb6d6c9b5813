/**
 * The error with which a task says that a service limits it.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";
import { TASK_ERROR } from "../journal/task_error.ts";
import { shortInspect } from "../util/text/short_inspect.ts";

// A longer time is left out, because JSON has no infinite number of milliseconds.
const MOST_SECONDS = 1e10;

/**
 * Ends a call whose service has limited it. The attempt is not charged: the task waits, together
 * with the tasks of the same key, and begins again.
 *
 * @example
 * ```ts
 * import { RateLimited } from "dl_jobs";
 *
 * const { retryAfter } = new RateLimited(2);
 * if (retryAfter !== 2) throw new Error("another time");
 * ```
 */
export class RateLimited extends Error {
  /** The name of the class. */
  override readonly name = "RateLimited";
  /** @ignore */
  readonly [TASK_ERROR]: TaskError;

  /**
   * Creates the error.
   *
   * @param retryAfter the time to wait, in seconds. @default {it doubles from one second}
   * @param message the reason
   */
  constructor(readonly retryAfter?: number, message = "the service limits requests") {
    super(message);
    const isTime = typeof retryAfter === "number" && retryAfter >= 0 && retryAfter < MOST_SECONDS;
    const waitMs = isTime ? Math.round(retryAfter * 1000) : undefined;
    this[TASK_ERROR] = { message, type: "RateLimited", class: "limited", waitMs };
  }
}

/**
 * Returns a response, unless it says that the service limits requests: the status 429, the status
 * 503 with `Retry-After`, or another error whose headers say that no request is left.
 *
 * @example
 * ```ts
 * import { checkRate } from "dl_jobs";
 *
 * const response = checkRate(new Response("ok"));
 * if (await response.text() !== "ok") throw new Error("another response");
 * ```
 *
 * @throws {TypeError} when the value is not a response, as when it is the promise of one.
 * @throws {RateLimited} when the service limits requests, with the time that its headers name.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function checkRate<R extends Pick<Response, "status" | "headers">>(response: R): R {
  // The headers of another library are of a class of its own.
  if (typeof Object(response).headers?.get !== "function") {
    throw new TypeError(
      `Cannot check ${shortInspect(response)} for limits: pass a response, as in ` +
        "checkRate(await fetch(url))",
    );
  }
  const { status, headers } = response, after = headers.get("retry-after");
  const isLimited = status === 429 || (status === 503 && after !== null) ||
    (status >= 400 && isExhausted(headers));
  if (!isLimited) return response;
  throw new RateLimited(
    secondsOf(after) ?? resetOf(headers),
    `the service limits requests (status ${status})`,
  );
}

const REMAINING = ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];
const RESET = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];

function isExhausted(headers: Headers): boolean {
  return first(headers, REMAINING) === 0 || /\b(?:r|remaining)=0\b/.test(policyOf(headers));
}

/** Returns the time until requests are left again, in seconds. */
function resetOf(headers: Headers): number | undefined {
  const reset = first(headers, RESET) ??
    numberOf(/\b(?:t|reset)=(\d+)/.exec(policyOf(headers))?.[1]);
  if (reset === undefined) return undefined;
  // A large number is a time since 1970, in seconds or in milliseconds.
  if (reset > 1e12) return Math.max(0, (reset - Date.now()) / 1000);
  return reset > 1e9 ? Math.max(0, reset - Date.now() / 1000) : reset;
}

function policyOf(headers: Headers): string {
  return headers.get("ratelimit") ?? "";
}

function first(headers: Headers, names: readonly string[]): number | undefined {
  return names.map((name) => numberOf(headers.get(name))).find((one) => one !== undefined);
}

/** Parses `Retry-After`: seconds, or a date. */
function secondsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const date = Date.parse(text);
  return numberOf(text) ?? (date > 0 ? Math.max(0, (date - Date.now()) / 1000) : undefined);
}

function numberOf(text: string | null | undefined): number | undefined {
  return text && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
