/**
 * A Slurm cluster on this machine, for the tests and for trying the engine: `deno run -A
 * tools/slurm_cluster.ts up|down|status [--dir DIR] [--max-array-size N] [--accounting]`
 *
 * All its files are in one folder. The cluster listens only on the loopback interface, with its own
 * munge key and ports, so several clusters can run at the same time. The cluster needs root, and
 * Debian packages that `up` installs.
 *
 * @module
 */

import { SlurmCluster } from "./slurm_cluster/cluster.ts";
import { DEFAULT_DIR, down } from "./slurm_cluster/down.ts";
import { runSync } from "./support/system.ts";
import { runTool, type Values } from "./support/tool.ts";

const USAGE = `usage: slurm_cluster.ts up [--dir DIR] [--max-array-size N] [--accounting]
       slurm_cluster.ts down [--dir DIR]
       slurm_cluster.ts status [--dir DIR]

up starts a cluster on this machine and prints the variable for Slurm's programs, and down ends it.
DIR is ${DEFAULT_DIR} by default, and N is 1001.`;

const OPTIONS = {
  dir: { type: "string", default: DEFAULT_DIR },
  "max-array-size": { type: "string", default: "1001" },
  accounting: { type: "boolean", default: false },
} as const;

async function main([verb]: string[], values: Values<typeof OPTIONS>): Promise<number | undefined> {
  const { dir, accounting, "max-array-size": size } = values;
  if (verb === "up") {
    await SlurmCluster.up({ dir, accounting, install: true, maxArraySize: Number(size) });
    console.log(`export SLURM_CONF=${dir}/slurm.conf`);
  } else if (verb === "down") await down(dir);
  else if (verb === "status") {
    console.log(runSync("sinfo", [], { SLURM_CONF: `${dir}/slurm.conf` }));
  } else return undefined;
  return 0;
}

if (import.meta.main) await runTool(USAGE, OPTIONS, main);
