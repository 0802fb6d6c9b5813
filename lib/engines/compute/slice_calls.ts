/**
 * The arguments of platform jobs, each of which runs a slice of the tasks.
 *
 * @module
 */

import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { importRoots } from "../shared/data_files.ts";
import { farSideSettings } from "../shared/far_side_settings.ts";
import type { EngineContext } from "../engine.ts";
import { taskLines, taskRanges } from "../shared/task_ranges.ts";
import type { SliceSettings } from "./compute_part.ts";
import { packGzip } from "./gzip.ts";
import type { ComputeSettings } from "./options.ts";

/** The limits of one request, in tasks, platform jobs and bytes. */
export const MAX_REQUEST = { tasks: 100_000, slices: 1000, bytes: 4 * 1024 * 1024 } as const;

/** The settings of a job on the platform. */
export interface CallSettings {
  /** The context of the job. */
  readonly context: EngineContext;
  /** The option `compute` of the job. */
  readonly settings: ComputeSettings;
}

/** Returns the arguments of platform jobs, for the first slices that fit in one request. */
export async function callsOf(
  slices: readonly TaskBatch[][],
  given: CallSettings,
): Promise<unknown[][]> {
  const calls: unknown[][] = [];
  let room = MAX_REQUEST.bytes;
  for (const [index, slice] of slices.entries()) {
    const packed = await packed64(slice);
    room -= packed.length;
    if (room < 0 && index > 0) break;
    const settings = settingsOf(given, slice[0]!.limits);
    calls.push([index, settings, slice.flatMap(taskRanges), packed]);
  }
  return calls;
}

function settingsOf(
  { context, settings }: CallSettings,
  limits: Limits | undefined,
): SliceSettings {
  const { workers, timeout: seconds } = settings;
  const roots = context.bundle.endsWith(".py") ? importRoots() : undefined;
  return { ...farSideSettings(context, workers, limits), seconds, roots };
}

/** Returns the arguments of tasks as gzip in Base64. */
async function packed64(slice: readonly TaskBatch[]): Promise<string> {
  return (await packGzip(concatBytes(slice.flatMap(taskLines)))).toBase64();
}
