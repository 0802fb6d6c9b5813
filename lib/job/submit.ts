/**
 * A job in the hands of a process of its own, which goes on when this one is left.
 *
 * @module
 */

import { holderOf } from "../job_dir/lock.ts";
import { type JobRecord, readRecord, writeRecord } from "../job_dir/record.ts";
import { Journal } from "../journal/writer.ts";
import { toTasks } from "../tasks/source.ts";
import { UsageError } from "../util/errors.ts";
import { writeAll } from "../util/fs.ts";
import { selfCommand } from "../worker/command.ts";
import type { RunPlan } from "./controller.ts";
import type { Startable } from "./options.ts";
import { planOnly } from "./plan.ts";

const POLL_MS = 10;
/** What a command exits with that was refused. */
const WRONG_USAGE = 2;

/**
 * Hands a job to the configured engine and gives its folder as soon as another process has it in
 * hand. A list that nobody could read again later is kept in full before.
 *
 * @throws {UsageError} when the job cannot be planned, or nobody takes it.
 */
export async function submit(job: Startable): Promise<string> {
  const plan = await planOnly(job, { overrides: { isDev: false, platformJob: true } });
  await keep(plan);
  await handOver(plan.folder);
  return plan.folder;
}

/** Writes a job as one that has been read and not begun. */
async function keep({ folder, record, code, list }: RunPlan): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/bundle.js`, code!);
  Journal.create(`${folder}/events.ndjson`, record.id)[Symbol.dispose]();
  // Numbers and files are read again by whoever runs the job.
  const kept = record.source.kind === "stream" ? await keepList(folder, list!) : {};
  // The last one: without it, there is no job.
  writeRecord(folder, { ...record, ...kept });
}

async function keepList(
  folder: string,
  list: NonNullable<RunPlan["list"]>,
): Promise<Pick<JobRecord, "length" | "isRead">> {
  const path = `${folder}/tasks.ndjson`;
  using file = await Deno.open(path, { write: true, createNew: true });
  let length = 0;
  for await (const batch of toTasks(list)) {
    writeAll(file, batch.bytes, path);
    length += batch.count;
  }
  await file.syncData();
  return { length, isRead: true };
}

/**
 * Starts the process that goes on with a job, and waits until it has it in hand.
 *
 * @throws {UsageError} when it cannot.
 */
export async function handOver(
  folder: string,
  command: "resume" | "retry" = "resume",
): Promise<void> {
  const id = folder.slice(folder.lastIndexOf("/") + 1);
  const process = new Deno.Command(Deno.execPath(), {
    args: selfCommand([command, id]),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // Not of this terminal: neither Ctrl-C nor its end may reach it.
    detached: true,
  }).spawn();
  process.unref();
  let end: Deno.CommandStatus | undefined;
  process.status.then((status) => end = status);
  while (holderOf(folder)?.pid !== process.pid) {
    if (end) return await checkEnd(folder, `${command} ${id}`, end);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A short job may have come to its end already. */
async function checkEnd(
  folder: string,
  command: string,
  { code }: Deno.CommandStatus,
): Promise<void> {
  const { id, ended } = await readRecord(folder);
  if (code !== WRONG_USAGE && ended !== undefined) return;
  throw new UsageError(`Cannot start job ${id}: dl_jobs ${command} says why`);
}
