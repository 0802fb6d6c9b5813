/**
 * A Slurm cluster on this machine.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { CLUSTER, type ClusterOptions, writeFiles } from "./config.ts";
import { down, endProcess, killMarked } from "./down.ts";
import { install, requirePrograms } from "./install.ts";
import { endByStdin, output, runSync, untilDone } from "../support/system.ts";
import { until } from "../support/until.ts";

/** The command that takes a cluster down. */
const COMMAND = new URL("../slurm_cluster.ts", import.meta.url);

const NODES = ["n1", "n2", "n3"];

/** A running cluster. It is taken down on disposal. */
export class SlurmCluster implements AsyncDisposable {
  /** The environment variables that Slurm's programs need. */
  readonly env: Readonly<Record<string, string>>;
  #guard: Deno.ChildProcess | undefined;

  private constructor(readonly dir: string, readonly nodes: readonly string[]) {
    this.env = { SLURM_CONF: `${dir}/slurm.conf` };
  }

  /**
   * Brings a cluster up and waits until its nodes are idle.
   *
   * @throws {Error} when a program is missing or a daemon does not start
   */
  static async up(options: ClusterOptions = {}): Promise<SlurmCluster> {
    if (options.install) await install(options);
    else requirePrograms(options);
    const dir = options.dir ?? await Deno.makeTempDir({ prefix: "dl_jobs_slurm_" });
    await writeFiles(dir, NODES, options);
    const cluster = new SlurmCluster(dir, NODES);
    try {
      cluster.#startMunge();
      if (options.accounting) await cluster.#startAccounting();
      cluster.startController();
      for (const name of NODES) cluster.startNode(name);
      await cluster.untilIdle();
    } catch (error) {
      await down(dir);
      throw error;
    }
    return cluster;
  }

  /** Starts a process that takes the cluster down when this process dies. */
  guard(): this {
    const script = `read -r _; exec "$0" "$@"`;
    this.#guard = new Deno.Command("/bin/sh", {
      args: [
        "-c",
        script,
        Deno.execPath(),
        "run",
        "-A",
        "--no-lock",
        COMMAND.pathname,
        "down",
        "--dir",
        this.dir,
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    this.#guard.unref();
    return this;
  }

  /**
   * Runs a program of Slurm in this cluster and returns its stdout.
   *
   * @throws {Error} when the program fails
   */
  run(command: string, ...args: string[]): string {
    return runSync(command, args, this.env);
  }

  /** Starts the controller. */
  startController(): void {
    this.run("slurmctld", "-f", `${this.dir}/slurm.conf`);
  }

  /** Stops the controller and waits until its process has ended. */
  async stopController(): Promise<void> {
    await endProcess(`${this.dir}/slurmctld.pid`, "SIGTERM");
  }

  /** Starts a node. */
  startNode(name: string): void {
    this.run("slurmd", "-N", name, "-f", `${this.dir}/slurm.conf`);
  }

  /** Kills a node's daemon and, with `withJobs`, the jobs that run on the node. */
  async killNode(name: string, { withJobs = false } = {}): Promise<void> {
    await endProcess(`${this.dir}/slurmd-${name}.pid`, "SIGKILL");
    if (withJobs) killMarked(`SLURMD_NODENAME=${name}\0`, this.dir);
  }

  /** Waits until all nodes are idle. */
  async untilIdle(): Promise<void> {
    const idle = `idle ${this.nodes.length}`;
    await until(
      () => this.#states().includes(idle),
      () => `the cluster is idle, but: ${this.#states()}\n${this.logEnd()}`,
    );
  }

  /** Returns the last lines of the controller's log. */
  logEnd(): string {
    return readIfThere(`${this.dir}/log/slurmctld.log`).split("\n").slice(-10).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await down(this.dir);
    await endByStdin(this.#guard);
  }

  #states(): string {
    const { code, stdout } = output("sinfo", ["-h", "-p", "main", "-o", "%t %D"], this.env);
    return code === 0 ? stdout : "no answer";
  }

  async #startAccounting(): Promise<void> {
    const { dir } = this, socket = `${dir}/mariadbd.sock`;
    const port = /^StoragePort=(\d+)/m.exec(readIfThere(`${dir}/slurmdbd.conf`))![1];
    runSync("mariadb-install-db", [
      ...["--no-defaults", `--datadir=${dir}/db`, "--user=root", "--skip-test-db"],
      "--auth-root-authentication-method=normal",
    ]);
    // mariadbd cannot daemonize itself.
    const command = `exec mariadbd --no-defaults --datadir=${dir}/db --socket=${socket} ` +
      `--bind-address=127.0.0.1 --port=${port} --user=root --pid-file=${dir}/mariadbd.pid`;
    runSync("sh", ["-c", `setsid sh -c '${command}' > ${dir}/log/mariadbd.log 2>&1 &`]);
    await untilDone(["mariadb-admin", "--no-defaults", `--socket=${socket}`, "ping"]);
    const grant = "create user slurm identified by 'slurm'; grant all on *.* to slurm";
    runSync("mariadb", ["--no-defaults", `--socket=${socket}`, "-e", grant]);
    this.run("slurmdbd");
    await untilDone(["sacctmgr", "-i", "list", "cluster"], this.env);
    this.run("sacctmgr", "-i", "add", "cluster", CLUSTER);
  }

  #startMunge(): void {
    const { dir } = this;
    runSync("munged", [
      ...[`--key-file=${dir}/munge/key`, `--socket=${dir}/munge/socket`],
      ...[`--pid-file=${dir}/munge.pid`, `--seed-file=${dir}/munge/seed`],
      // Without `--force`, munged refuses folders below one that all users can write to.
      ...[`--log-file=${dir}/log/munged.log`, "--force"],
    ]);
  }
}
