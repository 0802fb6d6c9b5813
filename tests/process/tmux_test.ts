import { Tmux } from "../../tools/support/tmux.ts";
import { assertEquals } from "../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const noTmux = await whyNoProgram("tmux");
const SIZE = "#{window_width} #{window_height}";

Deno.test({
  name: `a terminal has its rows, also after its width changes${skipSuffix(noTmux)}`,
  ignore: noTmux !== undefined,
  fn: async () => {
    await using tmux = await Tmux.start(["true"], { columns: 96, rows: 11 });
    await tmux.until(/status 0/);
    assertEquals(await tmux.state(SIZE), "96 11");
    await tmux.resize(40);
    assertEquals(await tmux.state(SIZE), "40 11");
  },
});
