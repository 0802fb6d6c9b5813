/**
 * Hosts that have one name and one folder, as the login nodes of a cluster often do.
 *
 * @module
 */

import { exists } from "../../lib/util/files/fs.ts";
import { delay } from "../../lib/util/time/delay.ts";
import { listNames } from "../../tools/support/system.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { endOf, enterFolder, startCli } from "../support/jobs.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

const LIMIT_MS = 60_000;

const shared = await Deno.makeTempDir({ prefix: "dl_jobs_shared_" });
useHosts({ count: 2, hosts: { h1: { shared }, h2: { shared } } });

const WORK = `export const task = async () => {
  Deno.writeTextFileSync("began", "");
  await new Promise((resolve) => setTimeout(resolve, 100_000));
};
`;

Deno.test({
  name: `ssh: a canceled job also ends on the host that was reached before${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using folder = await enterFolder({ "work.js": WORK });
    const hosts = theHosts();
    // The last two arguments are the host and the script.
    await Deno.writeTextFile(
      `${folder.path}/connect.sh`,
      `h=h1; test -e ${folder.path}/moved && h=h2; exec ssh -F ${hosts.config} $h "$2"\n`,
    );
    const ssh = `hosts=login*1,folder=${shared}/dl_jobs,command=sh connect.sh`;
    const map = [
      "map",
      "work.js",
      "--grid",
      "n=0",
      "--grace",
      "1s",
      "--engine",
      "ssh",
      "--ssh",
      ssh,
    ];
    const process = startCli(map, { cwd: folder.path }), end = endOf(process, "");
    const jobs = `${shared}/dl_jobs/jobs`;
    const read = (file: string) => {
      const [job] = listNames(jobs), path = `${jobs}/${job}/${file}`;
      return exists(path) ? Deno.readTextFileSync(path) : undefined;
    };
    await until(() => read("work/began") !== undefined, "the task runs", LIMIT_MS);
    const first = read("attached");
    await Deno.writeTextFile(`${folder.path}/moved`, "");
    hosts.killNear();
    await until(() => read("attached") !== first, "the other host is connected", LIMIT_MS);
    // The answer of the host is on its way.
    await delay(1000);
    process.kill("SIGINT");
    process.kill("SIGINT");
    assertEquals((await end).code, 130);
    for (const host of hosts.names) {
      await until(() => hosts.processes(host).length === 0, `${host} runs nothing`, LIMIT_MS);
    }
    assertEquals(listNames(jobs), []);
    await Deno.remove(shared, { recursive: true });
  },
});
