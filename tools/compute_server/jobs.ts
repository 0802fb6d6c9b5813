/**
 * Jobs: calls of a function.
 *
 * @module
 */

import { isDict } from "../../lib/util/is_dict.ts";
import type { Platform } from "./platform.ts";
import type { JobRecord, JobWire } from "./records.ts";
import { type Call, find, type Route, toDate } from "./route.ts";
import { answerPage, type Fields, isSorted, selectByBody } from "./search.ts";
import * as must from "./validate.ts";
import { checkShape, Refusal, refuseField } from "./validate.ts";

/** The final states of a job. */
export const ENDS = ["success", "failure", "timeout", "canceled"];
/** The states of a job. */
const JOB_STATES = ["pending", "running", "cancel", "canceling", ...ENDS];

const text = { kind: "text" } as const;
const number = { kind: "number", sort: true } as const,
  date = { kind: "date", sort: true } as const;

const FIELDS: Fields = {
  id: { kind: "text", sort: true },
  function_id: text,
  tags: { kind: "tags" },
  status: { kind: "text", sort: true, values: JOB_STATES },
  creation_date: date,
  last_execution_date: date,
  last_completion_date: date,
  runtime: number,
  execution_count: number,
  exit_code: number,
};

const CHANGEABLE = {
  args: must.array,
  kwargs: must.nullable(must.object),
  environment: must.nullable(must.texts),
  tags: must.list(must.text),
};

const MAX_BULK = 1000;

/** Returns the routes of jobs. */
export function jobRoutes(platform: Platform): Route[] {
  const get = (id: string) => find(platform.jobs, id, "Job");
  return [
    { name: "POST /jobs", body: "json", handle: ({ body }) => create(platform, body) },
    { name: "POST /jobs/bulk", body: "json", handle: bulkOf(platform) },
    { name: "GET /jobs", query: "search", handle: ({ query }) => page(platform, query) },
    {
      name: "GET /jobs/{id}",
      query: ["include"],
      handle: ({ id, query }) => one(get(id), query.get("include")),
    },
    {
      name: "PATCH /jobs/{id}",
      body: "json",
      handle: ({ id, body }) => change(get(id), body),
    },
    {
      name: "DELETE /jobs/{id}",
      query: ["delete_results"],
      handle: ({ id, query }) => remove(platform, get(id), query),
    },
    {
      name: "POST /jobs/{id}/cancel",
      handle: ({ id }) => {
        platform.scheduler.cancel(get(id));
        return Response.json(get(id).wire);
      },
    },
    { name: "GET /jobs/{id}/log", handle: ({ id }) => log(get(id)) },
    { name: "POST /jobs/cancel", body: "json", handle: (call) => cancelAll(platform, call) },
    { name: "POST /jobs/rerun", body: "json", handle: (call) => rerunAll(platform, call) },
    { name: "POST /jobs/delete", body: "json", handle: (call) => removeAll(platform, call) },
  ];
}

function create(platform: Platform, body: unknown): Response {
  const sent = checkShape(body, {
    fields: { ...CHANGEABLE, function_id: must.text },
    required: ["function_id"],
  });
  checkOpen(platform, sent.function_id as string);
  return Response.json(add(platform, sent).wire);
}

/** Throws a refusal when a function accepts no jobs. */
function checkOpen({ functions }: Platform, id: string): void {
  const { wire } = find(functions, id, "Function");
  if (!wire.enabled) throw new Refusal(400, `Function ${id} is not enabled`);
  if (wire.status === "build_failed") throw new Refusal(400, `Function ${id} is build_failed`);
}

function add(platform: Platform, sent: Readonly<Record<string, unknown>>): JobRecord {
  const { counts, functions, jobs, options, scheduler } = platform;
  const id = crypto.randomUUID();
  const wire = {
    id,
    args: [],
    kwargs: null,
    environment: null,
    tags: [],
    ...sent,
    status: "pending",
    creation_date: toDate(options.now()),
    last_execution_date: null,
    last_completion_date: null,
    ...NOT_RUN,
    execution_count: null,
  } as unknown as JobWire;
  const inherited = functions.get(wire.function_id)!.wire.environment;
  const record: JobRecord = { wire, inherited, log: [], tries: 0 };
  jobs.set(id, record);
  counts.jobs++;
  scheduler.add(record);
  return record;
}

const NOT_RUN = { runtime: null, exit_code: null, error_reason: null, statistics: null };

/**
 * Returns the handler that creates a batch once. A repeated batch returns the same jobs, and a
 * different batch cannot use the same `reference_id`.
 */
function bulkOf(platform: Platform): Route["handle"] {
  const known = new Map<string, { readonly body: string; readonly jobs: readonly JobRecord[] }>();
  return ({ body }) => {
    const sent = checkShape(body, BULK);
    const ids = sent.reference_id as string, text = JSON.stringify(body);
    const before = known.get(ids);
    const isRefused = before && platform.faults.take("conflict", "POST /jobs/bulk");
    if (isRefused || (before && before.body !== text)) {
      throw new Refusal(409, `reference_id ${ids} is taken`);
    }
    const jobs = before?.jobs ?? addAll(platform, sent);
    known.set(ids, { body: text, jobs });
    const wires = jobs.map(({ wire }) => wire);
    const isShuffled = platform.faults.take("shuffle", "POST /jobs/bulk");
    return Response.json(isShuffled ? platform.faults.shuffled(wires) : wires);
  };
}

const BULK = {
  fields: {
    function_id: must.text,
    bulk_args: must.list(must.array, 1, MAX_BULK),
    bulk_kwargs: must.nullable(must.list(must.object, 1, MAX_BULK)),
    bulk_environments: must.nullable(must.list(must.texts, 1, MAX_BULK)),
    reference_id: must.uuid,
    tags: must.list(must.text),
  },
  required: ["function_id", "bulk_args", "bulk_kwargs", "bulk_environments", "reference_id"],
};

function addAll(platform: Platform, sent: Readonly<Record<string, unknown>>): JobRecord[] {
  const { function_id, tags = [] } = sent;
  checkOpen(platform, function_id as string);
  const all = sent.bulk_args as readonly unknown[];
  const kwargs = ofLength(sent, "bulk_kwargs", all.length);
  const environments = ofLength(sent, "bulk_environments", all.length);
  return all.map((args, i) =>
    add(platform, {
      function_id,
      args,
      kwargs: kwargs?.[i] ?? null,
      environment: environments?.[i] ?? null,
      tags,
    })
  );
}

function ofLength(sent: Readonly<Record<string, unknown>>, name: string, length: number) {
  const values = sent[name] as readonly unknown[] | null;
  if (values && values.length !== length) refuseField(name, `Not ${length} elements`);
  return values;
}

function page({ jobs, faults }: Platform, query: URLSearchParams): Response {
  const all = [...jobs.values()].map(({ wire }) => wire as never);
  const isUnsorted = !isSorted(query) && faults.take("shuffle", "GET /jobs");
  const rows = isUnsorted ? faults.shuffled<never>(all) : all;
  const { meta, data, included } = answerPage(rows, query, {
    fields: FIELDS,
    include: ["timings"],
  });
  const shown = faults.take("hide", "GET /jobs") ? data.slice(1) : data;
  return Response.json({ meta, data: included ? shown.map(withTimings) : shown });
}

function one({ wire }: JobRecord, include: string | null): Response {
  if (include && include !== "timings") refuseField("include", "Not timings");
  return Response.json(include ? withTimings(wire) : wire);
}

function withTimings(wire: JobWire): object {
  const time = wire.execution_count ? 0 : null;
  return { ...wire, provisioning_time: time, pull_time: time };
}

/** Changes a job. The change takes effect with the next execution. */
function change({ wire }: JobRecord, body: unknown): Response {
  Object.assign(wire, checkShape(body, { fields: CHANGEABLE }));
  return Response.json(wire);
}

function remove(platform: Platform, job: JobRecord, query: URLSearchParams): Response {
  const asked = query.get("delete_results") ?? "False";
  if (!/^(true|false)$/i.test(asked)) refuseField("delete_results", "Not a boolean");
  if (platform.scheduler.isRunning(job)) {
    throw new Refusal(400, `Job ${job.wire.id} is ${job.wire.status}`);
  }
  forget(platform, job, /true/i.test(asked));
  return new Response(null, { status: 204 });
}

function forget({ blobs, functions, jobs, scheduler }: Platform, job: JobRecord, all: boolean) {
  scheduler.forget(job);
  jobs.delete(job.wire.id);
  const owner = functions.get(job.wire.function_id);
  if (all && owner) blobs.delete(resultKey(owner.wire.namespace, job));
}

/** Returns the key of a job's result in the object store. */
export function resultKey(namespace: string, { wire }: JobRecord): string {
  return `compute/${namespace}/${wire.function_id}/${wire.id}`;
}

function log({ wire, log }: JobRecord): Response {
  if (!ENDS.includes(wire.status)) throw new Refusal(404, `Job ${wire.id} has no log yet`);
  const lines = log.map((line) => `${JSON.stringify(line)}\n`).join("");
  return new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
}

function cancelAll(platform: Platform, { body }: Call): Response {
  const open = select(platform, body).found.filter(({ wire }) => !ENDS.includes(wire.status));
  for (const job of open) platform.scheduler.cancel(job);
  return Response.json(open.map(({ wire }) => wire));
}

function rerunAll(platform: Platform, { body }: Call): Response {
  const isOver = ({ wire }: JobRecord) => ENDS.includes(wire.status) && wire.status !== "success";
  const again = select(platform, body).found.filter((job) => isOver(job) && isEnabled(job));
  for (const job of again) {
    Object.assign(job.wire, NOT_RUN, { status: "pending", last_completion_date: null });
    job.tries = 0;
    platform.scheduler.add(job);
  }
  return Response.json(again.map(({ wire }) => wire));

  function isEnabled({ wire }: JobRecord): boolean {
    return platform.functions.get(wire.function_id)?.wire.enabled === true;
  }
}

function removeAll(platform: Platform, { body }: Call): Response {
  const { found, deleteResults } = select(platform, body, true);
  const gone = found.filter((job) => !platform.scheduler.isRunning(job));
  for (const job of gone) forget(platform, job, deleteResults);
  return Response.json(gone.map(({ wire }) => wire.id));
}

/** Returns the jobs that a body selects. An empty body selects all. */
function select({ jobs }: Platform, body: unknown, mayDelete = false) {
  if (isDict(body) && !mayDelete && "delete_results" in body) {
    refuseField("delete_results", "Unknown field");
  }
  const all = [...jobs.values()].map(({ wire }) => wire as never);
  const { found, deleteResults } = selectByBody<JobWire & Record<string, unknown>>(
    all,
    body,
    FIELDS,
  );
  return { found: found.map(({ id }) => jobs.get(id)!), deleteResults };
}
