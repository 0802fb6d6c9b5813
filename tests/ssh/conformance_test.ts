import { sshEngine } from "../../lib/engines/ssh/ssh.ts";
import { testEngine } from "../support/conformance/mod.ts";
import { useHosts, whyNot } from "../support/ssh_hosts.ts";

// The functions of the suite write files that the tests read.
const shared = await Deno.makeTempDir({ prefix: "dl_jobs_shared_" });
const dir = `${shared}/hosts`, names = ["h1", "h2", "h3"];
useHosts({ dir, hosts: Object.fromEntries(names.map((name) => [name, { shared }])) });

let before: string | undefined;
Deno.test.beforeAll(() => {
  before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", shared);
});
Deno.test.afterAll(async () => {
  if (before === undefined) Deno.env.delete("TMPDIR");
  else Deno.env.set("TMPDIR", before);
  await Deno.remove(shared, { recursive: true });
});

testEngine("ssh", sshEngine, {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
  whyNot,
  lanes: 4,
  limitMs: 180_000,
  context: { settings: { hosts: names.join(","), command: `ssh -F ${dir}/ssh_config` } },
});
