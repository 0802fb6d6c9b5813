/**
 * Signals that arrive before the job begins.
 *
 * @module
 */

import { readWaitPlace } from "../../lib/util/process/process_stat.ts";
import { delay } from "../../lib/util/time/delay.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { until, within } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { withoutDocs } from "../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";
import { command } from "./cli/commands.ts";

const whyNoPython = await whyNoProgram("python3");

const LIBRARY = new URL("../../mod.ts", import.meta.url).href;
const MODULE = "export const task = (x: unknown) => x;\n";
const INTERRUPTED = "Error: Interrupted before the job began\n";

/** A server that accepts requests and never answers. */
function silentServer() {
  const ended = Promise.withResolvers<Response>();
  let requests = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => (requests++, ended.promise),
  );
  return {
    base: `http://127.0.0.1:${server.addr.port}`,
    /** The number of requests so far. */
    get requests(): number {
      return requests;
    },
    [Symbol.asyncDispose]: async () => {
      ended.resolve(new Response());
      await server.shutdown();
    },
  };
}

async function makePipe(path: string): Promise<void> {
  await new Deno.Command("mkfifo", { args: [path] }).output();
}

// The functions of the kernel in which a thread reads a pipe, or opens one without another end.
const PIPE_PLACE = /pipe_read|wait_for_partner|fifo_open/;
// The time in which a command begins to wait where the kernel does not tell, in milliseconds.
const STARTED = 20_000;

/** Waits until a thread of a command waits for a pipe, or a condition holds. */
async function untilItWaits(pid: number, isAsked: () => boolean): Promise<void> {
  const threads = () => Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => name);
  const waits = () => threads().some((id) => PIPE_PLACE.test(readWaitPlace(Number(id)) ?? ""));
  await until(() => isAsked() || waits(), "the command waits", STARTED).catch(() => {});
}

Deno.test("the first signal ends a command that waits before its job begins", async (t) => {
  await using server = silentServer();
  const cases = [
    ["stdin", "SIGINT", "map m.ts -"],
    ["a URL", "SIGHUP", `map m.ts ${server.base}/a.ndjson`],
    ["a module", "SIGINT", `map ${server.base}/m.ts -`],
    ["a pipe without a writer", "SIGTERM", "map m.ts in.ndjson"],
    ["a pipe without a reader", "SIGINT", "map m.ts one.ndjson -o in.ndjson"],
  ] as const;
  for (const [name, signal, args] of cases) {
    await t.step(`${name}, ${signal}`, async () => {
      await using folder = await makeFolder({ "m.ts": MODULE, "one.ndjson": "1\n", "tmp/x": "" });
      await makePipe(`${folder.path}/in.ndjson`);
      const before = listed(folder.path);
      const env = { TMPDIR: `${folder.path}/tmp` }, asked = server.requests;
      const process = command(args, { cwd: folder.path, env }, "piped");
      await untilItWaits(process.pid, () => server.requests > asked);
      process.kill(signal);
      const { code } = await within(process.status, "the command ends");
      const [err] = await Promise.all([
        new Response(process.stderr).text(),
        process.stdout.cancel(),
        process.stdin.close().catch(() => {}),
      ]);
      assertEquals({ code, err: withoutDocs(err) }, { code: 130, err: INTERRUPTED });
      assertEquals(listed(folder.path), before);
      assertEquals(listed(`${folder.path}/tmp`), ["x"]);
    });
  }
});

/** A program in place of the bundler, which reads its stdin to the end and answers nothing. */
const SILENT_BUNDLER =
  '#!/bin/sh\necho $$ > "$TMPDIR/pid.new"\nmv "$TMPDIR/pid.new" "$TMPDIR/pid"\n' +
  "exec cat > $TMPDIR/input\n";

Deno.test("a bundler that is killed is named, unless the same Ctrl-C ends the command", async (t) => {
  const killed =
    "Error: Cannot build the program: the bundler esbuild ended early, often because of " +
    "the kernel's out-of-memory killer or a limit on processes; run the command again\n";
  const cases = [
    ["SIGKILL to the bundler", false, { code: 1, err: killed }],
    ["SIGINT to both", true, { code: 130, err: INTERRUPTED }],
  ] as const;
  for (const [name, isBoth, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "m.ts": MODULE, "b.sh": SILENT_BUNDLER });
      const { path } = folder, pidFile = `${path}/pid`;
      await Deno.chmod(`${path}/b.sh`, 0o755);
      const env = { TMPDIR: path, ESBUILD_BINARY_PATH: `${path}/b.sh` };
      const process = command("map m.ts#task ::: 1", { cwd: path, env }, "null");
      const err = new Response(process.stderr).text();
      const pid = await until(() => Deno.readTextFile(pidFile).catch(() => ""), "a bundler runs");
      Deno.kill(Number(pid), isBoth ? "SIGINT" : "SIGKILL");
      if (isBoth) process.kill("SIGINT");
      const { code } = await within(process.status, "the command ends");
      await process.stdout.cancel();
      assertEquals({ code, err: withoutDocs(await err) }, expected);
    });
  }
});

Deno.test("a run that is canceled while its program is built says so", async (t) => {
  await using folder = await makeFolder({
    "b.sh": SILENT_BUNDLER,
    "m.ts": 'export const task = () => { throw new Error("no"); };',
  });
  const { path } = folder, pidFile = `${path}/pid`;
  await Deno.chmod(`${path}/b.sh`, 0o755);
  const started = command("map m.ts#task ::: 1", { cwd: path, env: {} }, "null");
  await Promise.all([started.status, started.stdout.cancel(), started.stderr.cancel()]);
  await Deno.writeTextFile(`${path}/m.ts`, "export const task = () => 1;");
  for (const start of ["local(job((x: number) => x, { argsList: 1 }))", 'retry("last")']) {
    await t.step(start, async () => {
      await Deno.remove(pidFile).catch(() => {});
      const code = `import { job, local, retry } from "${LIBRARY}";
const run = ${start};
Deno.addSignalListener("SIGINT", () => run.cancel());
await run.then(console.log, ({ name, message }) => console.log(name, message));
Deno.exit();`;
      await Deno.writeTextFile(`${path}/s.ts`, code);
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "s.ts"],
        cwd: path,
        env: { TMPDIR: path, ESBUILD_BINARY_PATH: `${path}/b.sh` },
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const said = new Response(process.stdout).text();
      const pid = await until(() => Deno.readTextFile(pidFile).catch(() => ""), "a bundler runs");
      Deno.kill(Number(pid), "SIGINT");
      process.kill("SIGINT");
      await within(process.status, "the script ends");
      assertEquals(await said, "UsageError Cannot start the job: it was stopped before\n");
    });
  }
});

/** An interpreter that reads nothing. */
const SILENT_PYTHON =
  '#!/bin/sh\necho $$ > "$TMPDIR/pid.new"\nmv "$TMPDIR/pid.new" "$TMPDIR/pid"\n' +
  "exec sleep 600\n";

Deno.test({
  name: `Ctrl-C ends the command, also when its Python ends first${skipSuffix(whyNoPython)}`,
  ignore: whyNoPython !== undefined,
  fn: async (t) => {
    const method = (last: string) =>
      "import os, signal, time\ndef all():\n    with open('pid.new', 'w') as f: print(os.getpid(), " +
      `file=f)\n    os.rename('pid.new', 'pid')\n    ${last}\n    time.sleep(600)\n`;
    const cases = [
      ["its start", "map m.py#f ::: 1 --python ./p.sh", ""],
      ["a run method", "run m.all", "pass"],
      ["a run method, by the signal", "run m.all", "signal.signal(signal.SIGINT, signal.SIG_DFL)"],
    ] as const;
    for (const [name, args, last] of cases) {
      await t.step(name, async () => {
        const files = { "m.py": "def f(x): return x\n", "run/m.py": method(last) };
        await using folder = await makeFolder({ ...files, "p.sh": SILENT_PYTHON });
        const { path } = folder, pidFile = `${path}/pid`;
        await Deno.chmod(`${path}/p.sh`, 0o755);
        const process = command(args, { cwd: path, env: { TMPDIR: path } }, "null");
        const err = new Response(process.stderr).text();
        const pid = Number(
          await until(() => Deno.readTextFile(pidFile).catch(() => ""), "Python runs"),
        );
        Deno.kill(pid, "SIGINT");
        await until(() => isEnded(pid), "Python ends");
        // The command also sees this end first.
        await delay(100);
        process.kill("SIGINT");
        const { code } = await within(process.status, "the command ends");
        await process.stdout.cancel();
        assertEquals({ code, err: withoutDocs(await err) }, { code: 130, err: INTERRUPTED });
      });
    }
  },
});

function isEnded(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}

/** Returns the names in a folder, without the folder of jobs, which may be empty. */
function listed(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name !== ".dl_jobs").sort();
}
