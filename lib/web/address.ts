/**
 * Keeps the port and the token of the page, so that its address stays the same.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { PRIVATE_FILE, statIfThere, writeAtomic } from "../util/files/fs.ts";
import { ownUid } from "../util/files/trust.ts";
import { shellWord } from "../util/shell.ts";
import { tryJson } from "../util/try_json.ts";

/** The parts of the page's address that change. */
export interface PageAddress {
  /** The TCP port. */
  readonly port: number;
  /** The token, which a browser needs to open the page. */
  readonly token: string;
}

/**
 * Reads the address in a file.
 *
 * @returns `undefined` when there is no file
 * @throws {UsageError} when other users know or can read the file, or its content is something else.
 */
export function readAddress(path: string): PageAddress | undefined {
  const stat = statIfThere(path), user = ownUid();
  if (stat === undefined) return undefined;
  const { mode, uid } = stat;
  if (user !== null && uid !== null && uid !== user) {
    throw new UsageError(
      `Cannot use ${path}: it belongs to another user, who knows the address, name another file`,
    );
  }
  if (mode !== null && (mode & 0o077) !== 0) {
    throw new UsageError(
      `Cannot use ${path}: other users can read it or change it, type chmod 600 ${shellWord(path)}`,
    );
  }
  const address = parseAddress(Deno.readTextFileSync(path));
  if (address) return address;
  throw new UsageError(
    `Cannot use ${path}: it does not contain the address of a page, remove it or name another file`,
  );
}

/** Creates a token that cannot be guessed. */
export function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Writes an address to a file that only its owner can read. */
export function keepAddress(path: string, { port, token }: PageAddress): void {
  writeAtomic(path, JSON.stringify({ port, token }) + "\n", { mode: PRIVATE_FILE });
}

function parseAddress(text: string): PageAddress | undefined {
  const { port, token } = Object(tryJson(text));
  const isSound = Number.isInteger(port) && port > 0 && port < 65_536 && TOKEN.test(token);
  return isSound ? { port, token } : undefined;
}

// A shorter token could be guessed.
const TOKEN = /^[\w-]{32,}$/;
