import { OomKills } from "../../../../lib/engines/local/oom_kills.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

const V1 = "5:cpu,cpuacct:/pod\n4:memory:/pod\n0::/\n", V2 = "0::/pod\n";

const CASES: Readonly<Record<string, readonly [groups: string, counter: string]>> = {
  "groups of version 2": [V2, "pod/memory.events"],
  "groups of version 2 in a container": ["0::/\n", "memory.events"],
  "groups of version 1": [V1, "memory/pod/memory.oom_control"],
  "groups of version 1 in a container": [V1, "memory/memory.oom_control"],
};

Deno.test("OomKills explains as many deaths as the kernel has killed since", async (t) => {
  for (const [name, [groups, counter]] of Object.entries(CASES)) {
    await t.step(name, async () => {
      const text = (count: number) => `under_oom 0\noom_kill ${count}\n`;
      await using folder = await makeFolder({ groups, [counter]: text(3) });
      const kills = new OomKills(`${folder.path}/groups`, folder.path);
      const before = kills.take();
      await folder.write(counter, text(5));
      assertEquals([before, kills.take(), kills.take(), kills.take()], [false, true, true, false]);
    });
  }
});

Deno.test("OomKills explains no death without control groups", async () => {
  await using folder = await makeFolder();
  assertEquals(new OomKills(`${folder.path}/groups`, folder.path).take(), false);
});
