import { readProcessStat } from "../../../../lib/util/process/process_stat.ts";
import { ProcessTree } from "../../../../lib/util/process/process_tree.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { Mark } from "../../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../../support/programs.ts";

const whyNoPython = Deno.build.os === "linux" ? await whyNoProgram("python3") : "no /proc";

/** Starts a shell script as the leader of a process group. */
function start(script: string, mark: Mark): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: ["-c", script],
    env: mark.env,
    stdin: "piped",
    stdout: "piped",
    detached: true,
  }).spawn();
}

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: "ProcessTree counts the memory of descendants in any process group",
  // Other systems have no /proc.
  ignore: !isLinux,
  async fn() {
    const mark = new Mark(), size = 60_000_000;
    // tail keeps a line of any length in memory.
    const hold = `(head -c ${size} /dev/zero; sleep 100) | tail -n 1`;
    await using child = start(`setsid sh -c '${hold}' & wait`, mark);
    const tree = new ProcessTree(child.pid);
    await until(() => tree.memory(Infinity) > size, "the memory is counted");
    await until(() => tree.memory(1) > size * 0.9, "shares of common pages are counted");
    tree.kill();
    await mark.untilGone();
  },
});

Deno.test({
  name: "ProcessTree counts common pages once, also where a descendant has just ended",
  ignore: !isLinux,
  async fn() {
    const mark = new Mark();
    // The shell does not ask for the end of its second child, which shares its variable no longer.
    const script = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); (sleep 100; :) & (:) & read line";
    await using child = start(script, mark);
    const tree = new ProcessTree(child.pid);
    const states = () => tree.descendants().map((pid) => readProcessStat(pid)?.state);
    await until(() => states().includes("Z") && states().length >= 3, "all have started");
    const shared = tree.memory(1), resident = tree.memory(Infinity);
    assert(shared > 60e6 && shared < resident * 0.7, `${shared} of ${resident}`);
    tree.kill();
    await mark.untilGone();
  },
});

/** Maps a file, reads all its pages, and waits. */
const MAPS = `import mmap, sys
with open(sys.argv[1], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    sum(pages[i] for i in range(0, len(pages), 4096))
    print("read", flush=True)
    sys.stdin.read()
`;

Deno.test({
  name: `ProcessTree counts no pages of files above a limit${skipSuffix(whyNoPython)}`,
  ignore: whyNoPython !== undefined,
  async fn() {
    await using folder = await makeFolder({ "maps.py": MAPS });
    const mark = new Mark(), file = `${folder.path}/file`, size = 60_000_000;
    await Deno.writeFile(file, new Uint8Array(size));
    await using child = start(`exec python3 ${folder.path}/maps.py ${file}`, mark);
    await child.stdout.getReader().read();
    const tree = new ProcessTree(child.pid);
    const counted = tree.memory(1), resident = tree.memory(Infinity);
    assert(counted > 1e6 && counted < resident - size * 0.9, `${counted} of ${resident}`);
    tree.kill();
    await mark.untilGone();
  },
});

Deno.test({
  name: "ProcessTree remembers a descendant whose parent has ended, and kills it",
  ignore: !isLinux,
  async fn() {
    const mark = new Mark();
    const middle = "setsid -w sh -c 'sleep 1000 & read line'";
    await using child = start(`${middle}; echo done; sleep 1000`, mark);
    const tree = new ProcessTree(child.pid);
    await until(() => mark.pids().length === 3, "all have started");
    tree.memory(Infinity);
    // The shell in the middle ends when its stdin does.
    await child.stdin.close();
    await child.stdout.getReader().read();
    tree.kill();
    await mark.untilGone();
    assertEquals(tree.memory(Infinity), 0);
  },
});

Deno.test({
  name: "ProcessTree finds a parent before its children, also again, so that it kills it first",
  ignore: !isLinux,
  async fn() {
    const mark = new Mark();
    await using child = start("setsid -w sh -c 'sleep 1000; echo next' & wait", mark);
    const tree = new ProcessTree(child.pid);
    await until(() => tree.descendants().length === 2, "all have started");
    for (let round = 0; round < 3; round++) {
      const [first = 0, second = 0] = tree.descendants();
      assertEquals([first, second].map((pid) => readProcessStat(pid)?.parent), [child.pid, first]);
    }
    tree.kill();
    await mark.untilGone();
    assertEquals(await new Response(child.stdout).text(), "");
  },
});

Deno.test({
  name: "ProcessTree kills the session of a process that has ended",
  ignore: !isLinux,
  async fn() {
    const mark = new Mark();
    // timeout leaves the process group.
    await using child = start("timeout 2000 sleep 1000 & echo started; read line", mark);
    const tree = new ProcessTree(child.pid);
    await child.stdout.getReader().read();
    await until(() => mark.pids().length === 3, "all have started");
    Deno.kill(child.pid, "SIGKILL");
    await child.status;
    tree.kill();
    tree.killSession();
    await mark.untilGone();
  },
});

Deno.test({
  name: "ProcessTree keeps the largest memory between two calls of takePeak()",
  ignore: !isLinux,
  async fn() {
    const mark = new Mark(), size = 60_000_000;
    // The shell reads a long text into a variable, and forgets it.
    const grow =
      `read -r start; x=$(head -c ${size} /dev/zero | tr '\\0' x); x=; echo done; sleep 100`;
    await using child = start(grow, mark);
    const tree = new ProcessTree(child.pid);
    const before = tree.takePeak()!;
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await child.stdout.getReader().read();
    const peak = tree.takePeak()!, after = tree.takePeak()!;
    await writer.close();
    tree.kill();
    await mark.untilGone();
    const isLarge = [before, peak, after].map(({ memory }) => memory > size);
    assertEquals(isLarge, [false, true, false]);
  },
});
