/**
 * A host that is not ready before the job ends.
 *
 * @module
 */

import { until } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { cli, enterFolder } from "../support/jobs.ts";
import { writeList } from "../support/moves.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

// The host has no Deno, and takes long to check the one that it receives.
const SLOW = { sha256sum: '#!/bin/sh\nsleep 5\nexec /usr/bin/sha256sum "$@"\n' };

useHosts({ count: 2, hosts: { h1: { hasDeno: false, programs: SLOW } } });

Deno.test({
  name: `ssh: a host that is not ready before the end of a job begins nothing${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using _folder = await enterFolder({ "work.js": "export const task = (x) => x;\n" });
    await writeList(3);
    const ssh = ["--ssh", "hosts=h1,h2", "--ssh", `command=ssh -F ${theHosts().config}`];
    const { code, stderr } = await cli([
      "map",
      "work.js",
      "list.ndjson",
      "--engine",
      "ssh",
      ...ssh,
    ]);
    assertEquals(code, 0, stderr);
    await until(() => theHosts().processes("h1").length === 0, "h1 runs nothing");
    assertEquals(theHosts().run("h1", "ls -A .cache/dl_jobs"), "");
  },
});
