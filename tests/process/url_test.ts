/**
 * The library and the command from an address, with an empty home.
 *
 * @module
 */

import { dirname } from "node:path";
import { makeFolder } from "../../tools/support/files.ts";
import { endOf, kill } from "../support/jobs.ts";
import { serveProject } from "../support/server.ts";
import { assertEquals } from "../support/assert.ts";
import config from "../../deno.json" with { type: "json" };

/** A command, its input and its expected output. */
interface Case {
  readonly args: readonly string[];
  readonly input?: string;
  readonly out?: string;
  /** The whole text on stderr. Not checked when absent. */
  readonly err?: string;
  /** @default {0} */
  readonly code?: number;
}

/** The files of a user who imports the library from a URL. */
const projectFiles = (base: string) => ({
  "script.ts": `
    import { Job } from "${base}/mod.ts";
    const job = new Job<number>({
      fn: (x: number) => x * 2, argsList: [1, 2, 3], ordered: true, noisy: false,
    });
    for await (const twice of job.run()) console.log(twice);`,
  "run/tiles.ts": `
    import { attempt, Job } from "dl_jobs";
    import { copyUpdate } from "${base}/mod.ts";
    export const area = ({ n }: { n: string }) =>
      new Job({ moduleName: import.meta.url, methodName: "measure", argsList: Number(n) });
    export const measure = attempt((x: number) => copyUpdate({ size: 10 }, "x", x));`,
  "absent.ts": `
    import { x } from "${base}/site/none.ts";
    export const task = x;`,
});
const SITE: Readonly<Record<string, string>> = {
  "tiles.ts": `
    import { asJson, Job } from "dl_jobs";
    import { twice } from "./parts/twice.js";
    export const area = ({ n }: { n: string }) =>
      new Job({ moduleName: import.meta.url, methodName: "measure", argsList: Number(n) });
    export const measure = asJson((x: number) => ({ twice: twice(x) }));`,
  "parts/twice.js": "export const twice = (x) => x * 2;",
  "absent.ts": `import "./none.ts"; export const task = () => 1;`,
  "spy.ts": `import secret from "file:///etc/secret.js"; export const task = () => secret;`,
};

Deno.test("dl_jobs works from a URL, with an empty home and no deno.json", async (t) => {
  await using home = await makeFolder();
  await using server = serveProject(SITE);
  const { base } = server;
  await using project = await makeFolder(projectFiles(base));
  const run = (program: string, args: readonly string[], input = "") =>
    runIn(project.path, home.path, program, args, input);
  const check = async (program: string, args: readonly string[], { input, ...said }: Case) => {
    const { code, out, err } = await run(
      program,
      [...args, ...said.args],
      input?.replaceAll(" ", "\n"),
    );
    assertEquals(
      { out: sorted(out), code, err: said.err === undefined ? undefined : err },
      { out: sorted(said.out ?? ""), code: said.code ?? 0, err: said.err },
      err,
    );
  };
  const deno = Deno.execPath(), installed = `${home.path}/.deno/bin/dl_jobs`;
  const fromUrl = ["run", "-A", "--quiet", `${base}/cli.ts`];

  await t.step("a script", () => check(deno, ["run", "-A"], { args: ["script.ts"], out: "2 4 6" }));
  await t.step(
    "the types of a script",
    () => check(deno, ["check", "--quiet", "--allow-import"], { args: ["script.ts"] }),
  );
  await t.step("the command", async (t) => {
    for (const { args, ...said } of commands(base)) {
      const test = () => check(deno, fromUrl, { args, ...said });
      await t.step(args.join(" "), test);
    }
  });
  await t.step("a job that was killed is resumed", async () => {
    await run(deno, [...fromUrl, "map", "run/tiles.ts#measure"], "1\n2\n3");
    const folder = `${project.path}/.dl_jobs`;
    const last = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().at(-1)!;
    kill(`${folder}/${last}`, { events: ({ id }) => id === 0 });
    const out = '{"size":10,"x":1} {"size":10,"x":2} {"size":10,"x":3}';
    assertEquals((await run(deno, [...fromUrl, "resume", last])).code, 0);
    await check(deno, fromUrl, { args: ["results", last, "--ordered"], out });
  });
  await t.step("a session, and a job that outlives it", async () => {
    const entries = `
      const twice = job((x: number) => x * 2, { argsList: [1, 2, 3], ordered: true })
      const handle = await submit(twice)
      (await results(handle)).join("-")`;
    const { code, out, err } = await run(deno, [...fromUrl, "repl"], entries);
    assertEquals([code, out.includes("2-4-6")], [0, true], out + err);
  });
  await t.step("a missing module is reported in one sentence", async (t) => {
    // No server has this port.
    for (const { args, ...said } of missing(base, "http://127.0.0.1:1")) {
      const test = () => check(deno, fromUrl, { args, input: "1", ...said });
      await t.step(args.join(" "), test);
    }
  });
  await t.step("deno install", async () => {
    const { code, err } = await run(deno, ["install", "-g", "-A", "-n", "dl_jobs", fromUrl[3]!]);
    assertEquals(code, 0, err);
  });
  await server.shutdown();
  await t.step("the installed command works without the server", async (t) => {
    for (const { args, ...said } of commands(base)) {
      await t.step(args.join(" "), () => check(installed, [], { args, ...said }));
    }
  });
});

function commands(base: string): Case[] {
  const { deno, v8 } = Deno.version;
  return [
    { args: ["--version"], out: `dl_jobs ${config.version} deno ${deno} v8 ${v8}` },
    { args: ["run", "tiles.area", "n=2"] },
    { args: ["results"], out: '{"size":10,"x":0} {"size":10,"x":1}' },
    { args: ["map", "run/tiles.ts#measure"], input: "7", out: '{"size":10,"x":7}' },
    { args: ["map", `${base}/site/tiles.ts#measure`], input: "4", out: '{"twice":8}' },
    { args: ["run", "-A", `${base}/site/tiles.ts#area`, "n=3"] },
    { args: ["report", "last", "--out", "job.html"] },
  ];
}

function missing(base: string, down: string): Case[] {
  const notThere = "the server answered 404, check the address";
  const site = `${base}/site`;
  const cases: [args: string[], said: string][] = [
    [["map", `${site}/none.ts`], `load ${site}/none.ts: ${notThere}`],
    [["run", "-A", `${site}/none.ts#area`], `load ${site}/none.ts: ${notThere}`],
    [
      ["map", `${site}/tiles.ts`],
      `find "task" in ${site}/tiles.ts: it exports area, measure, write ${site}/tiles.ts#NAME`,
    ],
    [["map", `${site}/absent.ts`], `load ${site}/absent.ts:1:8: ${site}/none.ts: ${notThere}`],
    [["map", "absent.ts"], `load absent.ts:2:23: ${site}/none.ts: ${notThere}`],
    [["map", `${down}/tiles.ts`], `load ${down}/tiles.ts: the download failed, check the address`],
    [
      ["map", `${site}/spy.ts`],
      `load ${site}/spy.ts:1:20: A module from the network cannot import the local file "file:///etc/secret.js"`,
    ],
  ];
  return cases.map(([args, said]) => ({ args, err: `Error: Cannot ${said}\n`, code: 2 }));
}

async function runIn(
  cwd: string,
  home: string,
  program: string,
  args: readonly string[],
  input: string,
) {
  const process = new Deno.Command(program, {
    args: [...args],
    cwd,
    env: {
      HOME: home,
      DENO_DIR: `${home}/deno`,
      DENO_INSTALL_ROOT: `${home}/.deno`,
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      DL_JOBS_NOISY: "false",
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout: out, stderr: err } = await endOf(process, input + "\n");
  return { code, out, err };
}

/** Sorts the lines, because tasks end in any order. */
function sorted(text: string): string[] {
  return text.split(/\s+/).filter((line) => line !== "").sort();
}
