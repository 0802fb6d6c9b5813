/**
 * The programs of ssh hosts, the Debian packages that contain them, and the rights that they need.
 *
 * @module
 */

import { installPrograms, missingOf } from "../support/packages.ts";
import { isInstalled, output } from "../support/system.ts";

/** Programs, each with its package. */
const PROGRAMS = {
  sshd: "openssh-server",
  ssh: "openssh-client",
  ip: "iproute2",
  iptables: "iptables",
  fish: "fish",
  csh: "tcsh",
};

/** Makes what a host consists of, for as long as the command runs. */
const TRIAL = "mount -t tmpfs tmpfs /tmp && mkdir /tmp/up /tmp/work /tmp/root && " +
  "mount -t overlay -o lowerdir=/usr,upperdir=/tmp/up,workdir=/tmp/work overlay /tmp/root";

/** Returns the reason that this machine cannot have hosts; undefined when it can. */
export function whyNoHosts(): string | undefined {
  if (Deno.build.os !== "linux") return "hosts in namespaces need Linux";
  if (Deno.uid() !== 0) return "hosts in namespaces need root";
  const { code, stderr } = output("unshare", [
    ...["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "sh", "-c", TRIAL],
  ], {});
  if (code !== 0) return `hosts need namespaces and overlays, and this machine refuses: ${stderr}`;
  const missing = missingHostProgram();
  return !missing || isInstalled("apt-get") ? undefined : `${missing} is not installed`;
}

/** Returns a program of hosts that is not installed; undefined when all are installed. */
export function missingHostProgram(): string | undefined {
  return missingOf(PROGRAMS);
}

/**
 * Installs the packages of missing programs.
 *
 * @throws {Error} when this machine cannot have hosts, or `apt-get` fails
 */
export async function installHostPrograms(): Promise<void> {
  const why = whyNoHosts();
  if (why) throw new Error(`Cannot bring up hosts: ${why}`);
  await installPrograms(PROGRAMS);
}
