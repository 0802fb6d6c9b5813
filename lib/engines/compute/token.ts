/**
 * The access token for requests to the platform.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6749#section-6
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { tryJson } from "../../util/try_json.ts";
import { type Credentials, expiryOf, keepToken } from "./credentials.ts";
import { fetchAgain, type HttpAnswer, HttpError, isPassingStatus } from "./http.ts";

/** The remaining lifetime below which a token is renewed, in milliseconds. */
const LEEWAY_MS = 500_000;

/** An access token that is renewed before it expires. */
export class Token {
  #current: string | undefined;
  #renewing: Promise<string> | undefined;

  /**
   * Creates a token from credentials.
   *
   * @param credentials the client and its secret, or a token
   * @param iam the address of the service that exchanges tokens
   * @param warn receives messages for the user
   * @param now the clock, in milliseconds since 1970
   */
  constructor(
    readonly credentials: Credentials,
    readonly iam: string,
    readonly warn: (text: string) => void,
    readonly now: () => number = Date.now,
  ) {
    this.#current = credentials.token;
  }

  /**
   * Returns a token that is valid for the next request.
   *
   * @throws {UsageError} when the platform refuses the credentials, or the credentials cannot renew
   * the token.
   */
  async get(): Promise<string> {
    const end = this.#current === undefined ? 0 : expiryOf(this.#current);
    if (this.now() + LEEWAY_MS <= end) return this.#current!;
    try {
      return await this.renew(this.#current);
    } catch (error) {
      // The old token is still valid until `end`.
      if (this.now() < end) return this.#current!;
      throw error;
    }
  }

  /**
   * Returns a new token; concurrent calls share one exchange.
   *
   * @param refused the token that was refused or expires soon; `undefined` before the first token
   */
  async renew(refused: string | undefined): Promise<string> {
    if (this.#current !== undefined && this.#current !== refused) return this.#current;
    this.#renewing ??= this.#exchange().finally(() => this.#renewing = undefined);
    return await this.#renewing;
  }

  /** Removes secrets from a text, because a server's error may quote the request. */
  hide(text: string): string {
    const { refreshToken } = this.credentials;
    const rest = refreshToken ? text.replaceAll(refreshToken, "...") : text;
    return rest.replace(/eyJ[\w-]*\.[\w-]+\.[\w-]*/g, "...");
  }

  async #exchange(): Promise<string> {
    const { clientId, refreshToken, scope, cache } = this.credentials;
    if (!clientId || !refreshToken) {
      throw new UsageError("Cannot sign in to the platform: the token has expired, get a new one");
    }
    const answer = await fetchAgain(`${this.iam}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: clientId,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        scope: scope?.join(" "),
      }),
      isSafe: true,
    });
    this.#current = this.#read(answer);
    if (cache) await keepToken(cache, this.#current).catch((error) => this.#notKept(error));
    return this.#current;
  }

  #read({ status, body }: HttpAnswer): string {
    const text = new TextDecoder().decode(body);
    const { access_token: access, id_token: id } = status === 200 ? Object(tryJson(text)) : {};
    const token = access ?? id;
    if (typeof token === "string") return token;
    const words = `${status} ${this.hide(text).slice(0, 300)}`;
    // The credentials are not at fault, so a later try can help.
    if (isPassingStatus(status)) {
      throw new HttpError(`its sign-in at ${this.iam} answered ${words}`, status);
    }
    throw new UsageError(
      `Cannot sign in to the platform at ${this.iam}: it answered ${words}, check the ` +
        "credentials or log in again",
    );
  }

  #notKept(error: Error): void {
    this.warn(`Warning: the token could not be saved for the next run: ${error.message}`);
  }
}
