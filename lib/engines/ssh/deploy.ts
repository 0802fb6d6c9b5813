/**
 * Sends what a host does not have: Deno, and the program of dl_jobs.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { startSsh } from "./connection.ts";
import { denoFor, type HostSystem } from "./deno_binary.ts";
import type { SshHost } from "./hosts.ts";
import { NEED_MARK, type RemoteProgram, storeCommand } from "./remote_script.ts";

/** The facts that a host printed because it cannot start the program yet. */
export interface HostFacts extends HostSystem {
  /** The path of a usable Deno; empty when there is none. */
  readonly deno: string;
  /** Not empty when the program is there. */
  readonly program: string;
  /** The line of `df -Pk` of the folder; empty when the folder cannot be created. */
  readonly free: string;
  /** The folder of dl_jobs. */
  readonly root: string;
}

/** Returns the facts in the output of a host; `undefined` when there are none. */
export function parseFacts(text: string): HostFacts | undefined {
  const start = text.indexOf(NEED_MARK);
  if (start < 0) return undefined;
  const value = (name: string) =>
    new RegExp(`^${name} ?(.*)$`, "m").exec(text.slice(start))?.[1]?.trim() ?? "";
  return {
    deno: value("deno"),
    program: value("program"),
    system: value("system"),
    libc: value("libc"),
    free: value("free"),
    root: value("root"),
  };
}

/** A file to send. */
interface SentFile {
  /** Its name in the folder of dl_jobs. */
  readonly name: string;
  /** Its content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A shell command that the file must pass, with the file as `$F`. */
  readonly test?: string | undefined;
}

/**
 * Sends the files that a host does not have.
 *
 * @param code the text of the program
 * @throws {UsageError} when the host cannot run Deno, has no space, or refuses a file.
 */
export async function sendMissing(
  command: readonly string[],
  host: SshHost,
  facts: HostFacts,
  { program, version, deno, folder }: RemoteProgram,
  code: string,
): Promise<void> {
  const send = (file: SentFile) => sendFile(command, host, folder, file);
  if (facts.deno === "" && deno !== undefined) {
    throw new UsageError(`${deno} is not Deno ${version} there, set --ssh deno=auto to send it`);
  }
  if (facts.deno === "") {
    const bytes = await denoFor(facts, version);
    checkSpace(facts, bytes.length);
    await send({ name: `deno-${version}`, bytes, test: '"$F" --version >/dev/null' });
  }
  if (facts.program === "") await send({ name: program, bytes: new TextEncoder().encode(code) });
}

/** The space beside Deno itself that a host needs, in bytes. */
const MARGIN = 16 * 1024 * 1024;

function checkSpace({ free, root }: HostFacts, needed: number): void {
  const [, , , available] = free.split(/\s+/).map(Number);
  if (available === undefined || Number.isNaN(available)) return;
  if (available * 1024 >= needed + MARGIN) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new UsageError(
    `${root} needs ${megabytes(needed + MARGIN)}, but has ${megabytes(available * 1024)} free, ` +
      "set --ssh folder=DIR to another one",
  );
}

async function sendFile(
  command: readonly string[],
  host: SshHost,
  folder: string,
  { name, bytes, test }: SentFile,
): Promise<void> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const script = storeCommand(folder, { name, size: bytes.length, sha256, test });
  const { child, ended } = startSsh(command, host, script);
  child.stdout.cancel();
  // The write fails when the host refuses the file. Its words tell the reason.
  new Blob([bytes]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, words } = await ended;
  if (code === 0) return;
  throw new UsageError(
    `it cannot store ${folder}/${name}: ${words || `exit status ${code}`}, ` +
      "set --ssh folder=DIR to another one",
  );
}
