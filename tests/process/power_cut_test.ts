import { PowerCutDisk } from "../../tools/power_cut/disk.ts";
import { play } from "../../tools/power_cut/play.ts";
import { POWER_CUTS } from "../../tools/soak.ts";
import { assertEquals } from "../support/assert.ts";
import { skipSuffix } from "../support/programs.ts";

const whyNot = await PowerCutDisk.whyNot();

Deno.test({
  name: `after a power cut, nothing is believed that is not so${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    assertEquals(await play({ rounds: POWER_CUTS / 10, tasks: 1500, seed: 14 }), 0);
  },
});
