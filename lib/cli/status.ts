/**
 * The `status` command: how one job stands.
 *
 * @module
 */

import type { Holder } from "../job_dir/lock.ts";
import { type JobRecord, readRecord } from "../job_dir/record.ts";
import { type JobState, readState } from "../job_dir/state.ts";
import { textRows } from "../terminal/table.ts";
import type { Call, Command } from "./args.ts";
import { forStdout, JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";

/** `dl_jobs status`. */
export const statusCommand: Command = {
  name: "status",
  usage: "status [JOB] [options]",
  doc: `Tell how a job stands, and what can be done with it. ${JOB_NAMES}`,
  options: [JSON_FLAG],
  config: false,
  run: runStatus,
};

async function runStatus(call: Call): Promise<number> {
  const folder = jobOf(call);
  const record = readRecord(folder);
  const found = await readState(folder, record);
  const status = { ...found, ...(found.state === "running" ? {} : lostRest(record)) };
  const { id, name, engine, started, ended, files } = record;
  const place = OPEN.includes(found.state) ? await describePlace(engine, folder) : [];
  if (call.flags.json) {
    await print(
      JSON.stringify({ id, name, engine, started, ended, ...status, place, folder, files }) + "\n",
    );
    return 0;
  }
  const rows = [
    ["job", id],
    ["name", name],
    ["engine", engine],
    ["state", status.state],
    ["holder", status.holder ? holderText(status.holder) : ""],
    ...place.map((line, i) => [i === 0 ? engine : "", line]),
    ["tasks", countsText(status.counts)],
    ["started", started],
    ["ended", ended ?? ""],
    ["results", files.results ?? ""],
    ["errors", files.errors ?? ""],
    ["folder", folder],
    ["note", status.rest ?? ""],
    ["next", NEXT[status.state](id, status.counts.failed)],
  ];
  const shown = rows.filter(([, text]) => text !== "");
  await print(textRows(shown as [string, string][], forStdout()) + "\n");
  return 0;
}

const OPEN: readonly JobState[] = ["running", "interrupted", "canceled"];

/** What the place where the job runs has to say of it. */
async function describePlace(engine: JobRecord["engine"], folder: string): Promise<string[]> {
  const { loadEngine } = await import("../engines/mod.ts");
  return await (await loadEngine(engine)).describe?.(folder) ?? [];
}

function holderText({ pid, host, since }: Holder): string {
  const where = host === Deno.hostname() ? "" : ` on ${host}`;
  return `process ${pid}${where}, since ${since}`;
}

function countsText(
  { total, succeeded, failed }: { total: number; succeeded: number; failed: number },
) {
  return `${total}: ${succeeded} succeeded, ${failed} failed, ${total - succeeded - failed} open`;
}

/** What stdin gave is kept, but nobody can read on in it. */
function lostRest({ isRead, source }: JobRecord): { rest?: string } {
  if (isRead || source.kind !== "stream") return {};
  return { rest: "the rest of its input is gone: only what had been read of it can be run" };
}

const NEXT: { readonly [S in JobState]: (id: string, failed: number) => string } = {
  running: (id) => `dl_jobs cancel ${id}`,
  interrupted: (id) => `dl_jobs resume ${id}`,
  canceled: (id) => `dl_jobs resume ${id}`,
  failed: (id, failed) => failed > 0 ? `dl_jobs retry ${id}` : `dl_jobs resume ${id}`,
  succeeded: (id) => `dl_jobs results ${id}`,
};
