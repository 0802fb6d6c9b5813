/**
 * Serves the page and its data on the loopback address. Every request must have the token.
 *
 * @module
 */

import { cancelJob } from "../job/steer/cancel.ts";
import { groupOfTask } from "../job/inspect/job_failures.ts";
import { choosePrograms } from "../job/resume/choose_programs.ts";
import { deleteJob } from "../job/files/remove.ts";
import { steerJob } from "../job/steer/steer.ts";
import { startProcess } from "../job/run/submit.ts";
import { readRecord } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { nodeModule } from "../util/node_module.ts";
import { keepAddress, newToken, type PageAddress, readAddress } from "./address.ts";
import { argsOf, detailsOf, lastLogs } from "./details.ts";
import { JobBook } from "./jobs.ts";
import { buildPage, type Page, pageHtml } from "./page.ts";
import type { TaskQuery } from "./protocol.ts";
import { streamOf } from "./stream.ts";

/** The options of the server. */
export interface UiOptions {
  /** The folder whose jobs the page shows. @default {the working directory} */
  readonly cwd?: string | undefined;
  /** The TCP port. @default {the port in `addressFile`, if it is free, or a free port} */
  readonly port?: number | undefined;
  /**
   * The private file that keeps the port and the token for the next server. A missing file is
   * created. @default {none: each server has a new address}
   */
  readonly addressFile?: string | undefined;
}

const HOSTNAME = "127.0.0.1";

// See https://www.w3.org/TR/CSP3/: the page loads only its own files, and no other page may embed it.
const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The web server of the page. */
export class UiServer implements AsyncDisposable {
  /** The URL of the page, which includes the token. */
  readonly address: string;
  #jobs: JobBook;
  #page: Page;
  #token: string;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #end = new AbortController();

  private constructor(page: Page, { cwd = Deno.cwd(), port = 0, addressFile }: UiOptions) {
    const kept = addressFile === undefined ? undefined : readAddress(addressFile);
    this.#jobs = new JobBook(cwd);
    this.#page = page;
    this.#token = kept?.token ?? newToken();
    this.#server = listen(port, kept?.port ?? 0, (request) => this.#answer(request));
    const address = { port: this.#server.addr.port, token: this.#token };
    if (addressFile !== undefined && (!kept || port > 0)) tryToKeep(addressFile, address);
    this.address = `http://${HOSTNAME}:${address.port}/${address.token}/`;
  }

  /**
   * Starts a server that runs until it is disposed.
   *
   * @throws {UsageError} when the port is already in use, or `addressFile` cannot be used.
   */
  static async start(options: UiOptions = {}): Promise<UiServer> {
    return new UiServer(await buildPage(), options);
  }

  /** Stops the server and ends its open streams. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const refusal = this.#refuse(request);
    if (refusal) return respond(refusal, { status: 403 });
    try {
      return await this.#route(request) ?? respond("Page not found.\n", { status: 404 });
    } catch (error) {
      const status = error instanceof UsageError ? 409 : 500;
      return respondJson({ error: (error as Error).message }, status);
    }
  }

  /** Returns the reason to refuse a request that does not come from the page, or `undefined`. */
  #refuse({ headers, method, url }: Request): string | undefined {
    const { port } = this.#server.addr;
    const hosts = [`${HOSTNAME}:${port}`, `localhost:${port}`];
    // An attacker's host name may resolve to this machine (DNS rebinding).
    const host = headers.get("host") ?? "";
    if (!hosts.includes(host)) return "Requests to this host name are refused.\n";
    const origin = headers.get("origin") ?? (method === "GET" ? `http://${host}` : "none");
    if (origin !== `http://${host}`) return "Requests from other pages are refused.\n";
    const [, token = ""] = new URL(url).pathname.split("/");
    return isSame(token, this.#token)
      ? undefined
      : "The token in the URL is missing or outdated: open the URL that dl_jobs ui printed.\n";
  }

  async #route({ method, url }: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.slice(this.#token.length + 1);
    const [, id = "", action = "", task = ""] =
      /^\/jobs\/([^/]+)\/([\w.]+)(?:\/(\d+))?$/.exec(path) ??
        [];
    const route = `${method} ${id ? "" : path}${action}`;
    return await this.#routes[route]?.({
      id: id || searchParams.get("job") || "",
      task: Number(task),
      search: searchParams,
      tasks: searchParams.getAll("task").filter((one) => /^\d+$/.test(one)).slice(0, MAX_TASKS)
        .map(Number),
    });
  }

  #routes: Readonly<Record<string, (target: Target) => Response | Promise<Response>>> = {
    // The links of the page are relative to the folder that the token names.
    "GET ": () => new Response(null, { status: 308, headers: { location: `/${this.#token}/` } }),
    "GET /": () => respond(HTML, { type: "text/html" }),
    "GET /page.js": () => respond(this.#page.script, { type: "text/javascript" }),
    "GET /page.css": () => respond(this.#page.style, { type: "text/css" }),
    "GET /stream": ({ id }) =>
      respond(streamOf(this.#jobs, id, this.#end.signal), { type: "text/event-stream" }),
    "GET results": ({ id }) => respond(this.#jobs.summaryOf(id).sample(), { type: JSON_TYPE }),
    "GET tasks": async ({ id, search }) => {
      const [from = 0, count = 0] = [search.get("from"), search.get("count")].map(Number);
      const page = await this.#jobs.summaryOf(id).tasks.page(taskQuery(search), from, count);
      return respondJson(page);
    },
    "GET tasks.csv": async ({ id, search }) => {
      const { tasks } = await this.#jobs.wholeSummaryOf(id);
      const body = ReadableStream.from(tasks.csv(taskQuery(search))).pipeThrough(
        new TextEncoderStream(),
      );
      return respond(body, { type: "text/csv" });
    },
    "GET compare": async ({ id, search }) => {
      const other = await this.#jobs.wholeSummaryOf(search.get("with") ?? "");
      return respondJson(this.#jobs.summaryOf(id).compare(other));
    },
    "GET logs": async ({ id, search }) =>
      respondJson(await lastLogs(this.#folder(id), search.get("text") ?? "")),
    "GET args": async ({ id, tasks }) =>
      respondJson(await argsOf(this.#folder(id), tasks, MAX_ARGS)),
    "GET task": async ({ id, task }) => respondJson(await detailsOf(this.#folder(id), task)),
    "POST cancel": async ({ id }) => {
      await cancelJob(this.#folder(id));
      return respondJson({});
    },
    "POST delete": ({ id }) => this.#delete(id),
    "POST pause": ({ id }) => this.#pause(id, true),
    "POST continue": ({ id }) => this.#pause(id, false),
    "POST set": async ({ id, search }) => {
      const { text, notes } = await steerJob(this.#folder(id), { set: Object.fromEntries(search) });
      return respondJson({ note: [text, ...notes].join("; ") });
    },
    "POST resume": ({ id }) => this.#restart(id, "resume"),
    "POST retry": async ({ id, search }) => {
      const like = search.get("like");
      if (like === null) return await this.#restart(id, "retry");
      const group = await groupOfTask(this.#folder(id), Number(like));
      return await this.#restart(id, "retry", ["--group", String(group)]);
    },
  };

  async #pause(id: string, isPaused: boolean): Promise<Response> {
    const { notes } = await steerJob(this.#folder(id), { isPaused });
    return respondJson({ note: notes[0] });
  }

  async #delete(id: string): Promise<Response> {
    const notes: string[] = [];
    await deleteJob(this.#folder(id), { warn: (text) => notes.push(text) });
    return respondJson({ note: notes[0] });
  }

  async #restart(
    id: string,
    command: "resume" | "retry",
    flags: readonly string[] = [],
  ): Promise<Response> {
    const folder = this.#folder(id), notes: string[] = [];
    // Builds the program here, because a message of the new process would not reach the page.
    const request = { isRetry: command === "retry", warn: (text: string) => notes.push(text) };
    await choosePrograms(folder, readRecord(folder), request);
    await startProcess(folder, command, flags);
    return respondJson({ note: notes[0] });
  }

  #folder(id: string): string {
    return this.#jobs.folderOf(id);
  }
}

/** Returns the selection of tasks in the URL of a request. */
function taskQuery(search: URLSearchParams): TaskQuery {
  const read = (name: string) => search.get(name) ?? "";
  return {
    state: read("state") as TaskQuery["state"],
    text: read("text"),
    least: Number(read("least")),
    most: Number(read("most") || Infinity),
    order: (read("order") || "id") as TaskQuery["order"],
  };
}

/** The job and the tasks in the URL of a request. */
interface Target {
  readonly id: string;
  readonly task: number;
  readonly tasks: readonly number[];
  readonly search: URLSearchParams;
}

// Lists of tasks show only the start of the arguments.
const MAX_ARGS = 300, MAX_TASKS = 100;

const HTML = pageHtml({
  title: "dl_jobs",
  head: `<link rel="stylesheet" href="page.css">`,
  body: `<script type="module" src="page.js"></script>`,
});

/** Keeps an address if the folder can be written; a page of a folder that cannot is useful, too. */
function tryToKeep(path: string, address: PageAddress): void {
  try {
    keepAddress(path, address);
  } catch (error) {
    const isForbidden = error instanceof Deno.errors.PermissionDenied ||
      (error as { code?: string }).code === "EROFS";
    if (!isForbidden) throw error;
  }
}

/** Listens on a port: the given one, or else the last one if it is free, or else a free one. */
function listen(
  port: number,
  last: number,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    if (port === 0 && last > 0) return serve(last, handler);
  } catch (error) {
    // Another server of the same folder has the port.
    if (whyNoPort(error) === undefined) throw error;
  }
  try {
    return serve(port, handler);
  } catch (cause) {
    const reason = whyNoPort(cause);
    if (reason === undefined) throw cause;
    throw new UsageError(`Cannot serve on port ${port}: ${reason}, choose another with --port`, {
      cause,
    });
  }
}

function whyNoPort(error: unknown): string | undefined {
  if (error instanceof Deno.errors.AddrInUse) return "it is in use";
  return error instanceof Deno.errors.PermissionDenied ? "you may not use it" : undefined;
}

function serve(port: number, handler: (request: Request) => Promise<Response>) {
  return Deno.serve({ hostname: HOSTNAME, port, onListen() {} }, handler);
}

/** Compares tokens in constant time. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => new TextEncoder().encode(text));
  const { timingSafeEqual } = nodeModule<typeof import("node:crypto")>("node:crypto");
  return a!.length === b!.length && timingSafeEqual(a!, b!);
}

function respond(
  body: BodyInit,
  { status = 200, type = "text/plain" }: { status?: number; type?: string },
): Response {
  return new Response(body, {
    status,
    headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
  });
}

const JSON_TYPE = "application/json";

function respondJson(value: unknown, status = 200): Response {
  return respond(JSON.stringify(value), { status, type: JSON_TYPE });
}
