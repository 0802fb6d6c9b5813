/**
 * Hosts with sshd on this machine: each with its own address, disk, processes and name.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { endByStdin, runSync } from "../support/system.ts";
import { type HostPlace, type HostsOptions, makeKey } from "./config.ts";
import { installHostPrograms } from "./install.ts";
import { allProcesses, type HostProcess, kill, processesBeside } from "./processes.ts";
import { down, type HostsRecord, readHosts } from "./record.ts";
import { bringUp, inNetwork, nsenter, startHost, untilListens } from "./start.ts";

/** A direction of packets, as seen from a host. */
export type Direction = "in" | "out";

/** A set of hosts. It is taken down on disposal. */
export class SshHosts implements AsyncDisposable {
  /** The names of the hosts. */
  readonly names: readonly string[];
  /** The file for `ssh -F`, which has the hosts by their names. */
  readonly config: string;
  readonly #record: HostsRecord;
  readonly #keeper: Deno.ChildProcess | undefined;

  private constructor(readonly dir: string, record: HostsRecord, keeper?: Deno.ChildProcess) {
    this.#record = record;
    this.#keeper = keeper;
    this.names = record.places.map(({ name }) => name);
    this.config = `${dir}/ssh_config`;
  }

  /**
   * Brings hosts up and waits until their sshd answers. The hosts end with this process, also
   * when it is killed, unless they have to stay.
   *
   * @throws {Error} when a program is missing or a host does not start
   */
  static async up(options: HostsOptions = {}): Promise<SshHosts> {
    if (options.install) await installHostPrograms();
    const { dir, record, keeper } = await bringUp(options);
    return new SshHosts(dir, record, keeper);
  }

  /**
   * Opens a set of hosts that another process has brought up.
   *
   * @throws {Error} when the folder has no hosts
   */
  static open(dir: string): SshHosts {
    const record = readHosts(dir);
    if (record === undefined) throw new Error(`Cannot open ${dir}: it has no hosts`);
    return new SshHosts(dir, record);
  }

  /** Runs a command on a host through ssh, as a user does. */
  async ssh(name: string, command: string): Promise<Answer> {
    const { code, stdout, stderr } = await new Deno.Command("ssh", {
      args: ["-F", this.config, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", name, command],
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  /**
   * Runs a shell script on a host without its network, and returns the script's stdout.
   *
   * @throws {Error} when the script fails
   */
  run(name: string, script: string): string {
    const spaces = ["--mount", "--uts", "--ipc", "--net", "--pid"];
    const clean = ["env", "-i", "HOME=/root", "PATH=/usr/local/bin:/usr/sbin:/usr/bin"];
    const shell = ["sh", "-c", `cd && ${script}`];
    return runSync("nsenter", ["-t", String(this.#pid(name)), ...spaces, "--", ...clean, ...shell]);
  }

  /** Returns the path of a host's files on this machine. The host has to be on. */
  root(name: string): string {
    return `/proc/${this.#pid(name)}/root`;
  }

  /** Lists the processes of a host without those that a host without users has. */
  processes(name: string): HostProcess[] {
    const isOwn = /\/ssh_hosts\/boot\.sh |^sleep infinity$|^sshd: \/usr\/sbin\/sshd /;
    return processesBeside(this.#pid(name)).filter(({ command }) => !isOwn.test(command));
  }

  /** Kills the processes of a host whose command line has a text, and returns their number. */
  kill(name: string, text: string): number {
    const found = this.processes(name).filter(({ command }) => command.includes(text));
    for (const { pid } of found) sendSignal(pid, "SIGKILL");
    return found.length;
  }

  /** Kills the programs `ssh` of this machine that are connected to hosts of this set. */
  killNear(): number {
    const found = allProcesses().filter(({ command }) => command.includes(`-F ${this.config} `));
    for (const { pid } of found) sendSignal(pid, "SIGKILL");
    return found.length;
  }

  /** Stops all processes of a host, which keeps its connections. */
  freeze(name: string): void {
    for (const { pid } of processesBeside(this.#pid(name))) sendSignal(pid, "SIGSTOP");
  }

  /** Continues the processes of a host. */
  thaw(name: string): void {
    for (const { pid } of processesBeside(this.#pid(name))) sendSignal(pid, "SIGCONT");
  }

  /** Takes the link of a host down. */
  cut(name: string): void {
    this.#setLink(name, "down");
  }

  /** Drops the packets of a host in one direction, without a word to either side. */
  drop(name: string, direction: Direction): void {
    const chain = direction === "in" ? ["INPUT", "-i"] : ["OUTPUT", "-o"];
    this.#iptables(name, "-A", ...chain, "eth0", "-j", "DROP");
  }

  /** Ends what {@linkcode cut} and {@linkcode drop} have done. */
  mend(name: string): void {
    this.#iptables(name, "-F");
    this.#setLink(name, "up");
  }

  /**
   * Ends a host at once. Its kernel closes the connections, as at a reboot; with {@linkcode cut}
   * before, they stay silent, as without power.
   */
  async off(name: string): Promise<void> {
    await kill(this.#pid(name));
    await Deno.remove(`${this.dir}/${name}/pid`);
  }

  /** Starts a host that is off, with its disk as it was. */
  async on(name: string): Promise<void> {
    await startHost(this.dir, this.#record.keeper, this.#place(name));
  }

  /** Ends a host at once and starts it again. */
  async reboot(name: string): Promise<void> {
    await this.off(name);
    await this.on(name);
  }

  /** Gives a host another key than the one that `known_hosts` has. */
  async changeKey(name: string): Promise<void> {
    const key = `${this.dir}/${name}/changed_key`;
    makeKey(key);
    const path = `${this.root(name)}/etc/ssh/host_key`;
    for (const end of ["", ".pub"]) Deno.copyFileSync(key + end, path + end);
    const wait = "while [ -e /run/sshd.pid ]; do sleep 0.01; done";
    this.run(name, `kill $(cat /run/sshd.pid); ${wait}; /usr/sbin/sshd -f /etc/ssh/hosts_config`);
    await untilListens(this.#place(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await down(this.dir);
    await endByStdin(this.#keeper);
  }

  #setLink(name: string, state: string): void {
    const link = this.#place(name).name;
    runSync("nsenter", [...nsenter(this.#record.keeper), "ip", "link", "set", link, state]);
  }

  #iptables(name: string, ...args: string[]): void {
    runSync("nsenter", [...inNetwork(this.#record.keeper, name), "iptables", ...args]);
  }

  #place(name: string): HostPlace {
    const place = this.#record.places.find((place) => place.name === name);
    if (place === undefined) {
      throw new Error(`Cannot find ${name}: the hosts are ${this.names.join(", ")}`);
    }
    return place;
  }

  #pid(name: string): number {
    const pid = Number(readIfThere(`${this.dir}/${this.#place(name).name}/pid`));
    if (!pid) throw new Error(`Cannot reach ${name}: it is off`);
    return pid;
  }
}

/** The output and the exit status of a command on a host. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
