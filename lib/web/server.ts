/**
 * The page and its data on the loopback, for whoever knows the token.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { cancelJob } from "../job/cancel.ts";
import { UsageError } from "../util/errors.ts";
import { startProcess } from "../job/submit.ts";
import { argsOf, detailsOf, lastLogs } from "./details.ts";
import { JobBook } from "./jobs.ts";
import { makePage, type Page, pageHtml } from "./page.ts";
import { streamOf } from "./stream.ts";

/** How the page is served. */
export interface UiOptions {
  /** The folder whose jobs are shown. @default {the working directory} */
  readonly cwd?: string;
  /** The port. @default {any that is free} */
  readonly port?: number;
}

const HOSTNAME = "127.0.0.1";

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

/** A page that is being served. */
export class UiServer implements AsyncDisposable {
  /** The address of the page, with its token. */
  readonly address: string;
  #jobs: JobBook;
  #page: Page;
  #token = crypto.randomUUID().replaceAll("-", "");
  #server: Deno.HttpServer<Deno.NetAddr>;
  #end = new AbortController();

  private constructor(page: Page, { cwd = Deno.cwd(), port = 0 }: UiOptions) {
    this.#jobs = new JobBook(cwd);
    this.#page = page;
    this.#server = listen(port, (request) => this.#answer(request));
    this.address = `http://${HOSTNAME}:${this.#server.addr.port}/${this.#token}/`;
  }

  /**
   * Serves the page until it is disposed of.
   *
   * @throws {UsageError} when the port is taken.
   */
  static async start(options: UiOptions = {}): Promise<UiServer> {
    return new UiServer(await makePage(), options);
  }

  /** Ends what is under way, however long it would go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const refusal = this.#refuse(request);
    if (refusal) return respond(refusal, { status: 403 });
    try {
      return await this.#route(request) ?? respond("There is no such page.\n", { status: 404 });
    } catch (error) {
      const status = error instanceof UsageError ? 409 : 500;
      return respondJson(JSON.stringify({ error: (error as Error).message }), status);
    }
  }

  /** Why a request is none of the page's own. */
  #refuse({ headers, method, url }: Request): string | undefined {
    const { port } = this.#server.addr;
    const hosts = [`${HOSTNAME}:${port}`, `localhost:${port}`];
    // A name that was made to mean this machine is still another name.
    const host = headers.get("host") ?? "";
    if (!hosts.includes(host)) return "This host is not served.\n";
    const origin = headers.get("origin") ?? (method === "GET" ? `http://${host}` : "none");
    if (origin !== `http://${host}`) return "Other pages are not served.\n";
    const [, token = ""] = new URL(url).pathname.split("/");
    return isSame(token, this.#token) ? undefined : "The address has no token, or an old one.\n";
  }

  async #route({ method, url }: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.slice(this.#token.length + 1);
    const [, id = "", action = "", task = ""] = /^\/jobs\/([^/]+)\/(\w+)(?:\/(\d+))?$/.exec(path) ??
      [];
    const asked = `${method} ${id ? "" : path}${action}`;
    return await this.#routes[asked]?.({
      id: id || searchParams.get("job") || "",
      task: Number(task),
      tasks: searchParams.getAll("task").filter((one) => /^\d+$/.test(one)).slice(0, MOST_ASKED)
        .map(Number),
    });
  }

  #routes: Readonly<Record<string, (asked: Asked) => Response | Promise<Response>>> = {
    "GET /": () => respond(HTML, { type: "text/html" }),
    "GET /page.js": () => respond(this.#page.script, { type: "text/javascript" }),
    "GET /page.css": () => respond(this.#page.style, { type: "text/css" }),
    "GET /stream": ({ id }) =>
      respond(streamOf(this.#jobs, id, this.#end.signal), { type: "text/event-stream" }),
    "GET results": ({ id }) => respondJson(this.#jobs.summaryOf(id).sample()),
    "GET logs": async ({ id }) => respondJson(JSON.stringify(await lastLogs(this.#folder(id)))),
    "GET args": async ({ id, tasks }) =>
      respondJson(JSON.stringify(await argsOf(this.#folder(id), tasks, MOST_ARGS))),
    "GET task": async ({ id, task }) =>
      respondJson(JSON.stringify(await detailsOf(this.#folder(id), task))),
    "POST cancel": async ({ id }) => {
      await cancelJob(this.#folder(id));
      return respondJson("{}");
    },
    "POST resume": ({ id }) => this.#goOn(id, "resume"),
    "POST retry": ({ id }) => this.#goOn(id, "retry"),
  };

  async #goOn(id: string, command: "resume" | "retry"): Promise<Response> {
    await startProcess(this.#folder(id), command);
    return respondJson("{}");
  }

  #folder(id: string): string {
    return this.#jobs.folderOf(id);
  }
}

/** What a request is about. */
interface Asked {
  readonly id: string;
  readonly task: number;
  readonly tasks: readonly number[];
}

// Of tasks in a list, the beginning is shown.
const MOST_ARGS = 300, MOST_ASKED = 100;

const HTML = pageHtml({
  title: "dl_jobs",
  head: `<link rel="stylesheet" href="page.css">`,
  body: `<script type="module" src="page.js"></script>`,
});

function listen(
  port: number,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: HOSTNAME, port, onListen() {} }, handler);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new UsageError(`Cannot serve on port ${port}: it is taken, choose another with --port`, {
      cause,
    });
  }
}

/** Takes as long whatever is different. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => new TextEncoder().encode(text));
  return a!.length === b!.length && timingSafeEqual(a!, b!);
}

function respond(
  body: BodyInit,
  { status = 200, type = "text/plain" }: { status?: number; type?: string } = {},
): Response {
  return new Response(body, {
    status,
    headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
  });
}

function respondJson(body: string, status = 200): Response {
  return respond(body, { status, type: "application/json" });
}
