/**
 * The context of functions on the platform: files, checkpoints and data, in each language.
 *
 * @module
 */

import type { JobOptions } from "../../../lib/job/options/options.ts";
import { assertEquals } from "../../support/assert.ts";
import { bare, enterFolder, readBelow, readEvents, runJob } from "../../support/jobs.ts";
import { usePlatform, whyNot } from "../../support/platform.ts";
import { skipSuffix } from "../../support/programs.ts";

// A file is moved to `ctx.dir` as a whole, because the platform reads the folder at any time.
const FILES = {
  "work.ts": `import type { TaskContext } from "dl_jobs";

export function writes(name: string, ctx: TaskContext) {
  const size = name === "large" ? 1_200_000 : 10;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 60_000) {
    crypto.getRandomValues(bytes.subarray(at, at + 60_000));
  }
  Deno.mkdirSync(\`\${ctx.dir}/below\`, { recursive: true });
  const whole = Deno.makeTempFileSync({ dir: \`\${ctx.dir}/..\` });
  Deno.writeFileSync(whole, bytes);
  Deno.renameSync(whole, \`\${ctx.dir}/below/\${name}\`);
  return name;
}

export function continues(rows: number, ctx: TaskContext) {
  const first = ctx.checkpoint.last as number | undefined ?? 0;
  if (first === 0) {
    ctx.checkpoint.save(rows / 2);
    throw new Error("half");
  }
  return [first, ctx.attempt, ctx.job !== ""];
}

export function runs(program: string) {
  return new TextDecoder().decode(new Deno.Command(program).outputSync().stdout);
}
`,
  "work.py": `import os
import subprocess


def writes(name, ctx):
    size = 1_200_000 if name == "large" else 10
    os.makedirs(os.path.join(ctx.dir, "below"), exist_ok=True)
    whole = ctx.dir + "." + name
    with open(whole, "wb") as file:
        file.write(os.urandom(size))
    os.rename(whole, os.path.join(ctx.dir, "below", name))
    return name


def continues(rows, ctx):
    first = ctx.checkpoint.last or 0
    if first == 0:
        ctx.checkpoint.save(rows // 2)
        raise ValueError("half")
    return [first, ctx.attempt, ctx.job != ""]


def runs(program):
    return subprocess.run([program], stdout=subprocess.PIPE, check=True).stdout.decode()
`,
  "bin/tool": "#!/bin/sh\nprintf runs\n",
};

usePlatform();

for (const module of ["work.ts", "work.py"]) {
  const test = (claim: string, fn: () => Promise<void>) =>
    Deno.test({
      name: `compute, ${module}: ${claim}${skipSuffix(whyNot)}`,
      ignore: whyNot !== undefined,
      fn: async () => {
        await using _folder = await enterFolder(FILES);
        await fn();
      },
    });
  const run = async (methodName: string, argsList: readonly unknown[], more: object = {}) => {
    const { paths: { folder } } = await runJob({
      ...{ moduleName: module, methodName, argsList, engine: "compute", isDev: false },
      ...{ workers: null, compute: "poll=0.05,maximum_concurrency=2", ...more },
    } as unknown as JobOptions);
    return folder;
  };

  test("the files of tasks are in the folder of the job, unless they are too large", async () => {
    const folder = await run("writes", ["a", "large", "b"], { chunk: 3, maxAttempts: 1 });
    const files = [...readBelow(`${folder}/files`).keys()].map((path) => path.slice(folder.length));
    assertEquals(files.sort(), ["/files/below/a", "/files/below/b"]);
    const message =
      "its files in ctx.dir have 1200000 bytes, and exceed the platform's limit for " +
      "a result, 1000000 bytes when compressed: write them to a storage of your own and return " +
      "their addresses";
    const error = { message, type: "TooLong", class: "error" };
    assertEquals(byId(folder), [
      { id: 0, attempt: 1, type: "succeeded", result: "a" },
      { id: 1, attempt: 1, type: "failed", error },
      { id: 2, attempt: 1, type: "succeeded", result: "b" },
    ]);
  });

  test("the next attempt continues from the checkpoint", async () => {
    const folder = await run("continues", [10, 20], { maxAttempts: 2 });
    const ends = byId(folder).filter(({ type }) => type === "succeeded");
    assertEquals(ends.map(({ result }) => result), [[5, 2, true], [10, 2, true]]);
  });

  test("a data file that is executable here can run there", async () => {
    await Deno.chmod("bin/tool", 0o755);
    const folder = await run("runs", ["bin/tool"], { data: ["bin/*"] });
    assertEquals(byId(folder).map(({ result }) => result), ["runs"]);
  });
}

interface Ended {
  readonly id: number;
  readonly attempt: number;
  readonly type: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Returns the events of a job in the order of the list. */
function byId(folder: string) {
  const events = bare(readEvents(folder)) as Ended[];
  return events.sort((a, b) => a.id - b.id);
}
