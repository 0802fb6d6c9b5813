/**
 * Hosts that are not ready before the job ends.
 *
 * @module
 */

import { denoFile } from "../../lib/engines/stream/remote_script.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { cli, enterFolder } from "../support/jobs.ts";
import { writeList } from "../support/moves.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

const held = (program: string) =>
  `#!/bin/sh\nuntil test -e "$HOME/ended"; do sleep 0.1; done\nexec ${program} "$@"\n`;

// The hosts have no Deno. The first one receives it, and the second one checks it, until the job has
// ended.
useHosts({
  count: 3,
  hosts: {
    h1: { hasDeno: false, programs: { cat: held("/usr/bin/cat") } },
    h2: { hasDeno: false, programs: { sha256sum: held("/usr/bin/sha256sum") } },
  },
});

const WORK = `export const task = async (x) => {
  while (!await Deno.stat(Deno.env.get("HOME") + "/go").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return x;
};
`;

Deno.test({
  name: `ssh: a host that is not ready before the end of a job begins nothing${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using _folder = await enterFolder({ "work.js": WORK });
    await writeList(3);
    const hosts = theHosts(), command = `command=ssh -F ${hosts.config}`;
    const ssh = ["--ssh", "hosts=h1,h2,h3", "--ssh", command];
    const job = cli(["map", "work.js", "list.ndjson", "--engine", "ssh", ...ssh]);
    const runs = (host: string, text: string) =>
      hosts.processes(host).some(({ command }) => command.includes(text));
    await until(() => runs("h1", "/cat"), "h1 receives Deno");
    await until(() => runs("h2", "/sha256sum"), "h2 checks Deno");
    hosts.run("h3", "touch go");
    const { code, stderr } = await job;
    assertEquals(code, 0, stderr);
    for (const host of ["h1", "h2"]) {
      hosts.run(host, "touch ended");
      await until(() => hosts.processes(host).length === 0, `${host} runs nothing`);
    }
    const filesOf = (host: string) => hosts.run(host, "ls -A .cache/dl_jobs").trim();
    // The second one has Deno for the next job.
    assertEquals(["h1", "h2"].map(filesOf), [
      "",
      denoFile(Deno.version.deno, `Linux ${Deno.build.arch}`),
    ]);
  },
});
