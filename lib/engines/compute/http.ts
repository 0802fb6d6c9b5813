/**
 * Requests that are made again where that can do no harm, and answers with the server's own words.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";

/** One request. */
export interface Request {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Whether the same request once more does nothing more. */
  readonly isSafe: boolean;
}

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An answer that is an error. */
export class HttpError extends Error {
  /** @ignore */
  override readonly name = "HttpError";

  constructor(message: string, readonly status: number) {
    super(message);
  }
}

/** A request whose answer got lost: nobody knows whether the server has done it. */
export class LostAnswer extends Error {
  /** @ignore */
  override readonly name = "LostAnswer";
}

// Together with the waits this takes less than a minute, where a server says nothing about waiting.
const MAX_TRIES = 7;
const WAIT_MS = 250, MAX_WAIT_MS = 120_000;
const PATIENCE_MS = 40_000;

/** These say that nothing has been done. */
const REFUSED = [429, 503];
/** These may come after it has been done. */
const DOUBTFUL = [500, 502, 504];
/** These are about another time only when the server says when. */
const LATER = [403, 413];

/**
 * Makes a request, again where that can help and do no harm; gives the last answer.
 *
 * @throws {LostAnswer} when no answer came.
 */
export async function fetchAgain(url: string, request: Request): Promise<Answer> {
  for (let tries = 1;; tries++) {
    const answer = await fetchOnce(url, request);
    const isLast = tries === MAX_TRIES || !isWorthIt(answer, request.isSafe);
    if (!isLast) {
      await new Promise((resolve) => setTimeout(resolve, waitOf(answer, tries)));
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

async function fetchOnce(url: string, request: Request): Promise<Answer | Error> {
  const { method, headers = {}, body, isSafe } = request;
  // On a connection that was used before a request is sent again when it gets no answer, whatever
  // it asks for.
  using client = isSafe ? undefined : Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(client ? { client } : {}),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status } = response;
    return { status, headers: response.headers, body: await response.bytes() };
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function isWorthIt(answer: Answer | Error, isSafe: boolean): boolean {
  if (answer instanceof Error) return isSafe;
  const { status, headers } = answer;
  if (REFUSED.includes(status)) return true;
  if (LATER.includes(status)) return headers.has("retry-after");
  return isSafe && DOUBTFUL.includes(status);
}

/** How long to wait, in milliseconds: as long as the server says, else each time longer. */
function waitOf(answer: Answer | Error, tries: number): number {
  const after = answer instanceof Error ? null : answer.headers.get("retry-after");
  const seconds = Number(after ?? NaN);
  const told = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after ?? "") - Date.now();
  // Not all at the same moment.
  const own = WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random());
  return Math.min(Math.max(Number.isNaN(told) ? own : told, 0), MAX_WAIT_MS);
}

/**
 * What an answer says went wrong, in its own words.
 *
 * @param hide takes out what nobody shall read
 */
export function errorText(
  { status, body }: Answer,
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

/** Says that the platform cannot be reached, where nothing of the job is there yet. */
export async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw unreached(error);
  }
}

/** An error of a request, as one that says so to a person. */
export function unreached(error: unknown): unknown {
  if (!(error instanceof HttpError || error instanceof LostAnswer)) return error;
  return new UsageError(`Cannot run on the platform: ${error.message}`, { cause: error });
}
