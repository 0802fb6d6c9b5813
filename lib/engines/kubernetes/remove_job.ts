/**
 * Removes a Job with its pods, and the records about them.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { removeReport } from "../stream/host_report.ts";
import { readMirrors, removeMirror } from "../stream/mirror.ts";
import { JOB_LABEL } from "./job_manifest.ts";
import { PodJobRecord } from "./job_record.ts";
import type { Kubectl } from "./kubectl.ts";

/**
 * Removes the Job of a size, if there is one.
 *
 * @param folder the job's folder
 * @param size the name of the size
 * @param grace the time in which canceled calls can react, in milliseconds
 */
export async function removeJob(
  kubectl: Kubectl,
  folder: string,
  size: string,
  grace: number,
): Promise<void> {
  const record = new PodJobRecord(folder, size), dir = engineFolder(folder, size);
  if (record.name !== undefined) {
    const seconds = Math.max(1, Math.ceil(grace / 1000));
    const how = ["--ignore-not-found", "--wait=false", `--grace-period=${seconds}`];
    await kubectl.run(["delete", "jobs,pods", "-l", `${JOB_LABEL}=${record.name}`, ...how]);
  }
  for (const { path } of readMirrors(dir)) removeMirror(path);
  record.remove();
  removeReport(dir);
}
