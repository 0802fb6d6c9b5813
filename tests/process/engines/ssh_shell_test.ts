import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

// A connection to this machine, in a home of its own. The host `silent` never answers.
const CONNECT = `test "$1" = silent && exec sleep 60
HOME="$PWD/home" exec sh -c "$2"
`;

/** Runs a job of three tasks on hosts that are this machine. */
async function run(ssh: readonly string[]) {
  await using folder = await enterFolder({
    "connect.sh": CONNECT,
    "home/.keep": "",
    "work.ts": "export const task = (x: number) => x * 2;\n",
    "list.ndjson": "1\n2\n3\n",
  });
  const flags = ["command=sh connect.sh", ...ssh].flatMap((one) => ["--ssh", one]);
  const job = ["map", "work.ts", "list.ndjson", "--ordered", "--quiet", "--engine", "ssh"];
  return await cli([...job, ...flags], { cwd: folder.path });
}

Deno.test("ssh: a setup command that fails is told, and one that reads its stdin ends", async () => {
  const { code, stdout, stderr } = await run([
    "hosts=h1*1",
    "setup=cat; echo no module >&2; (exit 7)",
  ]);
  assertEquals([code, stdout], [0, "2\n4\n6\n"], stderr);
  const told = "host h1: the setup command failed with exit status 7: no module\n";
  assertStringIncludes(stderr, told);
});

Deno.test("ssh: a host whose shell does not answer is left out after a time", async () => {
  const { code, stdout, stderr } = await run(["hosts=silent", "lost_after=1s"]);
  assertEquals([code, stdout], [2, ""], stderr);
  assertEquals(
    stderr,
    "Error: Cannot run on host silent: it did not answer for 5.0 s, check that it works by hand: " +
      "sh connect.sh silent\n",
  );
});
