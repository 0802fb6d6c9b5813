/**
 * Hostile modules from the network, bundled and run as a job does.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { toFileUrl } from "../../../lib/util/paths.ts";
import { workerCommand } from "../../../lib/worker/command.ts";
import { assertEquals } from "../../support/assert.ts";
import { useEnv } from "../../../lib/util/env.ts";
import { endOf, enterFolder } from "../../support/jobs.ts";
import { makeDenoDir } from "../../support/server.ts";
import { hostileSites, type Site } from "./remote_corpus.ts";

const SECRET = "the-secret";
const CODE = `export const secret = "${SECRET}"; export const task = () => secret;`;
const FILES = {
  "deno.json": JSON.stringify({
    imports: { mapped: "./secret.js", "#mapped": "./secret.js", "folder/": "./" },
  }),
  "secret.txt": SECRET,
  "secret.css": SECRET,
  "secret.wasm": SECRET,
  "secret.json": JSON.stringify({ sources: [SECRET], version: 3, mappings: "" }),
  "secret.js": CODE,
  "a secret.js": CODE,
  "posts.js": `postMessage("${SECRET}");`,
  "jsx-runtime": `export const jsx = () => "${SECRET}";`,
  "jsx-runtime.js": `export const jsx = () => "${SECRET}";`,
  ".dl_jobs/1/job.json": JSON.stringify(SECRET),
};
const AT_ONCE = 4;

Deno.test("a module from the network gets no local file and no other host", async () => {
  await using folder = await enterFolder(FILES);
  using _cache = await useDenoDir(`${folder.path}/deno`);
  await using server = serveSites();
  const targets = { files: toFileUrl(folder.path), path: folder.path };
  const sites = Object.entries(hostileSites({ ...targets, ...server }));
  const leaks: string[] = [], rest = sites.entries();
  const attackSome = async () => {
    for (const [id, [name, site]] of rest) {
      server.sites.set(String(id), site);
      const attacked = () =>
        attack(`${server.host}/${id}/main.ts`, `${folder.path}/.dl_jobs/${id}`);
      // Deno follows a redirect to a local file only from its cache.
      const isMoved = Object.values(site).some((file) => typeof file !== "string");
      const learned = (isMoved ? await attacked() : "") + await attacked();
      if (learned.includes(SECRET)) leaks.push(name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attackSome));
  assertEquals(leaks, []);
  const isForeign = (url: string) => url.includes(SECRET) || !url.startsWith(server.host);
  assertEquals(server.requests.filter(isForeign), []);
});

Deno.test("a module from the network runs as Deno runs it", async () => {
  await using folder = await enterFolder();
  using _cache = await useDenoDir(`${folder.path}/deno`);
  await using server = serveSites();
  server.sites.set("1", {
    "main.ts": { redirect: "@OWN/v2/main.ts" },
    "v2/main.ts": `
      import { a } from "./parts/a.ts";
      import data from "../data.json" with { type: "json" };
      import { moved } from "/1/old.ts";
      import { join } from "node:path";
      import fs from "fs";
      export const task = async () => [
        a, data.b, moved, join("c", "d"), typeof fs.statSync,
        (await import("./parts/e.js")).e, import.meta.url.split("/").slice(3).join("/"),
      ];`,
    "v2/parts/a.ts": `export { a } from "./deep/a.tsx";`,
    "v2/parts/deep/a.tsx": `export const a: string = "a";`,
    "v2/parts/e.js": `export const e = "e";`,
    "data.json": `{ "b": "b" }`,
    "old.ts": { redirect: "@OWN/new.ts" },
    "new.ts": `export const moved = import.meta.url.split("/").at(-1);`,
  });
  const out = await attack(`${server.host}/1/main.ts`, `${folder.path}/.dl_jobs/1`);
  assertEquals(
    out.split("\n").filter((line) => line.startsWith("[")),
    [JSON.stringify(["a", "b", "new.ts", "c/d", "function", "e", "1/v2/main.ts"])],
    out,
  );
});

/** Bundles and runs a module. Returns everything that the program and its output contain. */
async function attack(module: string, folder: string): Promise<string> {
  const permissions = [`--allow-import=${new URL(module).host}`];
  const build = () => bundleTask({ module, method: "task" }, { permissions });
  try {
    const { code } = await build();
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/bundle.js`, code);
    const map = code.split("base64,").at(-1)!.split("\n", 1).join();
    return [code, atob(map), await run(`${folder}/bundle.js`, permissions)].join("\n");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

/** Runs one task of a program. Returns its output. */
async function run(bundle: string, permissions: readonly string[]): Promise<string> {
  const command = workerCommand(bundle, { permissions, options: '{"plain":true}' });
  const { args, env } = command;
  const process = new Deno.Command(Deno.execPath(), {
    args,
    env: { ...env, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { stdout, stderr } = await endOf(process, "1\n");
  return `${stdout}\n${stderr}`;
}

/** A server for hostile modules, with a folder for each. */
interface SiteServer extends AsyncDisposable {
  /** The address of the server. */
  readonly host: string;
  /** The address of the folder of a module. The server replaces `@SITE` in each text. */
  readonly own: string;
  /** The address of the same folder on another host. */
  readonly other: string;
  /** The modules by the names of their folders. */
  readonly sites: Map<string, Site>;
  /** The addresses that were requested. */
  readonly requests: string[];
}

function serveSites(): SiteServer {
  const sites = new Map<string, Site>(), requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    requests.push(url);
    const [, id = "", ...name] = new URL(url).pathname.split("/");
    const file = sites.get(id)?.[name.join("/")];
    if (file === undefined) return new Response(null, { status: 404 });
    if (typeof file === "string") {
      return new Response(file.replaceAll("@SITE", id), {
        headers: { "content-type": typeOf(url) },
      });
    }
    const location = file.redirect.replaceAll("@SITE", id)
      .replaceAll("@OWN", url.split("/", 4).join("/"));
    return new Response(null, { status: 302, headers: { location } });
  });
  const { port } = server.addr;
  return {
    host: `http://127.0.0.1:${port}`,
    own: `http://127.0.0.1:${port}/@SITE`,
    other: `http://localhost:${port}/@SITE`,
    sites,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function typeOf(url: string): string {
  return url.endsWith(".json") ? "application/json" : "application/typescript";
}

/** Makes an empty folder the cache of Deno until disposal. */
async function useDenoDir(path: string): Promise<Disposable> {
  return useEnv({ DENO_DIR: await makeDenoDir(path) });
}
