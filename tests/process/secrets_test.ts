/**
 * The values of environment variables: which processes and files can see them.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../support/assert.ts";
import { useEnv } from "../../lib/util/env.ts";
import { cli, endOf, enterFolder, readBelow, recordOf, startCli, walk } from "../support/jobs.ts";
import { findJob } from "../../lib/job_dir/find.ts";
import { submitJob } from "../../lib/job/run/submit.ts";
import { readRecord } from "../../lib/job_dir/record.ts";
import { makeReport } from "../../lib/web/report.ts";
import { UiServer } from "../../lib/web/server.ts";
import { until } from "../../tools/support/until.ts";

const SECRET = 's3cret/of "this" job';
const TASK = `
  export const task = (x: number) => {
    const token = Deno.env.get("TOKEN") ?? "none";
    console.log("stdout", token);
    console.error("stderr", encodeURIComponent(token));
    if (x > 1) throw new Error("refused " + token, { cause: token });
    return token.length;
  };`;
const FILES = { "work.ts": TASK, "list.ndjson": "0\n1\n2\n3\n" };
const MAP = [
  "map",
  "work.ts",
  "list.ndjson",
  "--save-results",
  "--max-attempts",
  "2",
  "--backoff",
  "0",
];

/** Returns the paths of all files below a folder that contain a part of the secret. */
function leaksIn(folder: string): string[] {
  return [...readBelow(folder)].filter(([, text]) => text.includes("s3cret")).map(([path]) => path);
}

Deno.test("no file of a job contains a value, and no message shows it", async () => {
  await using folder = await enterFolder(FILES);
  const passed = await cli([...MAP, "--env", "TOKEN"], { env: { TOKEN: SECRET } });
  const results = `${SECRET.length}\n`.repeat(2);
  assertEquals([passed.code, passed.stdout], [1, results], passed.stderr);
  assertMatch(passed.stderr, /stdout \*\*\*\n/);
  assertMatch(passed.stderr, /refused \*\*\*/);
  const { env, options } = recordOf(findJob()) as { env: unknown; options: { env: unknown } };
  assertEquals([env, options.env], [{ TOKEN: "environment" }, {}]);
  await Deno.writeTextFile("report.html", await makeReport(findJob()));
  assertEquals(leaksIn(folder.path), []);
  assertEquals(passed.stderr.includes("s3cret"), false);
});

Deno.test("the folder of jobs is private, whatever the umask is", async () => {
  await using _folder = await enterFolder({ ...FILES, "run/w.ts": TASK });
  const run = ['umask 000; exec "$0" "$@"', Deno.execPath(), "run", "-A", "--no-check"];
  const args = [new URL("../../cli.ts", import.meta.url).pathname, ...MAP, "--env", "TOKEN=x"];
  await new Deno.Command("sh", { args: ["-c", ...run, ...args], stderr: "null" }).output();
  await new Deno.Command("sh", {
    args: ["-c", ...run, args[0]!, "retry", "--env", "TOKEN=y"],
    stderr: "null",
  }).output();
  const modes = walk(".dl_jobs").map((path) => [path, Deno.statSync(path).mode! & 0o077] as const);
  assertEquals(modes.filter(([, mode]) => mode !== 0), []);
  assertEquals(modes.length > 8, true);
  assertEquals(Deno.statSync(".dl_jobs").mode! & 0o777, 0o700);
  assertEquals(await Deno.readTextFile(".dl_jobs/.gitignore"), "*\n");
});

Deno.test("a folder of an older version becomes private once", async () => {
  await using _folder = await enterFolder(FILES);
  await Deno.mkdir(".dl_jobs");
  await Deno.chmod(".dl_jobs", 0o755);
  await cli([...MAP, "-q"]);
  assertEquals(Deno.statSync(".dl_jobs").mode! & 0o777, 0o700);
  await Deno.chmod(".dl_jobs", 0o750);
  await cli([...MAP, "-q"]);
  assertEquals(Deno.statSync(".dl_jobs").mode! & 0o777, 0o750);
});

Deno.test("a job that runs again asks for its values", async (t) => {
  await using _folder = await enterFolder({
    ...FILES,
    "secrets.env": `TOKEN='${SECRET}'\n`,
    "other.env": "TOKEN=changed-value\n",
  });
  const first = await cli([...MAP, "--env", `TOKEN=${SECRET}`, "--env", "LEVEL=low"]);
  assertEquals(first.code, 1, first.stderr);
  const { id } = readRecord(findJob());
  const fix = () => Deno.writeTextFile("work.ts", TASK.replace("x > 1", "x > 2"));
  await t.step("and names what is missing", async () => {
    assertEquals(await cli(["retry"]), {
      code: 2,
      stdout: "",
      stderr: `Error: Cannot run job ${id} again: the values of TOKEN, LEVEL are not recorded, ` +
        "pass them with --env TOKEN=VALUE or --env-file FILE, or set them in the environment\n",
    });
    const { code, stderr } = await cli(["replay", "last", "0", "--env", "LEVEL=x"]);
    assertEquals(code, 2);
    assertMatch(stderr, /the values of TOKEN are not recorded/);
  });
  await t.step("but not when nothing is pending", async () => {
    const { code, stderr } = await cli(["resume"]);
    assertEquals([code, stderr.split("\n")[0]], [1, `No task of job ${id} is pending`], stderr);
    assertEquals(readRecord(findJob()).env, { TOKEN: "given", LEVEL: "given" });
  });
  await t.step("replay", async () => {
    const given = ["--env-file", "other.env", "--env", "LEVEL=x"];
    const { stdout } = await cli(["replay", "last", "0", ...given]);
    assertMatch(stdout, /13/);
  });
  await t.step("retry", async () => {
    await fix();
    const { code, stderr } = await cli(["retry", "--env-file", "secrets.env"], {
      env: { LEVEL: "mid" },
    });
    assertEquals(code, 1);
    assertMatch(stderr, /LEVEL: read from the environment, because values are not recorded/);
    assertEquals(stderr.includes("s3cret"), false);
    const results = await Deno.readTextFile(walk("results")[0]!);
    assertEquals(results, `${SECRET.length}\n`.repeat(3));
  });
});

Deno.test("values from a file and from the config file are read again", async () => {
  await using _folder = await enterFolder({
    ...FILES,
    ".env": "TOKEN=from-the-file\nOTHER=1\n",
    "dl_jobs.config.yaml": "env: { LEVEL: 1.10 }\n",
    "work.ts": TASK.replace('"refused "', 'Deno.env.get("LEVEL") + " refused "'),
  });
  await cli([...MAP, "--env-file", ".env"]);
  const record = recordOf(findJob());
  assertEquals(record.env, { TOKEN: "file", OTHER: "file", LEVEL: "config" });
  const { code, stderr } = await cli(["retry"]);
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /1\.10 refused \*\*\*/);
});

Deno.test("a submitted job receives its values by a pipe", async () => {
  await using folder = await enterFolder({
    "dl_jobs.config.yaml": "engine: local\n",
    "wait.ts": `export const task = async () => {
      while (!await Deno.stat("go").then(() => true, () => false)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return Deno.env.get("TOKEN")!.length;
    };`,
  });
  const job = {
    name: "wait",
    options: { moduleName: "./wait.ts", argsList: 1, env: { TOKEN: SECRET, PATH: "/nowhere" } },
  };
  const jobFolder = await submitJob(job);
  assertEquals(commandLines().filter((line) => line.includes("s3cret")), []);
  await Deno.writeTextFile("go", "");
  await until(() => readRecord(jobFolder).ended !== undefined, "the job has ended");
  assertEquals(readRecord(jobFolder).state, "succeeded");
  assertEquals(leaksIn(folder.path), []);
});

/** Returns the command lines of all processes, as every user of a machine can read them. */
function commandLines(): string[] {
  if (Deno.build.os !== "linux") return [];
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => {
    try {
      return /^\d+$/.test(name) ? Deno.readTextFileSync(`/proc/${name}/cmdline`) : "";
    } catch {
      return "";
    }
  });
}

Deno.test("the page runs a job again only with its values, and says which code runs", async () => {
  await using folder = await enterFolder(FILES);
  await cli([...MAP, "-q", "--env", `TOKEN=${SECRET}`]);
  await using server = await UiServer.start({ cwd: folder.path });
  const { id } = readRecord(findJob());
  const retry = async () => {
    const answer = await fetch(`${server.address}jobs/${id}/retry`, {
      method: "POST",
      headers: { origin: new URL(server.address).origin },
    });
    return [answer.status, await answer.json()] as const;
  };
  const [status, { error }] = await retry();
  assertEquals(status, 409);
  assertMatch(error, /^Cannot run job .* again: the values of TOKEN are not recorded/);
  using _env = useEnv({ TOKEN: "short" });
  await Deno.writeTextFile("work.ts", TASK.replace("x > 1", "x > 5"));
  const [ok, { note }] = await retry();
  assertEquals(ok, 200);
  assertMatch(note, /^retry runs the current code: work\.ts changed since .*/);
  await until(() => readRecord(findJob()).state === "succeeded", "the job has ended");
});

Deno.test("ui --open keeps the token off command lines", async () => {
  await using folder = await enterFolder({
    "bin/xdg-open": '#!/bin/sh\nprintf "%s" "$*" > opened.part && mv opened.part opened\n',
  });
  await Deno.chmod("bin/xdg-open", 0o755);
  const ui = startCli(["ui", "--open"], {
    env: { PATH: `${folder.path}/bin:${Deno.env.get("PATH")}` },
  });
  const opened = () => Deno.readTextFileSync("opened");
  await until(() => walk(".").includes("./opened"), "the browser is open");
  const { pathname, protocol } = new URL(opened());
  assertEquals([protocol, Deno.statSync(pathname).mode! & 0o777], ["file:", 0o600]);
  const [, address = "", token = ""] =
    /url=(http:\/\/127\.0\.0\.1:\d+\/([0-9a-f]{32})\/)"/.exec(await Deno.readTextFile(pathname)) ??
      [];
  assertEquals(commandLines().filter((line) => line.includes(token)), []);
  assertEquals((await fetch(address).then((page) => page.text())).startsWith("<!doctype"), true);
  ui.kill("SIGTERM");
  const { stderr } = await endOf(ui);
  assertEquals(stderr.includes(address), true);
  assertEquals(walk(".dl_jobs").sort(), [".dl_jobs/.gitignore", ".dl_jobs/ui.json"]);
});

Deno.test("stdin is either the list or the variables", async () => {
  await using _folder = await enterFolder(FILES);
  const both = await cli(["map", "work.ts", "-", "--env-file", "-"], { input: "TOKEN=abcdefgh\n" });
  assertEquals(both, {
    code: 2,
    stdout: "",
    stderr: "Error: Cannot read the list and --env-file from stdin: name a file for one of them\n",
  });
  const { code, stderr } = await cli([...MAP, "--env-file", "-"], { input: "TOKEN=abcdefgh\n" });
  assertEquals(code, 1);
  assertMatch(stderr, /refused \*\*\*/);
  assertMatch((await cli(["retry"])).stderr, /the values of TOKEN are not recorded/);
});
