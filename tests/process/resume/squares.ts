/**
 * A task with unique results, and the folder of its job.
 *
 * @module
 */

import { STORE } from "../../../lib/job_dir/layout.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";

/** Unique results, with multi-byte characters. */
export const squares = (count: number) =>
  Array.from({ length: count }, (_, x) => ({ "ü€😀": x * x }));
/** A task with a unique result. */
export const square = (x: number) => ({ "ü€😀": x * x });

/** Returns the folder of the last job. */
export async function lastFolder(): Promise<string> {
  return `${Deno.cwd()}/${STORE}/${(await listJobs()).at(-1)}`;
}
