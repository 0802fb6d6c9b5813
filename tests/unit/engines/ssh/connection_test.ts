import { startSsh } from "../../../../lib/engines/ssh/connection.ts";
import { isOnPath } from "../../../../lib/worker/command/find_program.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

Deno.test({
  name: "startSsh() replaces what excludes the command of the engine in a host's configuration",
  ignore: !isOnPath("ssh"),
  fn: async () => {
    await using folder = await makeFolder({
      "config":
        "Host h1\n  RemoteCommand tmux attach\n  RequestTTY force\n  ExitOnForwardFailure yes\n",
    });
    // With -G, ssh prints its options, and connects to nothing.
    const command = ["ssh", "-G", "-F", `${folder.path}/config`];
    const { child, ended } = startSsh(command, { name: "h1", target: "h1" }, "true");
    const [stdout, { code, words }] = await Promise.all([
      new Response(child.stdout).text(),
      ended,
      child.stdin.close().catch(() => {}),
    ]);
    assertEquals([code, words], [0, ""]);
    assertMatch(stdout, /^requesttty (no|false)$/m);
    assertMatch(stdout, /^exitonforwardfailure no$/m);
    assertEquals(/^remotecommand (?!none)/m.test(stdout), false);
  },
});
