import { PowerCutDisk } from "../../tools/power_cut/disk.ts";
import { POWER_CUTS } from "../../tools/soak.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { skipSuffix } from "../support/programs.ts";

const whyNot = await PowerCutDisk.whyNot();
const TOOL = fromFileUrl(import.meta.resolve("../../tools/power_cut.ts"));

Deno.test({
  name: `after a power cut, nothing is believed that is not so${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    const rounds = POWER_CUTS / 10;
    const flags = ["--rounds", `${rounds}`, "--tasks", "1500", "--seed", "14"];
    // Another test may start hosts at this time, which copy all mounts and would keep the disk that
    // was cut. They do not see the mounts of this namespace.
    const { code, stdout } = await new Deno.Command("unshare", {
      args: ["--mount", Deno.execPath(), "run", "-A", "--no-check", TOOL, ...flags],
      stderr: "inherit",
    }).output();
    const said = new TextDecoder().decode(stdout);
    assertStringIncludes(said, `${rounds} power cuts, 1500 tasks, seed 14: 0 things wrong\n`);
    assertEquals(code, 0, said);
  },
});
