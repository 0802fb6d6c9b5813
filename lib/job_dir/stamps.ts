/**
 * The stamps of a job's files: their sizes and times when the job ended. While they are unchanged,
 * nothing has written to the files, so that `dl_jobs status` need not read them again.
 *
 * @module
 */

import { tryStat } from "../util/files/fs.ts";
import { jobFiles } from "./layout.ts";

/** The size of a file in bytes, and the time of its last change, in milliseconds since 1970. */
export type FileStamp = readonly [size: number, modified: number];

/** The stamps of the files whose contents `status` checks. */
export type JobStamps = Readonly<Record<"events" | "tasks" | "sums", FileStamp>>;

const STAMPED: readonly (keyof JobStamps)[] = ["events", "tasks", "sums"];

/** Returns the stamp of a file; that of a missing or unreadable file has the size -1. */
export function stampOf(path: string): FileStamp {
  const found = tryStat(path);
  return [found?.size ?? -1, found?.mtime?.getTime() ?? 0];
}

/** Returns true when two stamps are equal. */
export function isSameStamp([size, modified]: FileStamp, other: FileStamp | undefined): boolean {
  return size === other?.[0] && modified === other[1];
}

/** Returns the stamps of the files of a job that ends, once all is written to them. */
export function stampFiles(folder: string): JobStamps {
  const { events, tasks, sums } = jobFiles(folder);
  return { events: stampOf(events), tasks: stampOf(tasks), sums: stampOf(sums) };
}

/** Returns true when the files of a job are as they were at its end. */
export function areFilesUnchanged(folder: string, stamps: JobStamps | undefined): boolean {
  const files = jobFiles(folder);
  return stamps !== undefined &&
    STAMPED.every((name) => isSameStamp(stampOf(files[name]), stamps[name]));
}
