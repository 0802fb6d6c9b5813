/**
 * A server that speaks the protocol of the Compute service and runs the functions that it receives.
 *
 * Tests use it over the network like the service, with tokens, uploads, builds and Python
 * processes. The server is strict, and each refusal has a reason.
 *
 * The published clients leave some points of the protocol open. This server behaves as follows:
 *
 * - A repeated batch (same `reference_id`, same body) returns the same jobs. The same
 *   `reference_id` with another body is a 409. Batches are remembered until the server ends.
 * - The answer to a batch has the order of the batch, unless the fault `shuffle` is on.
 * - A page has `page_size` records: 100 by default, at most 1000. A cursor is a page number with
 *   its query, so later pages shift when records start or stop matching.
 * - Searches without `sort` return records in the order of their creation.
 * - Functions need `name` and `image`, and stored credentials. The defaults are 1 CPU, 2 GB of
 *   memory, a concurrency of 10, a timeout of one hour, and no retries. 1 CPU with 1 GB is valid.
 * - A job keeps the variables that its function had when the job was created.
 * - Each request to the API needs the headers that the service's own client sends: a `User-Agent`
 *   with a version, `X-Platform`, `X-Python`, `X-Conda`, `X-Notebook`, `X-Client-Session` and
 *   `X-Request-Group`. A body needs `Content-Type`.
 * - A `status` of a function is changed by a request of its own.
 * - A bundle is built once, even after two requests for its build.
 * - A bundle is checked when it is built, not when it is uploaded.
 * - A job between two attempts is `pending`. A timeout is not retried. `execution_count` counts all
 *   executions, including retries and reruns.
 * - Cancelling a job that has ended does nothing. A pending or ended job can be deleted.
 * - The log of a job exists only after the job has ended (404 before), and contains all executions.
 *   A build log is plain text, compressed.
 * - `runtime` is in whole seconds. `provisioning_time` and `pull_time` are 0.
 * - A killed job has exit code 137. A job that returns more than 1,000,000 bytes fails.
 * - The entrypoint is imported as `__dlentrypoint__`, with the root of the bundle as the working
 *   directory and on the import path. It runs in the Python on `PATH`, regardless of the image.
 *   CPUs and memory are checked, but not enforced.
 * - `HOME` is a new folder for each execution. The requirement `deno` is installed. The build log
 *   names any other requirement as not installed, or the build fails (`requirements`).
 * - Deleting a function is a 400 while one of its jobs is running or pending. Its ended jobs are
 *   deleted as well, but their results are kept.
 * - Wrong credentials at the token endpoint are a 400 or 401. A missing or invalid token is a 401.
 *
 * @module
 */

import { delay } from "../../lib/util/time/delay.ts";
import { Auth, authRoutes } from "./auth.ts";
import { alterBody } from "./bodies.ts";
import { Blobs, CatalogRefusal, catalogRoutes, storeRoutes } from "./blobs.ts";
import { Faults } from "./faults.ts";
import { Front } from "./front.ts";
import { functionRoutes } from "./functions.ts";
import { jobRoutes } from "./jobs.ts";
import type { Counts, ServerOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { FunctionRecord, JobRecord } from "./records.ts";
import { type Area, type Matched, matchRoute, readCall } from "./router.ts";
import { Scheduler } from "./scheduler.ts";
import { Refusal } from "./validate.ts";

export type { Fault, FaultKind } from "./faults.ts";
export type { ServerOptions } from "./options.ts";

/** A running server, and its state for tests. */
export class ComputeServer implements AsyncDisposable {
  /** The number of requests so far, by route: `POST /jobs/bulk`, `GET /jobs/{id}`. */
  readonly requests = new Map<string, number>();
  #platform: Platform;
  #areas: readonly Area[];
  #front: Front;
  #behind: Deno.HttpServer<Deno.NetAddr>;
  #closed = new AbortController();
  #ownDir: string | undefined;

  /** Starts a server on this machine. */
  static async start(options: ServerOptions = {}): Promise<ComputeServer> {
    const ownDir = options.dir ? undefined : await Deno.makeTempDir({ prefix: "compute_server_" });
    const dir = await Deno.realPath(ownDir ?? options.dir!);
    return new ComputeServer({ ...DEFAULTS, ...options, dir }, ownDir);
  }

  private constructor(options: Required<ServerOptions>, ownDir: string | undefined) {
    const quiet = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#ownDir = ownDir;
    this.#behind = Deno.serve(
      quiet,
      (request, { remoteAddr }) => this.#answer(request, remoteAddr.port),
    );
    this.#front = new Front(options.port, this.#behind.addr.port);
    this.#platform = makePlatform(options, `http://127.0.0.1:${this.#front.port}`);
    this.#areas = listAreas(this.#platform);
  }

  /** The address of the server. */
  get base(): string {
    return this.#platform.base;
  }

  /** The address of the API. */
  get computeUrl(): string {
    return `${this.base}/compute/v1`;
  }

  /** The address of the catalog, which has the results. */
  get catalogUrl(): string {
    return `${this.base}/metadata/v1/catalog/v2`;
  }

  /** The address of the token endpoint. */
  get iamUrl(): string {
    return `${this.base}/iam`;
  }

  /** The tokens: `tokenMs`, `issued`, `expire()`. */
  get auth(): Auth {
    return this.#platform.auth;
  }

  /** The faults that tests switch on. */
  get faults(): Faults {
    return this.#platform.faults;
  }

  /** The counts so far. */
  get counts(): Readonly<Counts> {
    return this.#platform.counts;
  }

  /** The number of jobs that run now, and the largest number so far. */
  get load(): { readonly now: number; readonly most: number } {
    return this.#platform.scheduler.load;
  }

  /** The functions by their ids. `wire` is the part that clients see. */
  get functions(): ReadonlyMap<string, FunctionRecord> {
    return this.#platform.functions;
  }

  /** The jobs by their ids. `wire` is the part that clients see. */
  get jobs(): ReadonlyMap<string, JobRecord> {
    return this.#platform.jobs;
  }

  /** Returns the number of requests of a route, or of all routes. */
  countOf(name?: string): number {
    if (name !== undefined) return this.requests.get(name) ?? 0;
    return this.requests.values().reduce((sum, count) => sum + count, 0);
  }

  /**
   * Returns the environment variables that give a client the addresses and credentials of this
   * server.
   */
  envOf(): Record<string, string> {
    return {
      EARTHONE_COMPUTE_URL: this.computeUrl,
      EARTHONE_CATALOG_V2_URL: this.catalogUrl,
      EARTHONE_IAM_URL: this.iamUrl,
      EARTHONE_CLIENT_ID: this.auth.clientId,
      EARTHONE_CLIENT_SECRET: this.auth.clientSecret,
    };
  }

  /**
   * Writes the credentials to the file in a home folder that clients read. Returns the file's path.
   */
  async writeCredentials(home: string): Promise<string> {
    const folder = `${home}/.earthone`, { clientId, clientSecret } = this.auth;
    const keys = { client_id: clientId, client_secret: clientSecret, refresh_token: clientSecret };
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${folder}/token_info.json`, JSON.stringify(keys), { mode: 0o600 });
    return `${folder}/token_info.json`;
  }

  /** Ends the server and its jobs, and removes the folder that it created. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#front[Symbol.asyncDispose]();
    await this.#behind.shutdown();
    await this.#platform.scheduler[Symbol.asyncDispose]();
    if (this.#ownDir) await Deno.remove(this.#ownDir, { recursive: true });
  }

  async #answer(request: Request, port: number): Promise<Response> {
    const found = matchRoute(this.#areas, request), { name, area } = found;
    this.requests.set(name, this.countOf(name) + 1);
    const { faults, auth } = this.#platform;
    await this.#slowDown(name);
    if (area?.check && faults.take("expire", name)) auth.expire();
    const early = this.#mishap("before", name, port);
    if (early) return early;
    const response = await this.#handle(request, found);
    return this.#mishap("after", name, port) ??
      await alterBody(response, faults, name, this.#closed.signal);
  }

  async #slowDown(name: string): Promise<void> {
    const slow = this.#platform.faults.take("slow", name);
    if (slow) await delay(slow.ms, [this.#closed.signal]);
  }

  /** Returns the response of an active fault, which replaces the server's own response. */
  #mishap(when: "before" | "after", name: string, port: number): Response | undefined {
    const { faults } = this.#platform;
    if (faults.take("drop", name, (fault) => fault.when === when)) {
      this.#front.cut(port);
      return new Response(null);
    }
    const isNow = (fault: { after?: boolean }) => (fault.after ?? false) === (when === "after");
    const failure = faults.take("status", name, isNow);
    return failure && toFailure(failure);
  }

  async #handle(request: Request, { area, route, id }: Matched): Promise<Response> {
    try {
      area?.check?.(request.headers);
      if (!route) throw new Refusal(id === undefined ? 404 : 405, "There is nothing here");
      return await route.handle(await readCall(request, route, id ?? ""));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return (area?.refuse?.(error) ?? error).toResponse();
    }
  }
}

function toFailure({ status, retryAfter }: { status: number; retryAfter?: number }): Response {
  const headers: HeadersInit = retryAfter === undefined
    ? {}
    : { "retry-after": String(retryAfter) };
  return Response.json({ detail: `Switched on: ${status}` }, { status, headers });
}

const DEFAULTS = {
  port: 0,
  slots: 2,
  buildMs: 50,
  cancelMs: 20,
  tokenMs: 3_600_000,
  tokenField: "id_token",
  addressMs: 3_600_000,
  requirements: "skip",
  env: {},
  seed: 1,
  now: Date.now,
} as const;

function makePlatform(options: Required<ServerOptions>, base: string): Platform {
  const platform: Platform = {
    options,
    base,
    auth: new Auth(options.now, options.tokenMs),
    blobs: new Blobs(base, options.now, options.addressMs),
    faults: new Faults(options.seed),
    functions: new Map(),
    jobs: new Map(),
    scheduler: new Scheduler(() => platform),
    counts: { functions: 0, uploads: 0, jobs: 0, executions: 0 },
  };
  return platform;
}

function listAreas(platform: Platform): Area[] {
  const { auth } = platform;
  const [token, ...credentials] = authRoutes(platform);
  const checked = (accept: string) => (headers: Headers) => {
    auth.check(headers);
    checkHeaders(headers, accept);
  };
  return [
    { prefix: "/iam", routes: [token!] },
    {
      prefix: "/compute/v1",
      routes: [...credentials, ...functionRoutes(platform), ...jobRoutes(platform)],
      check: checked("application/json"),
    },
    {
      prefix: "/metadata/v1/catalog/v2",
      routes: catalogRoutes(platform),
      check: checked("application/vnd.api+json"),
      refuse: ({ status, message }) => new CatalogRefusal(status, message),
    },
    { prefix: "", routes: storeRoutes(platform) },
  ];
}

/** The required headers of a request, and their formats. */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "User-Agent": /^[\w.-]+\/\d+\.\d+/,
  "X-Platform": /^\w+-\w+/,
  "X-Python": /^3\.\d+\.\d+/,
  "X-Conda": /^(True|False)$/,
  "X-Notebook": /^(True|False)$/,
  "X-Client-Session": /^[0-9a-f]{32}$/,
  "X-Request-Group": /^[0-9a-f]{32}$/,
};

/** Refuses a request without the required headers. */
function checkHeaders(headers: Headers, accept: string): void {
  const isAccepted = headers.get("accept")?.includes(accept);
  const wrong = Object.entries(HEADERS).filter(([name, format]) => {
    return !format.test(headers.get(name) ?? "");
  });
  const errors = [
    ...isAccepted ? [] : [["Accept", [`Not ${accept}`]]],
    ...wrong.map(([name, format]) => [name, [`Not in the format ${format.source}`]]),
  ];
  if (errors.length > 0) {
    throw new Refusal(422, "Validation error: headers", Object.fromEntries(errors));
  }
}
