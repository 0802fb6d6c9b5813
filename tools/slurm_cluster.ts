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

import { parseArgs } from "node:util";
import { SlurmCluster } from "./slurm_cluster/cluster.ts";
import { DEFAULT_DIR, down } from "./slurm_cluster/down.ts";
import { runSync } from "./support/system.ts";

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
    await SlurmCluster.up({ dir, accounting, install: true, maxArraySize: Number(size) });
    console.log(`export SLURM_CONF=${dir}/slurm.conf`);
  } else if (verb === "down") await down(dir);
  else if (verb === "status") {
    console.log(runSync("sinfo", [], { SLURM_CONF: `${dir}/slurm.conf` }));
  } else return console.error("usage: slurm_cluster.ts up|down|status [--dir DIR]"), 2;
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
