/**
 * A host that `ssh` reaches.
 *
 * @module
 */

import { shellWord } from "../../util/shell.ts";
import type { HostPlace, Pipes } from "../stream/place.ts";
import type { FarProgram } from "../stream/shell.ts";
import { connectShell } from "../stream/shell_place.ts";
import { startSsh } from "./connection.ts";
import type { SshHost } from "./hosts.ts";

/** A host, and the way to start the program there. */
export class SshPlace implements HostPlace {
  readonly name: string;
  readonly workers: number | undefined;
  readonly advice: string;

  /**
   * Creates the place of a host. Nothing happens before the first connection.
   *
   * @param command the program that connects, with its arguments
   * @param isFormer true for a host that is no longer listed
   */
  constructor(
    readonly host: SshHost,
    readonly far: FarProgram,
    readonly command: readonly string[],
    readonly isFormer: boolean = false,
  ) {
    this.name = host.name;
    this.workers = host.workers;
    this.advice = far.advice;
  }

  connect(signal: AbortSignal): Promise<Pipes> {
    const start = (script: string) => startSsh(this.command, this.host, script);
    return connectShell(start, this.far, signal, (...end) => this.#reason(...end));
  }

  /** Returns the reason of a failed connection. The code 255 is that of `ssh` itself. */
  #reason(code: number | undefined, words: string): string {
    const { target, port } = this.host, ssh = this.command;
    const command = [...ssh, ...port ? ["-p", `${port}`] : [], target].map(shellWord).join(" ");
    const isOfSsh = code === undefined || code === 255;
    const end = `${isOfSsh ? ssh[0] : "its shell or its setup"} ended with exit status ${code}`;
    const known = words.replace(/\.$/, "") || end;
    return isOfSsh ? `${known}, check that it works by hand: ${command}` : known;
  }
}
