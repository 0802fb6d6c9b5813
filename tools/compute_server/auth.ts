/**
 * Authentication: tokens that expire, and the credentials that jobs run with.
 *
 * @module
 */

import type { ServerOptions } from "./options.ts";
import type { Route } from "./route.ts";
import { checkShape, oneOf, Refusal, refuseField, text } from "./validate.ts";

/** The only user of the server. */
export const USER = {
  org: "acme",
  userid: "9b1f77c0aa",
  get namespace() {
    return `${this.org}:${this.userid}`;
  },
};

/** Issues, checks and revokes the tokens of the server. */
export class Auth {
  readonly clientId = `client-${crypto.randomUUID()}`;
  readonly clientSecret = crypto.randomUUID().replaceAll("-", "");
  /** The lifetime of tokens issued from now on, in milliseconds. */
  tokenMs: number;
  /** True while the service holds credentials of the user. */
  hasCredentials = false;
  #good = new Map<string, number>();

  constructor(readonly now: () => number, tokenMs: number) {
    this.tokenMs = tokenMs;
  }

  /** The number of tokens that were issued. */
  issued = 0;

  /** Issues a new token. */
  issue(): string {
    const end = Math.floor((this.now() + this.tokenMs) / 1000);
    const token = [{ alg: "HS256", typ: "JWT" }, this.#claims(end), crypto.randomUUID()]
      .map(toPart).join(".");
    this.#good.set(token, end * 1000);
    this.issued++;
    return token;
  }

  /** Revokes all tokens. */
  expire(): void {
    this.#good.clear();
  }

  /**
   * Checks the token of a request.
   *
   * @throws {Refusal} when the token is absent, unknown or expired
   */
  check(headers: Headers): void {
    const [, token] = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "") ?? [];
    if (!token) throw new Refusal(401, "Authorization: no bearer token");
    const end = this.#good.get(token);
    if (end === undefined) throw new Refusal(401, "Authorization: the token is not known");
    if (end <= this.now()) throw new Refusal(401, "Authorization: the token has expired");
  }

  #claims(exp: number) {
    return {
      sub: `auth|${USER.userid}`,
      aud: this.clientId,
      exp,
      iat: Math.floor(this.now() / 1000),
      jti: crypto.randomUUID(),
      earthdaily__dl__userid: USER.userid,
      earthdaily__dl__org: USER.org,
      earthdaily__dl__email: "user@example.com",
    };
  }
}

function toPart(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Returns the routes of tokens and of credentials. */
export function authRoutes(
  { auth, options }: { readonly auth: Auth; readonly options: Required<ServerOptions> },
): Route[] {
  return [
    {
      name: "POST /token",
      body: "json",
      handle: ({ body }) => {
        checkTokenRequest(auth, body);
        return Response.json({ [options.tokenField]: auth.issue(), token_type: "Bearer" });
      },
    },
    {
      name: "GET /credentials",
      handle: () => {
        if (!auth.hasCredentials) throw new Refusal(404, "No credentials are held");
        return Response.json({});
      },
    },
    {
      name: "POST /credentials",
      body: "json",
      handle: ({ body }) => {
        checkCredentials(auth, body);
        auth.hasCredentials = true;
        return Response.json({});
      },
    },
  ];
}

function checkTokenRequest(auth: Auth, body: unknown): void {
  const sent = checkShape(body, {
    fields: {
      client_id: text,
      grant_type: oneOf(["refresh_token"]),
      refresh_token: text,
      scope: text,
    },
    required: ["client_id", "grant_type", "refresh_token"],
  });
  if (sent.client_id !== auth.clientId) throw new Refusal(401, "invalid_client");
  if (sent.refresh_token !== auth.clientSecret) throw new Refusal(400, "invalid_grant");
}

function checkCredentials(auth: Auth, body: unknown): void {
  const fields = { client_id: text, client_secret: text };
  const sent = checkShape(body, { fields, required: Object.keys(fields) });
  if (sent.client_id !== auth.clientId) refuseField("client_id", "Not known");
  if (sent.client_secret !== auth.clientSecret) refuseField("client_secret", "Wrong");
}
