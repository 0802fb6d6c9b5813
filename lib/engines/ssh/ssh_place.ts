/**
 * A host that `ssh` reaches.
 *
 * @module
 */

import { concatBytes } from "../../util/bytes.ts";
import { shellWord } from "../../util/shell.ts";
import type { HostPlace, Pipes } from "../stream/place.ts";
import { type SshProcess, startSsh } from "./connection.ts";
import { type HostFacts, parseFacts, sendMissing } from "./deploy.ts";
import type { SshHost } from "./hosts.ts";
import { attachCommand, type RemoteProgram } from "./remote_script.ts";

/** The far side of all hosts of a job. */
export interface SshFarSide extends RemoteProgram {
  /** The program that connects, with its arguments. */
  readonly command: readonly string[];
  /** The text of the program. */
  readonly code: string;
}

const RS = 0x1e;

/** A host, and the way to start the program there. */
export class SshPlace implements HostPlace {
  readonly name: string;
  readonly workers: number | undefined;
  #host: SshHost;
  #far: SshFarSide;

  /** Creates the place of a host. Nothing happens before the first connection. */
  constructor(host: SshHost, far: SshFarSide) {
    this.name = host.name;
    this.workers = host.workers;
    this.#host = host;
    this.#far = far;
  }

  async connect(signal: AbortSignal): Promise<Pipes> {
    const first = await this.#start(signal);
    if ("readable" in first) return first;
    await sendMissing(this.#far.command, this.#host, first, this.#far, this.#far.code);
    const second = await this.#start(signal);
    if ("readable" in second) return second;
    throw new Error(`it does not find its files again in ${first.root}`);
  }

  /** Starts the program, or returns what is missing. */
  async #start(signal: AbortSignal): Promise<Pipes | HostFacts> {
    const ssh = startSsh(this.#far.command, this.#host, attachCommand(this.#far));
    const close = () => kill(ssh.child);
    signal.addEventListener("abort", close);
    const reader = ssh.child.stdout.getReader();
    const { begun, text } = await readStart(reader);
    if (begun) return pipesOf(ssh, reader, begun, close);
    signal.removeEventListener("abort", close);
    const facts = parseFacts(text);
    await ssh.child.stdin.close().catch(() => {});
    const { code, words } = await ssh.ended;
    if (facts) return facts;
    throw new Error(this.#reason(code, words || text.trim().slice(-500)));
  }

  /** Returns the reason of a failed connection. The code 255 is that of `ssh` itself. */
  #reason(code: number, words: string): string {
    const { target, port } = this.#host, { command: ssh } = this.#far;
    const command = [...ssh, ...port ? ["-p", `${port}`] : [], target].map(shellWord).join(" ");
    const known = words.replace(/\.$/, "") || `${ssh[0]} ended with the exit status ${code}`;
    return code === 255 ? `${known}, check that it works by hand: ${command}` : known;
  }
}

/**
 * Reads until the program answers, or the output ends.
 *
 * @returns the bytes from the program's first one, or the text of an output without the program
 */
async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<{ readonly begun?: Uint8Array; readonly text: string }> {
  let all = new Uint8Array();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    all = concatBytes([all, next.value]) as Uint8Array<ArrayBuffer>;
    const start = all.indexOf(RS);
    if (start >= 0) return { begun: all.subarray(start), text: "" };
  }
  return { text: new TextDecoder().decode(all) };
}

function pipesOf(
  { child, ended }: SshProcess,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: Uint8Array,
  close: () => void,
): Pipes {
  const readable = ReadableStream.from<Uint8Array>(async function* () {
    yield begun;
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  }());
  return { readable, writable: child.stdin, ended: ended.then(({ words }) => words), close };
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // The process has ended.
  }
}
