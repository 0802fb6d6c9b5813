/**
 * The files of a cluster: its folders, its munge key, `slurm.conf` and `slurmdbd.conf`.
 *
 * @see https://slurm.schedmd.com/slurm.conf.html
 * @see https://slurm.schedmd.com/slurmdbd.conf.html
 * @module
 */

import { listNames } from "../support/system.ts";

/** The name that every cluster has in Slurm. */
export const CLUSTER = "dl_jobs";

// The megabytes of memory for each CPU.
const CPU_MEMORY = 2000;

/** Options of a cluster. */
export interface ClusterOptions {
  /** The folder of the cluster. @default {a temporary one} */
  readonly dir?: string | undefined;
  /**
   * The number of array tasks that a node runs at a time, each on a CPU; the machine may have fewer.
   *
   * @default {1, on a node with 2 CPUs}
   */
  readonly places?: number | undefined;
  /** The maximum number of tasks in a job array, plus 1. @default {1001} */
  readonly maxArraySize?: number | undefined;
  /** Runs slurmdbd with its own MariaDB, which `sacct` needs. @default {false} */
  readonly accounting?: boolean | undefined;
  /** Installs missing Debian packages. @default {false} */
  readonly install?: boolean | undefined;
}

/**
 * Writes the files of a cluster into its folder.
 *
 * @throws {Error} when the folder is not empty
 */
export async function writeFiles(
  dir: string,
  nodes: readonly string[],
  { places, maxArraySize = 1001, accounting = false }: ClusterOptions,
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
  // Without a default, an array task takes the whole memory of its node.
  const cpus = places ?? 2;
  const rows = nodes.map((name, i) =>
    `NodeName=${name} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${ports[i + 1]} ` +
    `CPUs=${cpus} RealMemory=${cpus * CPU_MEMORY}`
  );
  const text = configText(dir, ports[0]!, maxArraySize) +
    (places === undefined ? "" : `DefMemPerCPU=${CPU_MEMORY}\n`) +
    (accounting ? accountsText(dir, dbd) : "") +
    rows.join("\n") + PARTITIONS;
  await Deno.writeTextFile(`${dir}/slurm.conf`, text);
  // The file has a password: slurmdbd refuses to start when other users can read it.
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
# Without cgroups and systemd, the cluster also runs in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# The machine may have fewer CPUs than its nodes.
SlurmdParameters=config_overrides
# Short times, because tests wait for each of them.
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
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
