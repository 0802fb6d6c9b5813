/**
 * The files of a set of hosts: keys, `ssh_config`, `known_hosts`, and what each host has in `/etc`
 * and at home.
 *
 * @see https://man.openbsd.org/ssh_config
 * @see https://man.openbsd.org/sshd_config
 * @module
 */

import { removeIfThere } from "../../lib/util/files/fs.ts";
import { runSync } from "../support/system.ts";

/** Options of one host. */
export interface HostOptions {
  /** False for a host without `deno`. @default {true} */
  readonly hasDeno?: boolean | undefined;
  /**
   * The texts of programs in `/usr/local/bin`, such as a `uname` of another CPU, by their names.
   *
   * @default {{}}
   */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** The login shell. @default {"/bin/bash"} */
  readonly shell?: string | undefined;
  /** The text that the shell's start file prints, as a noisy `.bashrc` does. @default {""} */
  readonly prints?: string | undefined;
  /** The mount options of the home, such as `"noexec"` and `"size=1m"`. @default {"size=1g"} */
  readonly home?: string | undefined;
  /** False for a host that refuses the near side's key. @default {true} */
  readonly isAllowed?: boolean | undefined;
  /** False for a host that `known_hosts` does not have. @default {true} */
  readonly isKnown?: boolean | undefined;
  /** The number of CPUs that programs see, up to those of this machine. @default {all} */
  readonly cpus?: number | undefined;
  /** A folder of this machine that the host sees at the same path. @default {none} */
  readonly shared?: string | undefined;
}

/** Options of a set of hosts. */
export interface HostsOptions {
  /** The folder of the set. @default {a temporary one} */
  readonly dir?: string | undefined;
  /** The number of hosts, which are called h1, h2 and so on. @default {3} */
  readonly count?: number | undefined;
  /** The differences of some hosts, by their names. @default {{}} */
  readonly hosts?: Readonly<Record<string, HostOptions>> | undefined;
  /** Installs missing Debian packages. @default {false} */
  readonly install?: boolean | undefined;
  /** True for hosts that stay up when this process ends. @default {false} */
  readonly stays?: boolean | undefined;
}

/** The place of a host in the network. */
export interface HostPlace {
  readonly name: string;
  readonly address: string;
  readonly options: HostOptions;
}

/** Writes the near side's files: its key, `ssh_config` and `known_hosts`. */
export function writeNearFiles(dir: string, places: readonly HostPlace[]): void {
  makeKey(`${dir}/key`);
  const hosts = places.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
  Deno.writeTextFileSync(`${dir}/ssh_config`, hosts.join("") + NEAR.replaceAll("DIR", dir));
  for (const place of places) writeHostFiles(dir, place);
  const known = places.filter(({ options }) => options.isKnown !== false)
    .map(({ name, address }) => `${address} ${publicKey(`${etcOf(dir, name)}/host_key`)}\n`);
  Deno.writeTextFileSync(`${dir}/known_hosts`, known.join(""));
}

const NEAR = `Host *
  User root
  IdentityFile DIR/key
  IdentitiesOnly yes
  UserKnownHostsFile DIR/known_hosts
  GlobalKnownHostsFile /dev/null
  LogLevel ERROR
`;

/** Creates a key, in place of an earlier one. */
export function makeKey(path: string): void {
  for (const name of [path, `${path}.pub`]) removeIfThere(name);
  runSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
}

/** Writes the files that a host's disk begins with. */
function writeHostFiles(dir: string, { name, options }: HostPlace): void {
  const { isAllowed = true, prints = "", programs = {} } = options;
  const etc = etcOf(dir, name), files = `${dir}/${name}/files`, bin = `${files}/usr/local/bin`;
  for (const folder of [etc, bin]) Deno.mkdirSync(folder, { recursive: true });
  makeKey(`${etc}/host_key`);
  Deno.writeTextFileSync(`${etc}/authorized_keys`, isAllowed ? publicKey(`${dir}/key`) + "\n" : "");
  Deno.writeTextFileSync(`${etc}/hosts_config`, [...FAR, ""].join("\n"));
  for (const [name, text] of Object.entries(programs)) {
    Deno.writeTextFileSync(`${bin}/${name}`, text, { mode: 0o755 });
  }
  if (prints !== "") writeStartFiles(`${files}/root`, prints);
}

/** Writes the start files of bash, csh and fish, each of which prints a text. */
function writeStartFiles(home: string, prints: string): void {
  Deno.mkdirSync(`${home}/.config/fish`, { recursive: true });
  const line = `echo '${prints.replaceAll("'", `'"'"'`)}'\n`;
  for (const file of [".bashrc", ".cshrc", ".config/fish/config.fish"]) {
    Deno.writeTextFileSync(`${home}/${file}`, line);
  }
}

// The rest is as sshd has it by default, such as MaxStartups and MaxSessions.
const FAR = [
  "HostKey /etc/ssh/host_key",
  "AuthorizedKeysFile /etc/ssh/authorized_keys",
  "PasswordAuthentication no",
  "UsePAM no",
  "UseDNS no",
  "PidFile /run/sshd.pid",
];

function etcOf(dir: string, name: string): string {
  return `${dir}/${name}/files/etc/ssh`;
}

function publicKey(path: string): string {
  return Deno.readTextFileSync(`${path}.pub`).trim();
}

/** Returns the variables that `disk.sh` reads. */
export function diskVariables({ options }: HostPlace): Record<string, string> {
  const { hasDeno = true, home = "size=1g", shell = "/bin/bash" } = options;
  return { DENO: hasDeno ? Deno.execPath() : "", HOME_OPTIONS: home, LOGIN_SHELL: shell };
}
