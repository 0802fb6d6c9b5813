/**
 * Connections by the user's own `ssh`, whose configuration, agent, jump hosts and known hosts apply.
 *
 * @see https://man.openbsd.org/ssh_config
 *
 * @module
 */

import { type ShellProcess, startConnector } from "../stream/shell.ts";
import type { SshHost } from "./hosts.ts";

/**
 * The options of OpenSSH. No question is asked, and a lost connection is noticed within 20 s. A
 * `RemoteCommand` of the user's configuration, such as one for a terminal, would exclude the command
 * of the engine. A port that this configuration forwards may be taken by another connection of the
 * user, so it does not end the connection. The check of host keys is the user's own affair and never
 * changed.
 */
const OPTIONS = [
  "-T",
  ...[
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "RemoteCommand=none",
    "ExitOnForwardFailure=no",
  ].flatMap((option) => ["-o", option]),
];

/**
 * Starts a command on a host.
 *
 * @param command the program that connects, with its arguments
 * @throws {UsageError} when this program does not exist.
 */
export function startSsh(
  command: readonly string[],
  { target, port }: SshHost,
  script: string,
): ShellProcess {
  const [program = "ssh", ...own] = command;
  const options = /(^|\/)ssh$/.test(program) ? OPTIONS : [];
  const args = [...own, ...options, ...port ? ["-p", String(port)] : [], target, script];
  return startConnector(program, args, MISSING);
}

const MISSING = {
  goal: "connect to a host",
  advice: "install OpenSSH or set --ssh command=PROGRAM",
};
