import { JobLock } from "../../../lib/job_dir/lock.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import type { ListedJob, Snapshot } from "../../../lib/web/protocol.ts";
import { UiServer } from "../../../lib/web/server.ts";
import { until, within } from "../../../tools/support/until.ts";
import {
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { enterFolder, runJob, startCli } from "../../support/jobs.ts";

/** A server in a folder with a job whose third task failed. */
async function serveJob() {
  const folder = await enterFolder();
  const { id } = await runJob({
    fn: (x: number) => {
      console.log("task", x);
      if (x === 2) throw new RangeError("no");
      return { x };
    },
    argsList: 5,
    name: "tiles",
  });
  const server = await UiServer.start();
  const { host, pathname } = new URL(server.address);
  return {
    server,
    host,
    token: pathname.slice(1, -1),
    id,
    path: (name: string) => pathname + name,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Sends a request that a browser would refuse to send, and returns the response. */
async function ask(
  host: string,
  request: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(host.split(":")[1]) });
  const all = Object.entries({ host, connection: "close", ...headers });
  const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await socket.write(new TextEncoder().encode(`${request} HTTP/1.1\r\n${head}\r\n`));
  const text = await new Response(socket.readable).text();
  return { status: Number(text.split(" ")[1]), text };
}

Deno.test("the page is served only with its token, its host and its own origin", async (t) => {
  await using served = await serveJob();
  const { host, path, id } = served, origin = `http://${host}`;
  const port = host.split(":")[1];
  const cancel = `POST ${path(`jobs/${id}/cancel`)}`;
  const cases: [name: string, request: string, headers: Record<string, string>, status: number][] =
    [
      ["the page", `GET ${path("")}`, {}, 200],
      ["localhost", `GET ${path("")}`, { host: `localhost:${port}` }, 200],
      ["its own origin", `GET ${path("page.js")}`, { origin }, 200],
      ["no token", "GET /", {}, 403],
      ["another token", `GET /${"0".repeat(32)}/`, {}, 403],
      ["a part of the token", `GET ${path("").slice(0, -2)}/`, {}, 403],
      ["a name that means this machine", `GET ${path("")}`, { host: `evil.test:${port}` }, 403],
      ["another port", `GET ${path("")}`, { host: "127.0.0.1:1" }, 403],
      ["another origin", `GET ${path("stream")}`, { origin: "http://evil.test" }, 403],
      ["no origin, as from a file", `GET ${path("stream")}`, { origin: "null" }, 403],
      ["an action of another origin", cancel, { origin: "http://evil.test" }, 403],
      ["an action without an origin", cancel, {}, 403],
      ["an action by GET", `GET ${path(`jobs/${id}/cancel`)}`, {}, 404],
      ["a page by POST", `POST ${path("")}`, { origin }, 404],
      ["a file", `GET ${path("../../etc/passwd")}`, {}, 403],
      ["another folder", `GET ${path("jobs/..%2f..%2fetc/logs")}`, {}, 409],
      ["a job above", `GET ${path("jobs/%2e%2e/results")}`, {}, 404],
      ["no job", `GET ${path("jobs/nothing/logs")}`, {}, 409],
      ["an inherited name", `GET ${path(`jobs/${id}/constructor`)}`, {}, 404],
    ];
  for (const [name, request, headers, status] of cases) {
    await t.step(name, async () => {
      assertEquals((await ask(host, request, headers)).status, status);
    });
  }
});

Deno.test("the page may load nothing but itself", async () => {
  await using served = await serveJob();
  const short = await fetch(served.server.address.replace(/\/$/, ""));
  assertEquals([short.url, short.status], [served.server.address, 200]);
  await short.body?.cancel();
  const answer = await fetch(served.server.address);
  const html = await answer.text();
  assertEquals(
    answer.headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assertEquals(answer.headers.get("cache-control"), "no-store");
  assertEquals(html.match(/https?:(?!\/\/www\.w3\.org\/2000\/svg|%2F%2Fwww.w3.org)/g), null);
});

Deno.test("a new server knows a job, and writes its tasks, before a stream reads it", async () => {
  await using served = await serveJob();
  const get = async (name: string) =>
    await (await fetch(`${served.server.address}jobs/${served.id}/${name}`)).text();
  const states = (await get("tasks.csv?order=id")).split("\n").map((line) => line.split(",")[1]);
  const ended = ["succeeded", "succeeded", "failed", "succeeded", "succeeded"];
  assertEquals(states, ["state", ...ended, undefined]);
  await using other = await UiServer.start();
  const page = await (await fetch(`${other.address}jobs/${served.id}/tasks?count=9`)).json();
  assertEquals([page.of, page.rows.length], [5, 5]);
});

Deno.test("the page serves results, logs and the details of a task", async () => {
  await using served = await serveJob();
  const get = async (name: string) =>
    await (await fetch(`${served.server.address}jobs/${served.id}/${name}`)).json();
  const { rows, of } = await get("results");
  assertEquals(of, 4);
  assertEquals(rows.map(({ id }: { id: number }) => id), [0, 1, 3, 4]);
  assertEquals((await get("logs")).length, 5);
  const { args, events, logs } = await get("task/2");
  assertEquals([args, logs[0].text], ["2", "task 2\n"]);
  assertEquals(events.map(({ type }: { type: string }) => type), ["failed"]);
  assertStringIncludes(events[0].error.stack, "RangeError: no");
  assertEquals((await get("task/0")).events[0].result, { x: 0 });
  assertEquals(await get("args?task=4&task=0&task=99&task=-1&task=x"), { 0: "0", 4: "4" });
  assertEquals(await get("task/99"), { id: 99, events: [], logs: [] });
});

interface Message {
  readonly event: string;
  readonly data: string;
}

/** Reads the stream of the job until a check succeeds. */
async function readStream<T>(
  { server, id }: { server: UiServer; id: string },
  find: (messages: readonly Message[]) => T | undefined,
): Promise<T> {
  const { body } = await fetch(`${server.address}stream?job=${id}`);
  let text = "";
  const reading = (async () => {
    for await (const part of body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      const found = find(messagesIn(text));
      if (found) return found;
    }
    throw new Error(`The stream has ended: ${text}`);
  })();
  return await within(reading, "the stream sends it");
}

function messagesIn(text: string): Message[] {
  return text.split("\n\n").slice(0, -1).filter((one) => one.startsWith("event: ")).map((one) => {
    const [event = "", data = ""] = one.split("\n").map((line) => line.replace(/^\w+: /, ""));
    return { event, data };
  });
}

Deno.test("the stream sends the state of jobs, and changes", async () => {
  await using served = await serveJob();
  const first = await readStream(served, (all) => all.length >= 3 ? all.slice(0, 3) : undefined);
  assertEquals(first.map(({ event }) => event), ["time", "job", "jobs"]);
  assertLess(Math.abs(Number(first[0]!.data) - Date.now()), 60_000);
  const { job }: Snapshot = JSON.parse(first[1]!.data);
  assertEquals([job.name, job.state, job.succeeded, job.failed], ["tiles", "failed", 4, 1]);
  const ended = readStream(served, (all) => {
    const lists = all.filter(({ event }) => event === "jobs");
    const [newest]: ListedJob[] = JSON.parse(lists.at(-1)?.data ?? "[]");
    return newest?.name === "later" && newest.state !== "running" ? newest : undefined;
  });
  await runJob({ fn: (x: number) => x, argsList: 3, name: "later" });
  const { state, succeeded } = await ended;
  assertEquals([state, succeeded], ["succeeded", 3]);
});

Deno.test("the stream says why a job cannot be shown, and lists the other jobs", async () => {
  await using served = await serveJob();
  const absent = (all: readonly Message[]) => {
    const [one] = all.filter(({ event }) => event === "absent");
    return one && all.some(({ event }) => event === "jobs") ? all : undefined;
  };
  const read = async () => {
    const all = await readStream(served, absent);
    const data = (name: string) => JSON.parse(all.find(({ event }) => event === name)!.data);
    const jobs: ListedJob[] = data("jobs");
    return [data("absent"), jobs.map(({ id, state }) => [id, state])];
  };
  const folder = `.dl_jobs/${served.id}`;
  await Deno.writeTextFile(`${folder}/job.json`, '{"torn');
  const path = `${Deno.cwd()}/${folder}/job.json`;
  assertEquals(await read(), [
    {
      job: served.id,
      reason: `Cannot read job ${served.id}: ${path} is damaged, restore this file from a copy`,
    },
    [[served.id, "damaged"]],
  ]);
  await Deno.remove(folder, { recursive: true });
  const gone = { job: served.id, reason: "This job no longer exists in this folder." };
  assertEquals(await read(), [gone, []]);
});

Deno.test("the stream sends the state of a job again after its files are restored", async () => {
  await using served = await serveJob();
  const path = `.dl_jobs/${served.id}/job.json`, record = await Deno.readTextFile(path);
  const steps = [
    () => Deno.writeTextFileSync(path, "{"),
    () => Deno.writeTextFileSync(path, record),
  ];
  const wanted = ["job", "absent", "job"];
  await readStream(served, (all) => {
    const seen = all.map(({ event }) => event).filter((event) => wanted.includes(event));
    assertEquals(seen, wanted.slice(0, seen.length));
    if (seen.length + steps.length === 3) steps.shift()?.();
    return seen.length === 3 || undefined;
  });
});

Deno.test("an action that fails returns the reason", async () => {
  await using served = await serveJob();
  using _lock = await JobLock.take(`${Deno.cwd()}/.dl_jobs/${served.id}`);
  const { origin } = new URL(served.server.address);
  const answer = await fetch(`${served.server.address}jobs/${served.id}/retry`, {
    method: "POST",
    headers: { origin },
  });
  assertEquals([answer.status, await answer.json()], [409, {
    error: `Cannot start job ${served.id}: run dl_jobs retry ${served.id} to see why`,
  }]);
});

Deno.test("the command prints the address, and ends with Ctrl-C while streams are open", async () => {
  await using _folder = await enterFolder();
  const { id } = await runJob({ fn: (x: number) => x, argsList: 2, name: "tiles" });
  const command = startCli(["ui", "tiles"]);
  const said = command.stderr.pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const part of said.values({ preventCancel: true })) {
    text += part;
    if (text.includes("Ctrl-C")) break;
  }
  const [, address = "", hash] = /(http:[^#]*)#(.*)/.exec(text) ?? [];
  assertEquals(hash, id);
  const { body } = await fetch(`${address}stream`);
  const reader = body!.getReader();
  await reader.read();
  command.kill("SIGINT");
  assertEquals((await within(command.status, "it ends")).code, 0);
  await Promise.allSettled([reader.read(), reader.cancel(), command.stdin.close()]);
  await command.stdout.cancel();
  text += (await Array.fromAsync(said)).join("");
  assertEquals(text, `Jobs of ${Deno.cwd()} are shown at ${address}#${id}\nCtrl-C ends it\n`);
});

Deno.test("a port in use is an error that suggests another port", async () => {
  await using served = await serveJob();
  const port = Number(served.host.split(":")[1]);
  await assertRejects(
    () => UiServer.start({ port }),
    UsageError,
    `Cannot serve on port ${port}: it is in use, choose another with --port`,
  );
});

Deno.test("a port that only root may use is an error that suggests another port", async () => {
  const { serve } = Deno;
  Deno.serve = () => {
    throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
  };
  try {
    const message = "Cannot serve on port 80: you may not use it, choose another with --port";
    await assertRejects(() => UiServer.start({ port: 80 }), UsageError, message);
  } finally {
    Deno.serve = serve;
  }
});

Deno.test("a server ends at once while streams are open", async () => {
  const served = await serveJob();
  const { body } = await fetch(`${served.server.address}stream`);
  const ended = new Response(body).text();
  await within(served[Symbol.asyncDispose](), "the server ends");
  assertStringIncludes(await ended, "event: jobs");
  await until(() => ask(served.host, "GET /").then(() => false, () => true), "the server is gone");
});

Deno.test("the page serves its tasks by state, text and duration, and as CSV", async () => {
  await using served = await serveJob();
  const get = (name: string) => fetch(`${served.server.address}jobs/${served.id}/${name}`);
  await readStream(served, (messages) => messages.find(({ event }) => event === "job"));
  const idsIn = async (query: string) => {
    const { of, found, rows } = await (await get(`tasks?from=0&count=10&${query}`)).json();
    return [of, found, ...rows.map(({ id }: { id: number }) => id)];
  };
  assertEquals(await idsIn(""), [5, 5, 0, 1, 2, 3, 4]);
  assertEquals(await idsIn("state=failed"), [5, 1, 2]);
  assertEquals(await idsIn("state=__proto__"), [5, 0]);
  assertEquals(await idsIn("text=3"), [5, 1, 3]);
  assertEquals(await idsIn("text=3&state=failed"), [5, 0]);
  assertEquals(await idsIn("least=1e9&order=slowest"), [5, 0]);
  const { rows } = await (await get("tasks?from=2&count=1")).json();
  assertEquals([rows[0].state, rows[0].class, rows[0].message], ["failed", "error", "no"]);
  const csv = await get("tasks.csv?text=4");
  assertEquals(csv.headers.get("content-type"), "text/csv; charset=utf-8");
  assertEquals(
    (await csv.text()).replace(/,[\d.]+,4,/, ",MS,4,"),
    'task,state,class,attempt,ms,arguments,message\n4,succeeded,"",1,MS,4,""\n',
  );
});

Deno.test("the address stays the same while a file keeps it", async () => {
  await using _folder = await enterFolder();
  const addressFile = `${Deno.cwd()}/address.json`;
  const startAndEnd = async (port?: number) => {
    await using server = await UiServer.start({ addressFile, port });
    assertEquals((await fetch(server.address)).status, 200);
    return server.address;
  };
  const first = await startAndEnd();
  assertEquals(await startAndEnd(), first);
  await using _other = await UiServer.start({ port: Number(new URL(first).port) });
  const second = await startAndEnd();
  assertEquals(new URL(second).pathname, new URL(first).pathname);
  // The port that is in use now remains the port of the next time.
  assertEquals(JSON.parse(await Deno.readTextFile(addressFile)), {
    port: Number(new URL(first).port),
    token: new URL(first).pathname.slice(1, -1),
  });
  await Deno.remove(addressFile);
  assertEquals(new URL(await startAndEnd()).pathname === new URL(first).pathname, false);
});
