import { processLines } from "../../../../lib/util/process/process_lines.ts";
import { ProcessTree } from "../../../../lib/util/process/process_tree.ts";
import { until } from "../../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

Deno.test({
  name: "processLines() shows children below their parents, and what they wait for",
  // Other systems have no /proc.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using child = new Deno.Command("sh", {
      args: ["-c", "sh -c 'sleep 987; exit' & wait; exit"],
      stdin: "null",
      detached: true,
    }).spawn();
    const tree = new ProcessTree(child.pid);
    const lines = await until(() => {
      const lines = processLines(tree.descendants());
      const areIdle = lines.length === 2 && lines.every((line) => line.includes("): sleeping"));
      return areIdle && lines[1]!.includes(" 987 (") && lines;
    }, "both wait");
    assertEquals(lines.length, 2);
    assertMatch(lines[0]!, /^sh -c sleep 987; exit \(pid \d+\): sleeping( in \w+)?$/);
    assertMatch(lines[1]!, /^ {2}sleep 987 \(pid \d+\): sleeping( in \w+)?$/);
    tree.kill();
    await child.status;
    assertEquals(processLines([child.pid]), []);
  },
});
