import { UsageError } from "../../util/errors.ts";
import { type Credentials, expiryOf, keepToken } from "./credentials.ts";
import { type Answer, fetchAgain } from "./http.ts";

/** So long before its end a token is exchanged for a new one. */
export const LEEWAY_MS = 500_000;

/** The token that requests carry, exchanged for a new one before it ends. */
export class Token {
  #current: string | undefined;
  #renewing: Promise<string> | undefined;

  /**
   * @param credentials who speaks
   * @param iam where tokens are exchanged
   * @param tell takes what a person should know
   */
  constructor(
    readonly credentials: Credentials,
    readonly iam: string,
    readonly tell: (text: string) => void,
    readonly now: () => number = Date.now,
  ) {
    this.#current = credentials.token;
  }

  /** A token that is good for the next request. */
  async get(): Promise<string> {
    const end = this.#current === undefined ? 0 : expiryOf(this.#current);
    if (this.now() + LEEWAY_MS <= end) return this.#current!;
    try {
      return await this.renew(this.#current);
    } catch (error) {
      // The old one is good for a little while.
      if (this.now() < end) return this.#current!;
      throw error;
    }
  }

  /** Another token than one that was refused, or that is about to end; all who ask share it. */
  async renew(refused: string | undefined): Promise<string> {
    if (this.#current !== undefined && this.#current !== refused) return this.#current;
    this.#renewing ??= this.#exchange().finally(() => this.#renewing = undefined);
    return await this.#renewing;
  }

  /** A text without what is secret: what a server answers may be what it was asked. */
  hide(text: string): string {
    const { refreshToken } = this.credentials;
    const rest = refreshToken ? text.replaceAll(refreshToken, "...") : text;
    return rest.replace(/eyJ[\w-]*\.[\w-]+\.[\w-]*/g, "...");
  }

  async #exchange(): Promise<string> {
    const { clientId, refreshToken, scope, cache } = this.credentials;
    if (!clientId || !refreshToken) {
      throw new UsageError("Cannot sign in to the platform: the token has ended, get a new one");
    }
    const answer = await fetchAgain(`${this.iam}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: clientId,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        ...(scope ? { scope: scope.join(" ") } : {}),
      }),
      isSafe: true,
    });
    this.#current = this.#read(answer);
    if (cache) await keepToken(cache, this.#current).catch((error) => this.#notKept(error));
    return this.#current;
  }

  #read({ status, body }: Answer): string {
    const text = new TextDecoder().decode(body);
    const { access_token: access, id_token: id } = status === 200 ? parse(text) : {};
    const token = access ?? id;
    if (typeof token === "string") return token;
    throw new UsageError(
      `Cannot sign in to the platform at ${this.iam}: it answers ${status} ` +
        `${this.hide(text).slice(0, 300)}, check the credentials or log in again`,
    );
  }

  #notKept(error: Error): void {
    this.tell(`Warning: the token could not be kept for the next run: ${error.message}`);
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
