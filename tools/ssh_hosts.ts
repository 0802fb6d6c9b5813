/**
 * Hosts with sshd on this machine, for the tests and for trying the engine ssh:
 * `deno task ssh-hosts up|down|run [--dir DIR] [--count N] [--hosts JSON]`
 *
 * Each host is a set of namespaces: its own address, disk, process tree and name. `run` brings hosts
 * up, runs a command, and takes the hosts down. A fault is one word and a host: `cut h2`, `mend h2`,
 * `reboot h2`, `off h2`, `on h2`, `freeze h2`, `thaw h2`, `changeKey h2`, `drop h2 in|out` and
 * `kill h2 TEXT`. Hosts need root on Linux, and Debian packages that `up` installs.
 *
 * @module
 */

import type { HostsOptions } from "./ssh_hosts/config.ts";
import { type Direction, SshHosts } from "./ssh_hosts/hosts.ts";
import { DEFAULT_DIR, down } from "./ssh_hosts/record.ts";
import { runWithEnv } from "./support/run_with_env.ts";
import { runTool, type Values } from "./support/tool.ts";

const FAULTS = {
  cut: (hosts, name) => hosts.cut(name),
  mend: (hosts, name) => hosts.mend(name),
  drop: (hosts, name, direction) => hosts.drop(name, direction as Direction),
  kill: (hosts, name, text) => console.log(hosts.kill(name, text)),
  freeze: (hosts, name) => hosts.freeze(name),
  thaw: (hosts, name) => hosts.thaw(name),
  off: (hosts, name) => hosts.off(name),
  on: (hosts, name) => hosts.on(name),
  reboot: (hosts, name) => hosts.reboot(name),
  changeKey: (hosts, name) => hosts.changeKey(name),
} satisfies Record<string, (hosts: SshHosts, name: string, more: string) => void | Promise<void>>;

const USAGE = `usage: ssh_hosts.ts up [--dir DIR] [--count N] [--hosts JSON]
       ssh_hosts.ts run [--dir DIR] [--count N] [--hosts JSON] [-- COMMAND [ARGUMENT...]]
       ssh_hosts.ts down [--dir DIR]
       ssh_hosts.ts FAULT HOST [--dir DIR]

up starts hosts with sshd on this machine, down ends them, and run has them for one command.
DIR is ${DEFAULT_DIR} by default, and N is 3.
FAULT is ${Object.keys(FAULTS).join(", ")}.`;

const OPTIONS = {
  dir: { type: "string", default: DEFAULT_DIR },
  count: { type: "string", default: "3" },
  hosts: { type: "string", default: "{}" },
} as const;

async function main(
  [verb = "", ...rest]: string[],
  values: Values<typeof OPTIONS>,
): Promise<number | undefined> {
  const { dir, count } = values;
  const options = { dir, count: Number(count), hosts: JSON.parse(values.hosts), install: true };
  if (verb === "up") await up(options);
  else if (verb === "down") await down(dir);
  else if (verb === "run") return await run(options, rest);
  else if (verb in FAULTS) {
    const [name = "", more = ""] = rest;
    await FAULTS[verb as keyof typeof FAULTS](SshHosts.open(dir), name, more);
  } else return undefined;
  return 0;
}

async function up(options: HostsOptions): Promise<void> {
  const { config, names } = await SshHosts.up({ ...options, stays: true });
  console.log(`log in    ssh -F ${config} ${names[0]}
run jobs  --engine ssh --ssh "hosts=${names},command=ssh -F ${config}"
end       deno task ssh-hosts down${options.dir === DEFAULT_DIR ? "" : ` --dir ${options.dir}`}`);
}

/** Runs a command with the path of `ssh_config` in `SSH_CONFIG`, and returns its exit status. */
async function run(options: HostsOptions, command: string[]): Promise<number> {
  await using hosts = await SshHosts.up(options);
  return await runWithEnv(command, { SSH_CONFIG: hosts.config });
}

if (import.meta.main) await runTool(USAGE, OPTIONS, main);
