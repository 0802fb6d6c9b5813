/**
 * Hosts with sshd for the tests of one file.
 *
 * @module
 */

import type { HostsOptions } from "../../tools/ssh_hosts/config.ts";
import { SshHosts } from "../../tools/ssh_hosts/hosts.ts";
import {
  installHostPrograms,
  missingHostProgram,
  whyNoHosts,
} from "../../tools/ssh_hosts/install.ts";
import { mayInstall, skipSuffix, whySkipped } from "./programs.ts";

if (mayInstall && whyNoHosts() === undefined) await installHostPrograms();

/** The reason that tests with hosts are skipped. CI may lack the right to make namespaces, too. */
export const whyNot: string | undefined = whyNoHosts() ?? whySkipped(missing());

/** The suffix of the names of tests with hosts. */
export const skipped: string = skipSuffix(whyNot);

function missing(): string | undefined {
  const program = missingHostProgram();
  return program && `${program} is not installed`;
}

let hosts: SshHosts | undefined;

/** Brings hosts up for all tests of a file, and takes them down after the tests. */
export function useHosts(options: HostsOptions = {}): void {
  if (whyNot) return;
  Deno.test.beforeAll(async () => {
    hosts = await SshHosts.up(options);
  });
  Deno.test.afterAll(async () => await hosts?.[Symbol.asyncDispose]());
}

/** Returns the running hosts. */
export function theHosts(): SshHosts {
  return hosts!;
}
