/**
 * The hidden command `worker`: runs a program in this process, where the executable is no Deno that
 * could run it by `deno run`. `lib/worker/command.ts` says when.
 *
 * @module
 */

import { toFileUrl } from "../util/paths.ts";
import type { WorkerOptions } from "../worker/protocol.ts";

/** Runs tasks from stdin until it ends: `dl_jobs worker /path/to/bundle.js '{"concurrency":2}'`. */
export async function runWorker([bundle = "", options = "{}"]: readonly string[]): Promise<number> {
  const { work }: { work(options: WorkerOptions): Promise<void> } = await import(toFileUrl(bundle));
  await work(JSON.parse(options));
  return 0;
}
