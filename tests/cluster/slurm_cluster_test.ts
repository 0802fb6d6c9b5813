import { exists } from "../../lib/util/files/fs.ts";
import { SlurmCluster } from "../../tools/slurm_cluster/cluster.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { until } from "../../tools/support/until.ts";
import { skipped, whyNot } from "../support/cluster.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

const ignore = whyNot !== undefined;

Deno.test({
  name:
    `a cluster has three nodes, listens locally only, and leaves no files and processes${skipped}`,
  ignore,
  fn: async () => {
    let dir;
    {
      await using cluster = await SlurmCluster.up({ accounting: true });
      dir = cluster.dir;
      assertEquals(cluster.run("sinfo", "-h", "-p", "main", "-o", "%t %D %C"), "idle 3 0/6/0/6");
      const ports = ["slurm.conf", "slurmdbd.conf"].flatMap((name) => portsIn(`${dir}/${name}`));
      assertEquals(ports.map(listenersOf), ports.map(() => [LOOPBACK]));
      await assertRejects(() => SlurmCluster.up({ dir: cluster.dir }), Error, "it is not empty");
    }
    assertEquals(exists(dir), false);
    await until(() => pidsWith(dir).length === 0, "all processes have ended");
  },
});

Deno.test({
  name: `the end of a cluster ends its jobs, and no program of its user${skipped}`,
  ignore,
  fn: async () => {
    await using folder = await makeFolder({ file: "" });
    const file = `${folder.path}/file`;
    let user;
    {
      await using cluster = await SlurmCluster.up();
      user = new Deno.Command("sleep", { args: ["600"], env: cluster.env }).spawn();
      cluster.run("sbatch", "--output=/dev/null", "--wrap", `exec tail -f ${file}`);
      await until(() => pidsWith(`tail\0-f\0${file}`).length > 0, "the job runs");
    }
    await until(() => pidsWith(`tail\0-f\0${file}`).length === 0, "the job has ended");
    user.kill("SIGTERM");
    assertEquals((await user.status).signal, "SIGTERM", "not killed before");
  },
});

Deno.test({
  name: `a node that was killed goes down, and comes back${skipped}`,
  ignore,
  fn: async () => {
    await using cluster = await SlurmCluster.up();
    await cluster.killNode("n2");
    const stateOf = () => cluster.run("sinfo", "-h", "-N", "-p", "main", "-n", "n2", "-o", "%t");
    await until(() => stateOf().startsWith("down"), "it is down");
    cluster.startNode("n2");
    await cluster.untilIdle();
  },
});

// 127.0.0.1 in the kernel's format.
const LOOPBACK = "0100007F";

function portsIn(path: string): number[] {
  const text = Deno.readTextFileSync(path);
  return [...text.matchAll(/(?:SlurmctldPort|DbdPort|StoragePort| Port)=(\d+)/g)]
    .map(([, port]) => Number(port));
}

/** Returns the addresses on which a process listens at a port. */
function listenersOf(port: number): string[] {
  const LISTEN = "0A", hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    Deno.readTextFileSync(path).split("\n").map((row) => row.trim().split(/\s+/))
  );
  return rows.filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hex}`))
    .map(([, local]) => local!.split(":")[0]!);
}

function pidsWith(text: string): string[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => name).filter((name) => {
    try {
      return /^\d+$/.test(name) && Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(text);
    } catch {
      return false;
    }
  });
}
