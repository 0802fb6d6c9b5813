/**
 * The list of hosts of the engine `ssh`.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { withHome } from "../../util/paths.ts";

/** A host. */
export interface SshHost {
  /** The host as the user wrote it, without the number of workers. */
  readonly name: string;
  /** The host for `ssh`, with the user's name if it was given. */
  readonly target: string;
  /** The port. @default {by the configuration of ssh} */
  readonly port?: number | undefined;
  /** The number of workers. @default {by its CPUs} */
  readonly workers?: number | undefined;
}

const HOST =
  /^((?:[^@\s:*]+@)?(?:\[[\da-fA-F:.%\w]+\]|[\w][\w.-]*))(?::(\d{1,5}))?(?:\*(\d{1,4}))?$/;

// An address of IPv6 without the brackets that tell it from a port.
const ADDRESS = /^([^@\s:*]+@)?([\da-fA-F]*(?::[\da-fA-F]*){2,}(?:%\w+)?)(\*\d+)?$/;

/**
 * Parses hosts, each as `[user@]host[:port][*workers]` or as the path of a file with such hosts.
 *
 * @throws {UsageError} when a host is invalid or listed twice, or a file cannot be read.
 *
 * @example
 * ```ts
 * import { parseHosts } from "./hosts.ts";
 *
 * const [host] = parseHosts(["ann@lab2:2222*8"]);
 * if (host?.target !== "ann@lab2" || host.port !== 2222) throw new Error("not read");
 * ```
 */
export function parseHosts(texts: readonly string[]): SshHost[] {
  const hosts = texts.flatMap((text) => isPath(text) ? readHosts(text) : [parseHost(text)]);
  const twice = hosts.find(({ name }, i) => hosts.findIndex((one) => one.name === name) < i);
  if (!twice) return hosts;
  throw new UsageError(
    `Cannot use the host ${twice.name} twice: write its number of workers, as ${twice.name}*2`,
  );
}

function isPath(text: string): boolean {
  return /^(\.{0,2}\/|~\/)|\.(txt|hosts)$/.test(text);
}

function readHosts(path: string): SshHost[] {
  const lines = readText(path).split("\n").map((line) => line.replace(/#.*/, "").trim());
  return lines.flatMap((line, i) => line === "" ? [] : [parseHost(line, `${path}:${i + 1}`)]);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(withHome(path));
  } catch (cause) {
    throw new UsageError(
      `Cannot read the hosts in ${path}: ${(cause as Error).message}, ` +
        "write hosts separated by commas, or the path of a file with one on each line",
      { cause },
    );
  }
}

/**
 * Parses a host.
 *
 * @param where the place of the text, for the message. @default {the text}
 * @throws {UsageError} when the text is not a host.
 */
export function parseHost(text: string, where = text): SshHost {
  const [, target, port, workers] = HOST.exec(text) ?? [];
  const isValid = target !== undefined && Number(port ?? 1) > 0 && Number(port ?? 1) < 65536 &&
    Number(workers ?? 1) > 0;
  if (isValid) {
    return {
      name: port ? `${target}:${port}` : target,
      target: target.replace(/\[(.*)\]$/, "$1"),
      port: port ? Number(port) : undefined,
      workers: workers ? Number(workers) : undefined,
    };
  }
  const place = where === text ? "" : ` (${where})`;
  const [, user = "", address, rest = ""] = ADDRESS.exec(text) ?? [];
  const advice = address === undefined
    ? "write it as [user@]host[:port][*workers], such as ann@lab2:2222*8"
    : `write an address of IPv6 in brackets, as ${user}[${address}]${rest}`;
  throw new UsageError(`Cannot use the host "${text}"${place}: ${advice}`);
}
