import { readProcessStat } from "../../../../lib/util/process/process_stat.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

// Other systems have no /proc.
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "readProcessStat() reads a program whose name has blanks and parentheses",
  ignore,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "dl_jobs_test_" }),
      program = `${folder}/a) Z 1 (`;
    Deno.writeTextFileSync(program, "#!/bin/sh\nread line", { mode: 0o700 });
    await using child = new Deno.Command(program, { stdin: "piped" }).spawn();
    // The new process has no memory of its own until it runs the program.
    const { state, parent, started, resident } = await until(() => {
      const stat = readProcessStat(child.pid);
      return stat && stat.resident > 0 && stat;
    }, "the program runs");
    await child.stdin.close();
    await child.status;
    Deno.removeSync(folder, { recursive: true });
    assert("RSD".includes(state), state);
    assertEquals(parent, Deno.pid);
    assert(Number(started) > 0, started);
    assert(resident > 0, `${resident}`);
    assertEquals(readProcessStat(child.pid), undefined);
  },
});
