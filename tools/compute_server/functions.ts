/**
 * Functions: deployed code and the machine that it needs.
 *
 * @module
 */

import { USER } from "./auth.ts";
import type { Platform } from "./platform.ts";
import type { FunctionRecord, FunctionWire } from "./records.ts";
import { find, type Route, toDate } from "./route.ts";
import { answerPage, type Fields } from "./search.ts";
import * as must from "./validate.ts";
import { checkShape, Refusal, refuseField } from "./validate.ts";

/** The states of a function. */
const FUNCTION_STATES = ["awaiting_bundle", "building", "ready", "stopped", "build_failed"];

const text = { kind: "text", sort: true } as const,
  number = { kind: "number", sort: true } as const;
const flag = { kind: "flag", sort: true } as const, date = { kind: "date", sort: true } as const;

const FIELDS: Fields = {
  id: text,
  name: text,
  image: { kind: "text" },
  cpus: number,
  memory: number,
  maximum_concurrency: number,
  timeout: number,
  retry_count: number,
  enabled: flag,
  auto_start: flag,
  status: { ...text, values: FUNCTION_STATES },
  namespace: { kind: "text" },
  owner: { kind: "text" },
  creation_date: date,
  modified_date: date,
};

const CHANGEABLE = {
  name: must.text,
  cpus: must.oneOf([0.25, 0.5, 1, 2, 4, 8, 16]),
  memory: must.integer(1),
  maximum_concurrency: must.integer(1, 1000),
  timeout: must.integer(1),
  retry_count: must.integer(0),
  enabled: must.flag,
  auto_start: must.flag,
  environment: must.texts,
};

const IMAGES = [10, 11, 12, 13, 14].map((minor) => `python3.${minor}:latest`);

/** The default values of a function's optional fields. */
const DEFAULTS = {
  cpus: 1,
  memory: 2048,
  maximum_concurrency: 10,
  timeout: 3600,
  retry_count: 0,
  enabled: true,
  auto_start: true,
  environment: {},
};

/** Returns the routes of functions. */
export function functionRoutes(platform: Platform): Route[] {
  const { functions } = platform;
  const get = (id: string) => find(functions, id, "Function");
  return [
    { name: "POST /functions", body: "json", handle: ({ body }) => create(platform, body) },
    { name: "GET /functions", query: "search", handle: ({ query }) => page(platform, query) },
    {
      name: "GET /functions/{id}",
      query: ["include"],
      handle: ({ id, query }) => {
        const asked = query.get("include");
        if (asked && !STATISTICS.includes(asked)) refuseField("include", `Not ${STATISTICS[0]}`);
        return Response.json(withStatistics(platform, get(id).wire, asked !== null));
      },
    },
    {
      name: "PATCH /functions/{id}",
      body: "json",
      handle: ({ id, body }) => change(platform, get(id), body),
    },
    { name: "DELETE /functions/{id}", handle: ({ id }) => remove(platform, get(id)) },
    { name: "POST /functions/{id}/bundle", handle: ({ id }) => build(platform, get(id)) },
    { name: "GET /functions/{id}/log", handle: ({ id }) => buildLog(get(id)) },
  ];
}

/** The name of the statistics in the clients' code, and in the service's guide. */
const STATISTICS = ["job.statistics", "job_statistics"];

function create({ auth, blobs, counts, functions, options }: Platform, body: unknown): Response {
  const sent = checkShape(body, {
    fields: { ...CHANGEABLE, image: must.oneOf(IMAGES) },
    required: ["name", "image"],
  });
  if (!auth.hasCredentials) throw new Refusal(400, "No credentials are held: POST them first");
  const id = crypto.randomUUID(), now = toDate(options.now());
  const wire = {
    id,
    ...DEFAULTS,
    ...sent,
    namespace: USER.namespace,
    owner: USER.userid,
    status: "awaiting_bundle",
    creation_date: now,
    modified_date: now,
  } as unknown as FunctionWire;
  checkMemory(wire);
  functions.set(id, { wire, folder: `${options.dir}/functions/${id}`, buildLog: "" });
  counts.functions++;
  const bundle_upload_url = blobs.sign("PUT", bundleKey(id));
  return Response.json({ function: wire, bundle_upload_url });
}

/** Returns the key of a function's bundle in the object store. */
export function bundleKey(id: string): string {
  return `bundles/${id}`;
}

/** The memory that a number of CPUs allows: minimum, maximum and step, in GB. */
const MEMORY: Readonly<Record<number, readonly [number, number, number]>> = {
  0.5: [1, 4, 1],
  1: [1, 8, 1],
  2: [4, 16, 1],
  4: [8, 30, 1],
  8: [16, 60, 4],
  16: [32, 120, 8],
};

function checkMemory({ cpus, memory }: FunctionWire): void {
  const gb = memory / 1024;
  const [from, to, step] = MEMORY[cpus] ?? [0, 0, 1];
  const isAllowed = cpus === 0.25
    ? [0.5, 1, 2].includes(gb)
    : gb >= from && gb <= to && (gb - from) % step === 0;
  if (!isAllowed) refuseField("memory", `Not allowed for ${cpus} cpu`);
}

function page(platform: Platform, query: URLSearchParams): Response {
  const all = [...platform.functions.values()].map(({ wire }) => wire as never);
  const { meta, data, included } = answerPage(all, query, { fields: FIELDS, include: STATISTICS });
  const one = (wire: FunctionWire) => withStatistics(platform, wire, included);
  return Response.json({ meta, data: data.map(one) });
}

function withStatistics({ jobs }: Platform, wire: FunctionWire, isAsked: boolean): object {
  if (!isAsked) return wire;
  const job_statistics = { pending: 0, running: 0, cancel: 0, canceling: 0 };
  const counted: Record<string, number> = job_statistics;
  for (const { wire: job } of jobs.values()) {
    if (job.function_id === wire.id) counted[job.status] = (counted[job.status] ?? 0) + 1;
  }
  return { ...wire, job_statistics };
}

function change(platform: Platform, { wire }: FunctionRecord, body: unknown): Response {
  const sent = checkShape(body, {
    fields: {
      ...CHANGEABLE,
      image: () => "Cannot be changed",
      status: must.oneOf(["ready", "stopped"]),
    },
  });
  if ("status" in sent && !["ready", "stopped"].includes(wire.status)) {
    throw new Refusal(400, `Function ${wire.id} is ${wire.status}`);
  }
  if ("status" in sent && Object.keys(sent).length > 1) {
    refuseField("status", "Goes with no other field");
  }
  checkMemory({ ...wire, ...sent });
  Object.assign(wire, sent, { modified_date: toDate(platform.options.now()) });
  platform.scheduler.wake();
  return Response.json(wire);
}

async function remove(platform: Platform, { wire, folder }: FunctionRecord): Promise<Response> {
  const { functions, jobs } = platform;
  const own = [...jobs.values()].filter((job) => job.wire.function_id === wire.id);
  const open = own.filter((job) => !platform.scheduler.hasEnded(job)).length;
  if (open > 0) throw new Refusal(400, `Function ${wire.id} has ${open} jobs that have not ended`);
  for (const job of own) jobs.delete(job.wire.id);
  functions.delete(wire.id);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  return new Response(null, { status: 204 });
}

/**
 * Builds once, even after several requests, because clients repeat a request whose answer was lost.
 */
function build({ blobs, scheduler }: Platform, record: FunctionRecord): Response {
  const { wire } = record;
  if (wire.status === "awaiting_bundle") {
    if (!blobs.get(bundleKey(wire.id))) throw new Refusal(400, "The bundle has not been uploaded");
    scheduler.build(record);
  }
  return Response.json(wire);
}

/** Returns the build log, compressed, but without a `Content-Encoding` header. */
async function buildLog({ wire, buildLog }: FunctionRecord): Promise<Response> {
  if (/awaiting|building/.test(wire.status)) throw new Refusal(404, "There is no build log yet");
  const packed = new Blob([buildLog]).stream().pipeThrough(new CompressionStream("gzip"));
  const headers = { "content-type": "application/octet-stream" };
  return new Response(await new Response(packed).bytes(), { headers });
}
