/**
 * Jobs over each source whose controller is killed in the middle of the list.
 *
 * @module
 */

import { gzipSync, zstdCompressSync } from "node:zlib";
import { makeFolder } from "../../../tools/support/files.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { openDuckDb } from "../../support/parquet.ts";
import { command, dlJobs } from "../cli/commands.ts";

// The length of a list, the number that kills the controller, and what a stream sends before.
const COUNT = 12_000, KILLED = 7_000, READ = 8_000;

// Kills the controller once, in the middle of the list.
const MODULE = `
export const id = async (x: { id: string }) => {
  const id = Number(x.id ?? x);
  if (id === ${KILLED} && Deno.env.get("KILL") === "yes") {
    Deno.kill(Deno.ppid, "SIGKILL");
    await new Promise(() => {});
  }
  return id;
};
`;

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const csv = (from: number, to: number) => "id\n" + ids(from, to).join("\n") + "\n";
const json = (from: number, to: number) =>
  JSON.stringify(ids(from, to).map((id) => ({ id, name: "x".repeat(id % 50) })), null, 1);

/** Writes rows in groups of 2,048, the smallest number that DuckDB writes. */
async function parquet(folder: string, name: string, from: number, codec: string): Promise<string> {
  using db = await openDuckDb();
  const rows = `select i::int as id, 'é' || i as name from range(${from}, ${COUNT}) r(i)`;
  const options = `format parquet, compression ${codec}, row_group_size 2048`;
  await db.run(`copy (${rows}) to '${folder}/${name}' (${options})`);
  return name;
}

/** The lists that can be read again, each written to a folder. */
const LISTS: Readonly<Record<string, (folder: string) => string | Promise<string>>> = {
  "Parquet with snappy": (folder) => parquet(folder, "a.parquet", 0, "snappy"),
  "Parquet with zstd": (folder) => parquet(folder, "a.parquet", 0, "zstd"),
  "CSV in gzip": (folder) => put(folder, "a.csv.gz", gzipSync(csv(0, COUNT))),
  "JSON in zstd": (folder) => put(folder, "a.json.zst", zstdCompressSync(json(0, COUNT))),
  "several files": async (folder) => {
    const names = [
      put(folder, "a.csv", csv(0, 3000)),
      put(folder, "b.json.gz", gzipSync(json(3000, 6000))),
      put(folder, "c.txt", ids(6000, 9000).join("\n")),
      await parquet(folder, "d.parquet", 9000, "gzip"),
    ];
    return names.join(" ");
  },
};

function put(folder: string, name: string, content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  Deno.writeFileSync(`${folder}/${name}`, bytes);
  return name;
}

function map(list: string): string {
  return `map m.ts#id ${list} -q --workers 1 --env KILL -o out.ndjson`;
}

/** Resumes the job, and returns what it says, and its results in order. */
async function resumed(cwd: string): Promise<{ err: string; results: number[] }> {
  const { code, err } = await dlJobs("resume last -q", { cwd, env: { KILL: "no" } });
  assertEquals(code, 0, err);
  const text = await Deno.readTextFile(`${cwd}/out.ndjson`);
  return { err, results: text.trimEnd().split("\n").map(Number).sort((a, b) => a - b) };
}

Deno.test("a job that is killed in the middle of its list resumes, each element once", async (t) => {
  for (const [name, write] of Object.entries(LISTS)) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "m.ts": MODULE });
      const cwd = folder.path, list = await write(cwd);
      assertEquals((await dlJobs(map(list), { cwd, env: { KILL: "yes" } })).code, 137);
      assertEquals(await resumed(cwd), { err: "", results: ids(0, COUNT) });
    });
  }
});

/** A list whose end is sent only once the job was killed, so that it cannot have been read. */
class SlowList {
  #killed = Promise.withResolvers<void>();

  readonly end = this.#killed.resolve;

  async *chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const encoder = new TextEncoder();
    yield encoder.encode(ids(0, READ).join("\n") + "\n");
    await this.#killed.promise;
    yield encoder.encode(ids(READ, COUNT).join("\n") + "\n");
  }
}

/** Runs a job until it is killed, and checks that it resumes with what was read. */
async function checkStream(url: string | undefined, list: SlowList): Promise<void> {
  await using folder = await makeFolder({ "m.ts": MODULE });
  const cwd = folder.path, stdin = url === undefined ? "piped" : "null";
  const job = command(map(url ?? "-"), { cwd, env: { KILL: "yes" } }, stdin);
  const written = url === undefined
    // The pipe breaks when the job is killed.
    ? ReadableStream.from(list.chunks()).pipeTo(job.stdin).catch(() => {})
    : undefined;
  assertEquals((await job.output()).signal, "SIGKILL");
  list.end();
  await written;
  const { out } = await dlJobs("status last", { cwd });
  assertStringIncludes(
    out,
    "note     the rest of its input is gone: only the tasks that were read can run\n",
  );
  const { err, results } = await resumed(cwd);
  assertEquals(
    err,
    "Warning: the list of m.id came from a pipe or a program that has ended: only the tasks that " +
      "had been read will run, and the rest of the list is lost\n",
  );
  assert(results.length > KILLED && results.length <= READ, `${results.length} results`);
  assertEquals(results, ids(0, results.length));
}

Deno.test("a killed job over stdin resumes what it read, and says that the rest is gone", async () => {
  await checkStream(undefined, new SlowList());
});

Deno.test("a killed job over a URL resumes what it read, and says that the rest is gone", async () => {
  const list = new SlowList();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(ReadableStream.from(list.chunks())),
  );
  await checkStream(`http://127.0.0.1:${server.addr.port}/a.ndjson`, list);
});
