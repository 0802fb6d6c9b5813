/**
 * Tokens with chosen claims, and the permissions of the files that hold them.
 *
 * @module
 */

/** Returns a token with some claims. */
export function tokenOf(claims: object): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  return [part({ alg: "none" }), part(claims), "signature"].join(".");
}

/** Returns the time after a number of seconds, in seconds since 1970. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
/** A token that is valid for an hour. */
export const GOOD = tokenOf({ aud: "me", exp: inSeconds(3600) });

/** Returns the permission bits of a file. */
export const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
