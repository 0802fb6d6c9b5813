/**
 * The options of the engine `ssh`.
 *
 * @module
 */

import { checkTableNames, commandWords, readTable } from "../../config/option_table.ts";
import type { OptionSpec } from "../../config/option_types.ts";
import { UsageError } from "../../util/errors.ts";
import { parseHosts, type SshHost } from "./hosts.ts";

/** The engine's own options. */
export const SSH_OPTIONS = [
  {
    name: "hosts",
    type: "list",
    default: [],
    doc: "Hosts as [user@]host[:port][*workers], or the path of a file with one on each line.",
    example: "lab1,ann@lab2:2222*8",
  },
  {
    name: "deno",
    type: "text",
    label: "PATH",
    default: "auto",
    doc: "Path of deno on the hosts; with auto, deno is found there or sent from this machine.",
    example: "/opt/deno/bin/deno",
  },
  {
    name: "folder",
    type: "text",
    label: "DIR",
    default: "~/.cache/dl_jobs",
    doc: "Folder of dl_jobs on the hosts.",
    example: "/scratch/ann",
  },
  {
    name: "setup",
    type: "text",
    label: "COMMAND",
    default: null,
    doc: "Shell command to run on a host before deno starts.",
    example: "module load gdal",
  },
  {
    name: "lost_after",
    type: "duration",
    default: "5m",
    doc: "Time after which the tasks of a host that is away run on the others.",
    example: "10m",
  },
  {
    name: "lease",
    type: "duration",
    default: "12h",
    doc: "Time that a host works on after the controller has died.",
    example: "2d",
  },
  {
    name: "command",
    type: "text",
    default: "ssh",
    doc: "The program that connects, with its arguments.",
    example: "ssh -F lab.conf",
  },
] as const satisfies readonly OptionSpec[];

/** The parsed option `ssh` of a job. */
export interface SshSettings {
  /** The hosts. */
  readonly hosts: readonly SshHost[];
  /** The path of `deno` on the hosts; `undefined` to find or send it. */
  readonly deno: string | undefined;
  /** The folder of dl_jobs on the hosts, absolute or below `~/`. */
  readonly folder: string;
  /** A shell command to run before `deno` starts. */
  readonly setup: string | undefined;
  /** The time after which the tasks of a host that is away run elsewhere, in milliseconds. */
  readonly lostAfter: number;
  /** The time that a host works on without a controller, in milliseconds. */
  readonly lease: number;
  /** The program that connects, with its arguments. */
  readonly command: readonly string[];
}

/**
 * Parses the option `ssh`.
 *
 * @throws {UsageError} when there is no host, or a value is invalid.
 *
 * @example
 * ```ts
 * import { parseSshOptions } from "./options.ts";
 *
 * const { hosts } = parseSshOptions({ hosts: "lab1,ann@lab2:2222*8" });
 * if (hosts[1]?.workers !== 8) throw new Error("not read");
 * ```
 */
export function parseSshOptions(given: Readonly<Record<string, string>>): SshSettings {
  checkTableNames(SSH_OPTIONS, given, "ssh");
  const table = readTable(SSH_OPTIONS, given, "ssh");
  const hosts = parseHosts(table.hosts);
  if (hosts.length === 0) {
    throw new UsageError(
      "Cannot run on ssh: the engine has no host, name some as --ssh hosts=lab1,lab2",
    );
  }
  return {
    ...table,
    hosts,
    deno: table.deno === "auto" ? undefined : table.deno,
    folder: checkFolder(table.folder),
    command: commandWords(table.command, "ssh", "ssh"),
  };
}

// The path is a part of shell commands in double quotes, for shells with different rules.
const FOLDER = /^(~\/|\/)[\w.,:@%+=/ -]*$/;

function checkFolder(folder: string): string {
  const path = folder === "~" ? "~/" : folder.replace(/(?<=.)\/+$/, "");
  if (FOLDER.test(path) || path === "~/") return path;
  throw new UsageError(
    `Cannot use "${folder}" as folder in the option ssh: write an absolute path, or one that ` +
      "starts with ~/, of letters, digits and common signs",
  );
}
