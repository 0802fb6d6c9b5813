import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { dirname } from "../../../lib/util/paths.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { allProcesses } from "../../../tools/ssh_hosts/processes.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import { cli, enterFolder, walk } from "../../support/jobs.ts";

// A connection to this machine, in a home of its own. The host `silent` never answers, the host
// `deaf` receives nothing, and bytes are on their way to the host `far` for a while.
const CONNECT = `test "$1" = silent && exec sleep 60
test "$1" = deaf && exec </dev/null
cd home || exit 1
export HOME="$PWD"
test "$1" = far && exec deno run -A ../far.ts "$2"
exec sh -c "$2"
`;

const FAR =
  `const child = new Deno.Command("sh", { args: ["-c", Deno.args[0]], stdin: "piped" }).spawn();
child.status.then(({ code }) => Deno.exit(code));
const writer = child.stdin.getWriter();
const later = (fn) => setTimeout(() => fn().catch(() => {}), 400);
for await (const part of Deno.stdin.readable) later(() => writer.write(part));
later(() => writer.close());
`;

const WORK = "export const task = (x: number) => x * 2;\n";

/** Returns a path in a folder that is as long as a path can be, so no deeper folder can have it. */
function longPath(folder: string): string {
  return `${folder}/${`${"_".repeat(199)}/`.repeat(21)}`.slice(0, 4070) + ".txt";
}

/** Runs a job of three tasks on hosts that are this machine. */
async function run(ssh: readonly string[], work = WORK, hasLongPath = false) {
  await using folder = await enterFolder({
    "connect.sh": CONNECT,
    "far.ts": FAR,
    "home/.keep": "",
    "work.ts": work,
    "list.ndjson": "1\n2\n3\n",
  });
  const flags = ["command=sh connect.sh", ...ssh].flatMap((one) => ["--ssh", one]);
  const job = ["map", "work.ts", "list.ndjson", "--ordered", "--quiet", "--engine", "ssh"];
  if (hasLongPath) {
    const path = longPath(folder.path);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, "a");
    flags.push("--data", path.slice(folder.path.length + 1));
  }
  const said = await cli([...job, ...flags], { cwd: folder.path });
  const runs = () =>
    allProcesses().filter(({ command }) => command.includes(`${folder.path}/home`));
  await until(() => runs().length === 0, () => `nothing runs on: ${JSON.stringify(runs())}`);
  const jobs = `${folder.path}/home/.cache/dl_jobs/jobs`;
  const left = exists(jobs) ? walk(jobs) : [];
  return { ...said, left };
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

Deno.test("ssh: a connection that passes on no stdin is told", async () => {
  const advice = "the command that connects must pass all of its stdin on";
  await using folder = await makeFolder({ "x/.keep": "" });
  const ssh = [`folder=${folder.path}/x`];
  const sent = await run(["hosts=deaf", ...ssh]);
  assertMatch(
    sent.stderr,
    new RegExp(`far-.* was sent 4 times, and it arrived incomplete: ${advice}`),
  );
  assertEquals((await run(["hosts=near*1", ...ssh])).code, 0);
  const begun = await run(["hosts=deaf", ...ssh]);
  assertStringIncludes(begun.stderr, `Cannot run on host deaf: it received nothing: ${advice}`);
  assertEquals([sent, begun].map(({ code, stdout }) => [code, stdout]), [[2, ""], [2, ""]]);
});

Deno.test("ssh: a host that cannot run the function keeps nothing of the job", async (t) => {
  const works: Readonly<Record<string, readonly [work: string, words: string]>> = {
    "a module that fails": [`throw new Error("no tiles");\n${WORK}`, "no tiles"],
    "a worker that is killed with its controller": [
      `Deno.kill(Deno.ppid, "SIGKILL");\n${WORK}`,
      "the process there died, 3 times in a row",
    ],
  };
  for (const [name, [work, words]] of Object.entries(works)) {
    for (const host of ["near", "far"]) {
      await t.step(`${name}, ${host}`, async () => {
        const { code, stderr, left } = await run([`hosts=${host}*1`], work);
        assertStringIncludes(stderr, words);
        assertEquals([code, left], [2, []], stderr);
      });
    }
  }
});

Deno.test("ssh: a host whose files of a job are removed or changed runs its tasks again", async (t) => {
  const faults = [
    ...["../events", "../tasks", "../lock", ".."].map((path) =>
      `removeSync("${path}", { recursive: true })`
    ),
    'truncateSync("../events", 10)',
    'writeTextFileSync("../events", "other", { append: true })',
  ];
  for (const fault of faults) {
    const work = `import { existsSync } from "node:fs";
export function task(x: number) {
  if (x === 1 && !existsSync(Deno.env.get("HOME") + "/lost")) {
    Deno.writeTextFileSync(Deno.env.get("HOME") + "/lost", "");
    Deno.${fault};
  }
  return x * 2;
}`;
    await t.step(fault, async () => {
      const { code, stdout, stderr } = await run(["hosts=near*1"], work);
      assertEquals([code, stdout], [0, "2\n4\n6\n"], stderr);
    });
  }
});

Deno.test("ssh: a host where the process with the workers cannot start is left out", async () => {
  // The limit on open files leaves enough for the connection, and too few for one more process.
  const { code, stderr, left } = await run(["hosts=near*1", "setup=ulimit -n 27"]);
  assertStringIncludes(stderr, "Too many open files");
  assertEquals([code, left], [2, []], stderr);
});

Deno.test("ssh: a host that cannot store the files of a job keeps none of them", async () => {
  const { code, stderr, left } = await run(["hosts=near*1"], WORK, true);
  assertStringIncludes(stderr, "File name too long");
  assertEquals([code, left], [2, []], stderr);
});

Deno.test("ssh: a host that kills workers at their start tells the reason, and is tried once", async () => {
  const work = `Deno.kill(Deno.pid, "SIGKILL");\n${WORK}`;
  const { code, stderr } = await run(["hosts=h1*1"], work);
  assertEquals(code, 2);
  assertEquals(
    stderr.split("\n")[0],
    "Error: Cannot start a worker on host h1: 20 in a row were killed by SIGKILL before they were " +
      "ready; find out what kills processes on this machine (it may be short of memory)",
  );
});
