/**
 * The platform's credentials and addresses, from the environment or from the file that a log-in
 * writes. The platform has had two names, so each variable and file also has two names.
 *
 * @see https://earthone.earthdaily.com/docs
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import {
  makePrivateFolder,
  PRIVATE_FILE,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";

/** The credentials of a user. */
export interface Credentials {
  /** The id of the client. */
  readonly clientId?: string | undefined;
  /** The long-lived secret: the refresh token, or the client secret without a refresh token. */
  readonly refreshToken?: string | undefined;
  /** A short-lived access token from an earlier exchange. */
  readonly token?: string | undefined;
  /** The scope to request for new tokens. */
  readonly scope?: readonly string[] | undefined;
  /** The path of the file that caches new tokens; `undefined` without a cache. */
  readonly cache?: string | undefined;
  /** Warnings about the source of the credentials. */
  readonly warnings: readonly string[];
}

/** The addresses of the platform's services. */
export interface Addresses {
  /** The Compute service, which runs functions. */
  readonly compute: string;
  /** The catalog, which stores results. */
  readonly catalog: string;
  /** The service that exchanges tokens. */
  readonly iam: string;
}

/** A name of the platform, as used in environment variables and in the folder's name. */
interface Brand {
  readonly prefix: string;
  readonly folder: string;
}

/** The current name and the former name. */
const BRANDS: readonly Brand[] = [
  { prefix: "EARTHONE_", folder: ".earthone" },
  { prefix: "DESCARTESLABS_", folder: ".descarteslabs" },
];

/** The domain of the platform, and its domain under the former name. */
const EARTHONE = "earthone.earthdaily.com", AWS = "aws.descarteslabs.com";

/** The installations by name: the first part of an installation's domain, and the rest. */
const INSTALLATIONS: Readonly<Record<string, readonly [name: string, domain: string]>> = {
  production: ["production", EARTHONE],
  staging: ["staging", EARTHONE],
  dev: ["dev", EARTHONE],
  freemium: ["freemium", EARTHONE],
  testing: ["dev", EARTHONE],
  "aws-production": ["production", AWS],
  "aws-staging": ["staging", AWS],
  "aws-dev": ["dev", AWS],
  "aws-freemium": ["freemium", AWS],
};

/** Environment variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the credentials in the environment, or else in a file. In both sources, the platform's
 * current name takes precedence over its former name.
 *
 * @throws {UsageError} when credentials are missing or incomplete. The message lists the sources.
 */
export async function findCredentials(variables: Environment): Promise<Credentials> {
  // An empty variable counts as unset.
  const env = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  for (const brand of BRANDS) {
    const found = await fromEnvironment(brand, env);
    if (found) return checked(found, brand);
  }
  for (const brand of BRANDS) {
    const found = await fromFile(brand, env);
    if (found) return checked(found, brand, fileOf(brand, env));
  }
  const [first, second] = BRANDS as [Brand, Brand];
  throw new UsageError(
    "Cannot sign in to the platform: there are no credentials, set " +
      `${first.prefix}CLIENT_ID and ${first.prefix}CLIENT_SECRET, or log in to create ` +
      `${fileOf(first, env)} (${second.prefix}CLIENT_ID and ${fileOf(second, env)} ` +
      "are read, too)",
  );
}

async function fromEnvironment(brand: Brand, env: Environment): Promise<Credentials | undefined> {
  const { prefix } = brand;
  const plain = plainNames(brand, env);
  const clientId = env[`${prefix}CLIENT_ID`] ?? plain.CLIENT_ID;
  const secret = env[`${prefix}CLIENT_SECRET`] ?? plain.CLIENT_SECRET;
  const refreshToken = env[`${prefix}REFRESH_TOKEN`] ?? secret;
  const token = env[`${prefix}TOKEN`];
  if (!clientId && !refreshToken && !token) return undefined;
  const taken = Object.keys(plain).filter((name) => !env[prefix + name]);
  const warnings = [
    ...differing(secret, refreshToken),
    ...taken.length > 0 ? [`the credentials come from ${taken.join(" and ")}`] : [],
  ];
  const cached = await cachedToken(brand, env, { clientId, refreshToken });
  return { clientId, refreshToken, token: token ?? cached.token, cache: cached.cache, warnings };
}

/** Returns the unprefixed variables that a brand accepts. Other programs may also set them. */
function plainNames(brand: Brand, env: Environment): Environment {
  const isAsked = BRANDS.some(({ prefix }) => isSetFor(prefix, env));
  const isFor = isAsked ? isSetFor(brand.prefix, env) : brand === BRANDS[0];
  const names = ["CLIENT_ID", "CLIENT_SECRET"].filter((name) => isFor && env[name]);
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

function isSetFor(prefix: string, env: Environment): boolean {
  return ["CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "TOKEN"].some((name) =>
    env[prefix + name]
  );
}

function differing(secret: string | undefined, refreshToken: string | undefined): string[] {
  if (!secret || secret === refreshToken) return [];
  return ["the client secret and the refresh token differ; the refresh token is used"];
}

/** Returns the cached token of a secret, and the path of the cache file for the next token. */
async function cachedToken(
  brand: Brand,
  env: Environment,
  { clientId, refreshToken }: Pick<Credentials, "clientId" | "refreshToken">,
): Promise<Pick<Credentials, "token" | "cache">> {
  const given = env[`${brand.prefix}TOKEN_INFO_PATH`];
  const info = given ? await readFile(given, brand, env) : undefined;
  if (info) {
    const isOurs = info.client_id === clientId && info.refresh_token === refreshToken;
    return isOurs ? { token: tokenOf(info), cache: given } : {};
  }
  if (!refreshToken || !env.HOME || isUncached(brand, env)) return {};
  const cache = `${home(env)}/${brand.folder}/jwt_token_${await sha1(refreshToken)}.json`;
  // An unreadable cache file has only a token, and the next one takes its place.
  const kept = await readFile(cache, brand, env).catch(() => removeIfThere(cache));
  return { token: tokenOf(kept ?? {}), cache };
}

async function fromFile(brand: Brand, env: Environment): Promise<Credentials | undefined> {
  const path = fileOf(brand, env);
  const info = await readFile(path, brand, env);
  if (!info) return undefined;
  const secret = info.client_secret, refreshToken = info.refresh_token ?? secret;
  return {
    clientId: info.client_id,
    refreshToken,
    token: tokenOf(info),
    scope: info.scope,
    cache: path,
    warnings: differing(secret, refreshToken),
  };
}

/** The content of a file that a log-in or an earlier job wrote. */
interface TokenInfo {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly refresh_token?: string;
  readonly jwt_token?: string;
  /** The name that older programs use for `jwt_token`. */
  readonly JWT_TOKEN?: string;
  readonly scope?: readonly string[];
}

async function readFile(
  path: string,
  brand: Brand,
  env: Environment,
): Promise<TokenInfo | undefined> {
  if (isUncached(brand, env)) return undefined;
  try {
    return await readInfo(path);
  } catch (cause) {
    throw new UsageError(
      `Cannot read the credentials in ${path}: ${(cause as Error).message}, log in again`,
      { cause },
    );
  }
}

/** Reads a file; undefined when there is none. */
async function readInfo(path: string): Promise<TokenInfo | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function tokenOf({ jwt_token, JWT_TOKEN }: TokenInfo): string | undefined {
  return JWT_TOKEN ?? jwt_token;
}

/** Returns true when the user has disabled the reading and writing of token files. */
function isUncached({ prefix }: Brand, env: Environment): boolean {
  return env[`${prefix}NO_JWT_CACHE`]?.toLowerCase() === "true";
}

function fileOf({ prefix, folder }: Brand, env: Environment): string {
  return env[`${prefix}TOKEN_INFO_PATH`] ?? `${home(env)}/${folder}/token_info.json`;
}

function home(env: Environment): string {
  return env.HOME ?? "~";
}

/** Checks that credentials are complete, and drops an invalid token. */
function checked(found: Credentials, { prefix, folder }: Brand, file?: string): Credentials {
  const { token, ...rest } = found;
  const isGood = token !== undefined && isFor(token, found.clientId);
  if (isGood || (found.clientId && found.refreshToken)) {
    return isGood ? { ...rest, token } : rest;
  }
  if (file) {
    throw new UsageError(
      `Cannot sign in to the platform: ${file} does not contain a client and its secret, log in again`,
    );
  }
  if (token !== undefined && !found.clientId) {
    throw new UsageError(
      `Cannot sign in to the platform: the token in ${prefix}TOKEN has expired or is invalid, get a ` +
        `new one, or set ${prefix}CLIENT_ID and ${prefix}CLIENT_SECRET`,
    );
  }
  const missing = found.clientId ? "CLIENT_SECRET" : "CLIENT_ID";
  throw new UsageError(
    `Cannot sign in to the platform: ${prefix}${missing} is missing, and the file in ~/${folder} ` +
      "is not read when CLIENT_ID or CLIENT_SECRET is set, with or without the prefix: set " +
      "both or neither",
  );
}

function isFor(token: string, clientId: string | undefined): boolean {
  const claims = claimsOf(token);
  const isOther = clientId !== undefined && claims?.aud !== undefined && claims.aud !== clientId;
  return expiryOf(token) > Date.now() && !isOther;
}

/** Returns the time when a token expires, in milliseconds since 1970; 0 when unknown. */
export function expiryOf(token: string): number {
  const exp = claimsOf(token)?.exp;
  return typeof exp === "number" ? exp * 1000 : 0;
}

/** Returns the claims of a token; `undefined` when invalid. The platform checks the signature. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const part = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

async function sha1(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}

/**
 * Finds the addresses of the platform's services from environment variables.
 *
 * @throws {UsageError} when the environment names an unknown installation.
 */
export function findAddresses(env: Environment): Addresses {
  const given = (name: string) => BRANDS.map(({ prefix }) => env[prefix + name]).find(Boolean);
  const place = given("ENV") ?? "production";
  const known = Object.hasOwn(INSTALLATIONS, place) ? INSTALLATIONS[place] : undefined;
  if (!known) {
    const all = Object.keys(INSTALLATIONS).join(", ");
    throw new UsageError(`Cannot use EARTHONE_ENV=${place}: write one of ${all}`);
  }
  const [name, usual] = known;
  const domain = given("DEFAULT_DOMAIN") ?? `${name}.${given("DOMAIN") ?? usual}`;
  const platform = given("PLATFORM_URL") ?? `https://platform.${domain}`;
  return {
    compute: given("COMPUTE_URL") ?? `${platform}/compute/v1`,
    catalog: given("CATALOG_V2_URL") ?? `${platform}/metadata/v1/catalog/v2`,
    iam: given("IAM_URL") ?? `https://iam.${domain}`,
  };
}

/**
 * Stores a token in a file that only the owner can read, and preserves the file's other fields.
 *
 * @throws {Error} when the file cannot be read or written. It may have the only copy of a secret, so
 * it stays as it is.
 */
export async function keepToken(path: string, token: string): Promise<void> {
  makePrivateFolder(dirname(path));
  const { JWT_TOKEN: _old, ...info } = await readInfo(path) ?? {};
  const text = JSON.stringify({ ...info, jwt_token: token });
  writeAtomic(path, text, { sync: "file", isContended: true, mode: PRIVATE_FILE });
}
