/**
 * A Slurm cluster on this machine, for the tests and to try the engine out:
 * `deno run -A tools/slurm_cluster.ts up|down|status [--dir DIR] [--max-array-size N] [--accounting]`
 *
 * All of it lies in one folder and listens on the loopback alone, with a munge key and ports of its
 * own, so several may be up at a time. It needs root, and Debian's packages, which `up` installs.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** What a cluster is like. */
export interface ClusterOptions {
  /** Its folder. @default {a temporary one} */
  readonly dir?: string;
  /** How many nodes it has. @default {3} */
  readonly nodes?: number;
  /** How many CPUs each node has, whatever the machine has. @default {2} */
  readonly cpus?: number;
  /** How many elements an array may have. @default {1001} */
  readonly maxArraySize?: number;
  /** Whether it keeps accounts, in a MariaDB of its own, so that `sacct` answers. @default {false} */
  readonly accounting?: boolean;
}

const CLUSTER = "dl_jobs";
const DEFAULT_DIR = "/tmp/dl_jobs_slurm";
/** Programs, and the packages that they come in. */
const PROGRAMS = {
  slurmctld: "slurmctld",
  slurmd: "slurmd",
  munged: "munge",
  sbatch: "slurm-client",
};
const ACCOUNTING = { ...PROGRAMS, slurmdbd: "slurmdbd", mariadbd: "mariadb-server" };
const LIMIT_MS = 30_000, POLL_MS = 50;

/** Why there can be no cluster on this machine; nothing when there can. */
export function whyNoCluster(): string | undefined {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux alone";
  if (Deno.uid() !== 0) return "the nodes of a cluster need root";
  const missing = Object.keys(PROGRAMS).find((name) => !isInstalled(name));
  return !missing || isInstalled("apt-get") ? undefined : `${missing} is not installed`;
}

/** A cluster that is up, until it is disposed of or this process ends. */
export class SlurmCluster implements AsyncDisposable {
  /** What its programs must find in their environment. */
  readonly env: Readonly<Record<string, string>>;
  #guard: Deno.ChildProcess | undefined;

  private constructor(readonly dir: string, readonly nodes: readonly string[]) {
    this.env = { SLURM_CONF: `${dir}/slurm.conf` };
  }

  /** Brings one up, and waits until its nodes are idle. */
  static async up(options: ClusterOptions = {}): Promise<SlurmCluster> {
    install(options.accounting ? ACCOUNTING : PROGRAMS);
    const dir = options.dir ?? await Deno.makeTempDir({ prefix: "dl_jobs_slurm_" });
    const { nodes = 3 } = options;
    const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    await writeFiles(dir, names, options);
    const cluster = new SlurmCluster(dir, names);
    try {
      cluster.#startMunge();
      if (options.accounting) await cluster.#startAccounting();
      cluster.startController();
      for (const name of names) cluster.startNode(name);
      await cluster.untilIdle();
    } catch (error) {
      await down(dir);
      throw error;
    }
    return cluster;
  }

  /** Takes it down also when this process dies without a word. */
  guard(): this {
    const script = `read -r _; exec "$0" "$@"`;
    this.#guard = new Deno.Command("/bin/sh", {
      args: ["-c", script, Deno.execPath(), ...selfArgs("down", this.dir)],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    this.#guard.unref();
    return this;
  }

  /** Runs one of its programs, and gives what it says. */
  run(command: string, ...args: string[]): string {
    return runSync(command, args, this.env);
  }

  /** Starts the controller. */
  startController(): void {
    this.run("slurmctld", "-f", `${this.dir}/slurm.conf`);
  }

  /** Ends the controller, and waits until it is gone. */
  async stopController(): Promise<void> {
    await endProcess(`${this.dir}/slurmctld.pid`, "SIGTERM");
  }

  /** Starts a node. */
  startNode(name: string): void {
    this.run("slurmd", "-N", name, "-f", `${this.dir}/slurm.conf`);
  }

  /** Ends a node's daemon at once, and with it, if wanted, what runs there. */
  async killNode(name: string, { withJobs = false } = {}): Promise<void> {
    await endProcess(`${this.dir}/slurmd-${name}.pid`, "SIGKILL");
    if (withJobs) killMarked(`SLURMD_NODENAME=${name}\0`, this.dir);
  }

  /** Waits until all its nodes can run something. */
  async untilIdle(): Promise<void> {
    const idle = `idle ${this.nodes.length}`;
    const end = Date.now() + LIMIT_MS;
    while (!this.#states().includes(idle)) {
      if (Date.now() > end) {
        throw new Error(`The cluster is not idle: ${this.#states()}\n${this.logEnd()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** The last words of the controller. */
  logEnd(): string {
    return readIfThere(`${this.dir}/log/slurmctld.log`).split("\n").slice(-10).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await down(this.dir);
    this.#guard?.ref();
    await this.#guard?.stdin.close().catch(() => {});
    await this.#guard?.status;
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
    // It has no way to go to the background by itself.
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
      // The folders above may be open to all.
      ...[`--log-file=${dir}/log/munged.log`, "--force"],
    ]);
  }
}

/** Ends all that runs in a cluster, and removes its folder. */
export async function down(dir = DEFAULT_DIR): Promise<void> {
  const names = listNames(dir).filter((name) => name.endsWith(".pid"));
  // First the nodes: they would start what waits.
  for (const name of names.sort().reverse()) await endProcess(`${dir}/${name}`, "SIGKILL");
  killMarked(`SLURM_CONF=${dir}/`);
  await Deno.remove(dir, { recursive: true }).catch(() => {});
}

/** Installs what is missing. */
function install(programs: Readonly<Record<string, string>>): void {
  const why = whyNoCluster();
  if (why) throw new Error(`Cannot bring up a cluster: ${why}`);
  if (Object.keys(programs).every(isInstalled)) return;
  using _ = withoutServices();
  const args = ["install", "-y", "--no-install-recommends", ...Object.values(programs)];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (output("apt-get", args, env).code === 0) return;
  // The list of packages may be old, or missing.
  runSync("apt-get", ["update"], env);
  runSync("apt-get", args, env);
}

/** Lets no package start its service while it is installed. */
function withoutServices(): Disposable {
  const path = "/usr/sbin/policy-rc.d";
  if (readIfThere(path) !== "") return { [Symbol.dispose]() {} };
  Deno.writeTextFileSync(path, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}

async function writeFiles(
  dir: string,
  nodes: readonly string[],
  { cpus = 2, maxArraySize = 1001, accounting = false }: ClusterOptions,
): Promise<void> {
  if (listNames(dir).length > 0) {
    throw new Error(`Cannot bring up a cluster in ${dir}: it is not empty, take it down first`);
  }
  for (const name of ["state", "log", "spool", "munge"]) {
    await Deno.mkdir(`${dir}/${name}`, { recursive: true });
  }
  await Deno.chmod(dir, 0o755);
  await Deno.chmod(`${dir}/munge`, 0o711);
  const key = crypto.getRandomValues(new Uint8Array(128));
  await Deno.writeFile(`${dir}/munge/key`, key, { mode: 0o400 });
  const ports = freePorts(nodes.length + 3);
  const [dbd, storage] = ports.slice(-2) as [number, number];
  const rows = nodes.map((name, i) =>
    `NodeName=${name} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${ports[i + 1]} ` +
    `CPUs=${cpus} RealMemory=4000`
  );
  const text = configText(dir, ports[0]!, maxArraySize) +
    (accounting ? accountsText(dir, dbd) : "") +
    rows.join("\n") + PARTITIONS;
  await Deno.writeTextFile(`${dir}/slurm.conf`, text);
  // It holds a password, and the daemon looks at who may read it.
  const daemon = daemonText(dir, dbd, storage);
  await Deno.writeTextFile(`${dir}/slurmdbd.conf`, daemon, { mode: 0o600 });
}

const PARTITIONS = `
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=second Nodes=ALL MaxTime=INFINITE State=UP
`;

function accountsText(dir: string, port: number): string {
  return `AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=${port}
AccountingStoragePass=${dir}/munge/socket
`;
}

function daemonText(dir: string, port: number, storage: number): string {
  return `AuthType=auth/munge
AuthInfo=socket=${dir}/munge/socket
DbdHost=localhost
DbdAddr=127.0.0.1
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
DbdPort=${port}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${storage}
StorageUser=slurm
StoragePass=slurm
LogFile=${dir}/log/slurmdbd.log
PidFile=${dir}/slurmdbd.pid
`;
}

function configText(dir: string, port: number, maxArraySize: number): string {
  return `ClusterName=${CLUSTER}
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=${dir}/munge/socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool/%n
SlurmctldPidFile=${dir}/slurmctld.pid
SlurmdPidFile=${dir}/slurmd-%n.pid
SlurmctldLogFile=${dir}/log/slurmctld.log
SlurmdLogFile=${dir}/log/slurmd-%n.log
# Neither cgroups nor systemd: it also runs in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# The machine may have fewer CPUs than its nodes.
SlurmdParameters=config_overrides
# A test waits for each of these.
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SlurmdTimeout=5
SlurmctldTimeout=5
MinJobAge=10
KillWait=3
MessageTimeout=3
ReturnToService=2
PropagateResourceLimits=NONE
MaxArraySize=${maxArraySize}
`;
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** Ends the process whose id stands in a file, if it is still one of a cluster. */
async function endProcess(pidFile: string, signal: Deno.Signal): Promise<void> {
  const pid = Number(readIfThere(pidFile));
  // One that has ended and that nobody has asked about has no command line any more.
  const isOurs = () =>
    /^[^\0]*(slurmctld|slurmd|slurmdbd|munged|mariadbd)\0/.test(
      readIfThere(`/proc/${pid}/cmdline`),
    );
  if (!pid || !isOurs()) return;
  Deno.kill(pid, signal);
  for (const end = Date.now() + LIMIT_MS; isOurs();) {
    if (Date.now() > end) throw new Error(`Process ${pid} does not end on ${signal}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Ends at once all processes that have some texts in their environment, but for this one. */
function killMarked(...marks: string[]): void {
  for (const name of listNames("/proc")) {
    const pid = Number(name);
    if (!pid || pid === Deno.pid) continue;
    const environment = readIfThere(`/proc/${pid}/environ`);
    if (!marks.every((mark) => environment.includes(mark))) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended just now.
    }
  }
}

/** Waits until a program succeeds. */
async function untilDone(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; output(command, args, env).code !== 0;) {
    if (Date.now() > end) runSync(command, args, env);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isInstalled(program: string): boolean {
  const path = `${Deno.env.get("PATH")}:/usr/sbin`;
  return path.split(":").some((dir) => readIfThere(`${dir}/${program}`, 1) !== "");
}

function readIfThere(path: string, most = Infinity): string {
  try {
    if (most === 1) return Deno.statSync(path).isFile ? "there" : "";
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function listNames(dir: string): string[] {
  try {
    return Array.from(Deno.readDirSync(dir), ({ name }) => name);
  } catch {
    return [];
  }
}

function runSync(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const { code, stdout, stderr } = output(command, args, env);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
}

function output(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = new Deno.Command(command, {
    args: [...args],
    env: { ...env, PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function selfArgs(...args: string[]): string[] {
  return ["run", "-A", "--no-lock", import.meta.filename!, args[0]!, "--dir", args[1]!];
}

async function main(args: string[]): Promise<number> {
  const { positionals: [verb], values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string", default: DEFAULT_DIR },
      "max-array-size": { type: "string", default: "1001" },
      accounting: { type: "boolean", default: false },
    },
  });
  const { dir } = values;
  if (verb === "up") {
    const { accounting, "max-array-size": size } = values;
    await SlurmCluster.up({ dir, accounting, maxArraySize: Number(size) });
    console.log(`export SLURM_CONF=${dir}/slurm.conf`);
  } else if (verb === "down") await down(dir);
  else if (verb === "status") {
    console.log(runSync("sinfo", [], { SLURM_CONF: `${dir}/slurm.conf` }));
  } else return console.error("usage: slurm_cluster.ts up|down|status [--dir DIR]"), 2;
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
