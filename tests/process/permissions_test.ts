import { permissionFlags } from "../../lib/config/permissions.ts";
import { UsageError } from "../../lib/util/errors.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import { enterFolder, readLines, runJob, withoutDocs } from "../support/jobs.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const TASK = `export async function task(what: string) {
  switch (what) {
    case "read": return await Deno.readTextFile("secret.txt");
    case "read what is allowed": return await Deno.readTextFile("data/open.txt");
    case "write": return await Deno.writeTextFile("data/new.txt", "");
    case "fetch": return (await fetch("http://127.0.0.1:9999/")).status;
    case "run": return (await new Deno.Command("true").output()).code;
    case "env": return Deno.env.get("PATH");
    case "env that is allowed": return Deno.env.get("LEVEL");
    case "sys": return Deno.hostname();
    case "nothing": return "done";
  }
}
`;
const FILES = { "task.ts": TASK, "secret.txt": "secret", "data/open.txt": "open" };
const WHATS = [...TASK.matchAll(/case "(.*?)"/g)].map(([, what]) => what!);
const REFUSED = {
  read: 'Requires read access to "secret.txt", run again with the --allow-read flag',
  write: 'Requires write access to "data/new.txt", run again with the --allow-write flag',
  fetch: 'Requires net access to "127.0.0.1:9999", run again with the --allow-net flag',
  run: 'Requires run access to "true", run again with the --allow-run flag',
  env: 'Requires env access to "PATH", run again with the --allow-env flag',
  sys: 'Requires sys access to "hostname", run again with the --allow-sys flag',
};
const ALLOWED = {
  "read what is allowed":
    'Requires read access to "data/open.txt", run again with the --allow-read flag',
  "env that is allowed": 'Requires env access to "LEVEL", run again with the --allow-env flag',
};

Deno.test("permissionFlags() returns permissions as Deno's flags", async (t) => {
  const cases: [Record<string, string>, string[]][] = [
    [{}, []],
    [{ read: "true" }, ["--allow-read"]],
    [{ read: "data,/tmp", net: "example.com", run: "false", env: "" }, [
      "--allow-read=data,/tmp",
      "--allow-net=example.com",
    ]],
    [{ all: "true", read: "data" }, ["--allow-all"]],
  ];
  for (const [permissions, flags] of cases) {
    await t.step(JSON.stringify(permissions), () => {
      assertEquals(permissionFlags(permissions), flags);
    });
  }
  assertEquals(permissionFlags(null), ["--allow-all"], "what this process may");
  assertThrows(
    () => permissionFlags({ disk: "true" }),
    UsageError,
    'Cannot use the permission "disk": write one of ' +
      "read, write, net, env, run, sys, ffi, import, all",
  );
});

Deno.test("a task has the permissions that were granted, and no others", async () => {
  const { code, results, errors } = await mapWith(
    "task.ts",
    ["--allow-read=data", "--allow-env=LEVEL", "--env", "LEVEL=debug"],
  );
  assertEquals(results, ["debug", "done", "open"]);
  assertEquals(errors, REFUSED);
  assertEquals(code, 1);
});

Deno.test("a task from a URL has no permissions unless they were granted", async (t) => {
  await using server = serve(TASK);
  await t.step("nothing", async () => {
    const { results, errors } = await mapWith(server.url, ["--env", "LEVEL=debug"]);
    assertEquals(results, ["done"]);
    assertEquals(errors, { ...REFUSED, ...ALLOWED });
  });
  await t.step("--allow-read", async () => {
    const { results } = await mapWith(server.url, ["--allow-read=data"]);
    assertEquals(results, ["done", "open"]);
  });
  await t.step("-A", async () => {
    const { results, errors } = await mapWith(server.url, ["-A", "--env", "LEVEL=debug"]);
    assertEquals(results.filter((result) => ["debug", "done", "open", "secret"].includes(result)), [
      "debug",
      "done",
      "open",
      "secret",
    ]);
    // No server listens at that address.
    assertEquals(Object.keys(errors), ["fetch"]);
  });
});

const OWN_FILES = `export const task = (trick: number) => {
  const store = Deno.cwd() + "/.dl_jobs", job = "cache";
  switch (trick) {
    case 0: return Deno.readTextFileSync(".dl_jobs/" + job + "/job.json");
    case 1: return [...Deno.readDirSync(".dl_jobs")].length;
    case 2: return Deno.writeTextFileSync(".dl_jobs/cache/x", "");
    case 3: return Deno.removeSync(".dl_jobs", { recursive: true });
    case 4: return Deno.renameSync(".dl_jobs", "moved");
    case 5: return Deno.copyFileSync(".dl_jobs/cache", "copied");
    case 6: return Deno.symlinkSync(store, "link");
    case 7: return Deno.readTextFileSync("/proc/self/cwd/.dl_jobs/history");
    case 8: return Deno.linkSync(".dl_jobs/" + job + "/job.json", "hard");
    case 9: return Deno.chdir(".dl_jobs");
    default: return Deno.readTextFileSync("data/open.txt");
  }
};
`;

Deno.test("a limited task reaches no folder of a job", async (t) => {
  const tricks = Array.from({ length: 11 }, (_, trick) => trick);
  for (const flags of [["--allow-read=.", "--allow-write=."], ["--allow-read", "--allow-write"]]) {
    await t.step(flags.join(" "), async () => {
      await using folder = await makeFolder({
        ...FILES,
        "own.ts": OWN_FILES,
        ".dl_jobs/history": "",
        "in.ndjson": tricks.map((trick) => `${trick}\n`).join(""),
      });
      const { stdout } = await dlJobs(folder.path, ["map", "own.ts", "in.ndjson", ...flags]);
      assertEquals(stdout, '"open"\n');
    });
  }
});

Deno.test("a package from a registry is limited as a URL is", async (t) => {
  await using folder = await makeFolder({ ...FILES, "in.ndjson": "1\n" });
  const code = "data:text/javascript,export const task=()=>Deno.readTextFileSync('secret.txt')";
  await t.step("its task has no permissions", async () => {
    const { code: status, stderr } = await dlJobs(folder.path, ["map", code, "in.ndjson"]);
    const said = '  failed  task 0 (in.ndjson:1): NotCapable: Requires read access to "secret.txt"';
    assertEquals([status, stderr.includes(said)], [1, true], stderr);
  });
  for (const name of ["npm:ms@2.1.3", "jsr:@std/collections@1.1.3", code]) {
    await t.step(`${name} is not run in this process`, async () => {
      const inline = ["map", `${name}#task`, "in.ndjson", "--engine", "inline"];
      const said = (why: string) =>
        `Error: Cannot run ${name}${why}, pass --allow-all if you trust it\n`;
      assertEquals(
        (await dlJobs(folder.path, inline)).stderr,
        said(" inline: it would run in this process, with all its permissions"),
      );
      assertEquals(
        (await dlJobs(folder.path, ["run", `${name}#task`])).stderr,
        said(": a run method runs in this process, with all its permissions"),
      );
    });
  }
});

Deno.test("a task from a URL is not run in this process unless it is trusted", async () => {
  await using server = serve("export const task = () => { throw new Error('it ran'); };\n");
  await using folder = await makeFolder({ "in.ndjson": "1\n" });
  const inline = ["map", server.url, "in.ndjson", "--engine", "inline"];
  const { code, stderr } = await dlJobs(folder.path, inline);
  assertEquals(
    stderr.replace(/:\d+/, ""),
    "Error: Cannot run http://127.0.0.1/task.ts inline: it would run in this process, with all its " +
      "permissions, pass --allow-all if you trust it\n",
  );
  assertEquals(code, 2);
  const trusted = await dlJobs(folder.path, [...inline, "--allow-all", "--no-noisy"]);
  assertEquals(trusted.code, 1, trusted.stderr);
});

Deno.test("a limited task is not run in this process", async () => {
  await using folder = await makeFolder({ ...FILES, "in.ndjson": '"nothing"\n' });
  const inline = ["map", "task.ts", "in.ndjson", "--engine", "inline"];
  assertEquals(await dlJobs(folder.path, [...inline, "--allow-read=data"]), {
    code: 2,
    stdout: "",
    stderr: "Error: Cannot limit permissions with --engine inline: the function runs in this " +
      "process, with all its permissions, use --engine local or pass --allow-all\n",
  });
  const { code, stdout } = await dlJobs(folder.path, [...inline, "--allow-all"]);
  assertEquals([code, stdout], [0, '"done"\n']);
});

Deno.test("a run method from a URL is not run unless it is trusted", async () => {
  await using server = serve("export const job = () => { throw new Error('it ran'); };\n");
  await using folder = await makeFolder();
  const { code, stderr } = await dlJobs(folder.path, ["run", server.url.replace("#task", "#job")]);
  const { host } = new URL(server.url);
  assertEquals(
    stderr,
    `Error: Cannot run http://${host}/task.ts: a run method runs in this process, with all its ` +
      "permissions, pass --allow-all if you trust it\n",
  );
  assertEquals(code, 2);
});

/**
 * Runs a task for each operation that needs a permission. Returns the error messages by operation.
 */
async function mapWith(task: string, flags: readonly string[]) {
  await using folder = await makeFolder({
    ...FILES,
    "in.ndjson": WHATS.map((what) => JSON.stringify(what) + "\n").join(""),
  });
  const args = ["map", task, "in.ndjson", "--no-noisy", "--no-results_timestamp", ...flags];
  const { code, stdout } = await dlJobs(folder.path, args);
  const errors = [...Deno.readDirSync(`${folder.path}/errors`)]
    .flatMap(({ name }) => readLines(`${folder.path}/errors/${name}`)).map((line) =>
      JSON.parse(line)
    );
  return {
    code,
    results: stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).map(String).sort(),
    errors: Object.fromEntries(errors.map(({ ARGS, ERROR }) => [ARGS, ERROR])),
  };
}

async function dlJobs(cwd: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", CLI, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: withoutDocs(text(stderr)) };
}

function serve(module: string): AsyncDisposable & { url: string } {
  const headers = { "content-type": "application/typescript" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(module, { headers }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/task.ts#task`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a task keeps exactly the permissions that were granted, next to the worker's socket", async (t) => {
  await using _folder = await enterFolder();
  const names = ["read", "write", "net", "env", "run"] as const;
  const fn = (names: Deno.PermissionName[]) =>
    names.map((name) => {
      // The socket is in this folder.
      const path = name === "read" || name === "write" ? "/tmp" : undefined;
      return Deno.permissions.querySync({ name, path } as Deno.PermissionDescriptor).state;
    }).join();
  const cases: [permissions: Record<string, string>, granted: string[]][] = [
    [{}, []],
    [{ net: "true" }, ["net"]],
    [{ read: "true" }, ["read"]],
    [{ write: "true", net: "example.com" }, ["write"]],
    [{ read: "/tmp", net: "true", run: "true" }, ["read", "net", "run"]],
    [{ write: "/tmp" }, ["write"]],
    [{ all: "true" }, [...names]],
  ];
  for (const [permissions, granted] of cases) {
    await t.step(JSON.stringify(permissions), async () => {
      const { paths } = await runJob({ fn, argsList: [names], permissions });
      const states = names.map((name) => granted.includes(name) ? "granted" : "prompt");
      assertEquals(readLines(paths.results), [JSON.stringify(states.join())]);
    });
  }
});
