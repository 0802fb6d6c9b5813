/**
 * The hidden command `worker`: runs a program in this process. `lib/worker/command.ts` uses it when
 * the executable cannot act as `deno run`.
 *
 * @module
 */

import { toFileUrl } from "../util/paths.ts";
import type { WorkerOptions } from "../worker/protocol.ts";
import { EXIT } from "./exit_status.ts";

/**
 * Runs the tasks that arrive on stdin, until stdin ends: `dl_jobs worker /path/to/bundle.js
 * '{"concurrency":2}'`.
 */
export async function runWorker([bundle = "", options = "{}"]: readonly string[]): Promise<number> {
  const { work }: { work(options: WorkerOptions): Promise<void> } = await import(toFileUrl(bundle));
  await work(JSON.parse(options));
  return EXIT.done.status;
}
