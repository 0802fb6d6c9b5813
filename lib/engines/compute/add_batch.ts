/**
 * Adds the events of tasks to a result archive, together with the files that the tasks have written.
 *
 * @module
 */

import { type EventBatch, NO_EVENTS } from "../../journal/format.ts";
import { parseEvents } from "../../journal/scan.ts";
import { type ResultArchive, tooLongError } from "./result_archive.ts";
import type { ChangedFiles } from "../shared/task_files.ts";

/**
 * Adds the events of a batch, after the files that its tasks have written.
 *
 * @param others the number of tasks that have not ended. A worker runs ahead, so each of them could
 * have written the files.
 */
export async function addBatch(
  archive: ResultArchive,
  files: ChangedFiles,
  batch: EventBatch,
  others: number,
): Promise<void> {
  const count = batch.succeeded + batch.failures.length;
  if (count === 0) return await archive.add(batch);
  const { paths, bytes } = files.look();
  const fits = bytes <= MAX_FILES && await archive.addFiles(await files.read(paths));
  if (fits) return await archive.add(batch);
  // Otherwise another task may have written them: the tasks run again in smaller slices.
  if (others > 0 || count > 1) await archive.fill();
  else await archive.add(failedFor(batch, bytes));
}

// Files of this size in bytes never fit, however well they compress.
const MAX_FILES = 256 * 1024 * 1024;

/** Returns the failure of the only task of a batch, whose files do not fit. */
function failedFor({ lines, failures }: EventBatch, bytes: number): EventBatch {
  const [event = failures[0]!.event] = parseEvents(new TextDecoder().decode(lines));
  const error = tooLongError(
    `its files in ctx.dir have ${bytes} bytes, and exceed`,
    "write them to a storage of your own and return their addresses",
  );
  const { id, attempt } = event;
  const failed = { id, attempt, type: "failed", ms: 0, error } as const;
  return { ...NO_EVENTS, failures: [{ event: failed, args: new Uint8Array() }] };
}
