/**
 * Signals that end a job of the engine `inline`, and what its tasks have started.
 *
 * @module
 */

import { exists } from "../../../lib/util/files/fs.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";
import { CLI, cli, enterFolder, Mark, type Said } from "../../support/jobs.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };
const whyNoPython = await whyNoProgram("python3");
const STOPPING = "Stopping: running tasks may finish";

const FILES = {
  "list.ndjson": "1\n2\n",
  "work.ts": `export async function waits(x) {
    const script = "touch begun; until [ -e go ]; do sleep 0.1; done";
    const { success } = await new Deno.Command("sh", { args: ["-c", script] }).output();
    if (!success) throw new Error("its child was interrupted");
    return x;
  }`,
  "work.py": `import subprocess
def waits(x):
    script = "touch begun; until [ -e go ]; do sleep 0.1; done"
    subprocess.run(["sh", "-c", script], check=True)
    return x
`,
};

const WAITS = "touch begun; until [ -e go ]; do sleep 0.1; done; echo {}";
// The command must know the program when it is killed, so its first task has ended then.
const SECOND_IGNORES = "[ {} = 1 ] || { trap '' TERM; touch begun; while :; do sleep 0.1; done; }";
const IGNORES = "trap '' TERM; touch begun; while :; do sleep 0.1; done; echo {}";
const INLINE = ["map", "list.ndjson", "--engine", "inline"];

/** A command that leads a process group, as in a terminal. */
class Running {
  readonly mark = new Mark();
  readonly process: Deno.ChildProcess;
  readonly end: Promise<Said>;

  stderr = "";

  constructor(args: readonly string[]) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", CLI, ...args],
      env: { NO_COLOR: "1", ...this.mark.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.end = this.#end();
  }

  /** Starts it, and waits until its first task runs. */
  static async start(args: readonly string[]): Promise<Running> {
    const running = new Running(args);
    await until(() => exists("begun"), "the first task begins");
    return running;
  }

  /** Sends what Ctrl-C in a terminal sends to all processes of the group, until the job stops. */
  async interrupt(): Promise<void> {
    Deno.kill(-this.process.pid, "SIGINT");
    await until(() => this.stderr.includes(STOPPING), "it says that it stops");
  }

  async #end(): Promise<Said> {
    const [stdout] = await Promise.all([new Response(this.process.stdout).text(), this.#listen()]);
    const { code } = await this.process.status;
    return { code, stdout, stderr: this.stderr };
  }

  async #listen(): Promise<void> {
    for await (const text of this.process.stderr.pipeThrough(new TextDecoderStream())) {
      this.stderr += text;
    }
  }
}

/** Returns the numbers of tasks that have succeeded and failed. */
async function ended(): Promise<unknown> {
  const { counts } = JSON.parse((await cli(["status", "--json"])).stdout);
  return [counts.succeeded, counts.failed];
}

Deno.test(
  "Ctrl-C does not reach the program of an inline task, which may finish",
  onLinux,
  async () => {
    await using _folder = await enterFolder(FILES);
    const running = await Running.start([...INLINE, "--shell", "--command", WAITS]);
    running.interrupt();
    await until(() => running.mark.pids().length > 0, "the program runs on");
    Deno.writeTextFileSync("go", "");
    const { code, stdout, stderr } = await within(running.end, "the command ends");
    assertEquals([code, stdout], [130, '"1"\n']);
    assertStringIncludes(stderr, STOPPING);
    assertEquals(await ended(), [1, 0]);
    assertEquals((await cli(["resume"])).stdout, '"2"\n');
  },
);

Deno.test(
  "a second Ctrl-C ends the program of an inline task, which runs again",
  onLinux,
  async (t) => {
    for (const [name, script] of Object.entries({ WAITS, IGNORES })) {
      await t.step(name, async () => {
        await using _folder = await enterFolder(FILES);
        const args = [...INLINE, "--grace", "0.2s", "--shell", "--command", script];
        const running = await Running.start(args);
        running.interrupt();
        running.interrupt();
        const { code } = await within(running.end, "the command ends");
        assertEquals(code, 130);
        await running.mark.untilGone();
        assertEquals(await ended(), [0, 0]);
      });
    }
  },
);

Deno.test("no program of an inline task outlives the command that is killed", onLinux, async () => {
  await using _folder = await enterFolder(FILES);
  const running = await Running.start([...INLINE, "--shell", "--command", SECOND_IGNORES]);
  running.process.kill("SIGKILL");
  await running.end;
  await running.mark.untilGone();
});

for (const work of ["work.ts", "work.py"]) {
  Deno.test(`a task whose children Ctrl-C ends runs again: ${work}`, onLinux, async () => {
    await using _folder = await enterFolder(FILES);
    const running = await Running.start([...INLINE.toSpliced(1, 0, `${work}#waits`)]);
    await running.interrupt();
    const { code, stdout, stderr } = await within(running.end, "the command ends");
    assertEquals([code, stdout], [130, ""]);
    assertStringIncludes(
      stderr,
      "task 0 failed while the job stopped, dl_jobs resume runs it again",
    );
    assertEquals(await ended(), [0, 0]);
    Deno.writeTextFileSync("go", "");
    assertEquals((await cli(["resume"])).stdout, "1\n2\n");
  });
}

// Reads the module. In place of a worker, it ends as Python does while Ctrl-C interrupts its start.
const INTERRUPTED_PYTHON = `#!/bin/sh
[ "$1" = -c ] && exec python3 "$@"
kill -INT $PPID
exit 1
`;

Deno.test({
  name: `Ctrl-C at the start of an inline interpreter ends the job${skipSuffix(whyNoPython)}`,
  ignore: whyNoPython !== undefined,
  fn: async () => {
    await using _folder = await enterFolder({ ...FILES, "p.sh": INTERRUPTED_PYTHON });
    await Deno.chmod("p.sh", 0o755);
    const args = ["map", "work.py#waits", ...INLINE.slice(1), "--python", "./p.sh"];
    const { code, stderr } = await within(new Running(args).end, "the command ends");
    assertEquals([code, stderr.includes("Error")], [130, false], stderr);
  },
});
