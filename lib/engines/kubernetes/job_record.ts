/**
 * The record of the Job in the folder of a job, from which a later controller continues.
 *
 * ```text
 * .dl_jobs/<job>/kubernetes/job.json   the name of the Job, and the pod of each place
 * ```
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import {
  exists,
  makePrivateFolder,
  PRIVATE_FILE,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";

/** Returns a new name for the Job of a job, which no other one has. */
export function jobName(job: string): string {
  const id = job.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 40).replace(/^-|-$/g, "");
  return `dl-jobs-${id}-${crypto.randomUUID().slice(0, 6)}`;
}

interface JobState {
  readonly name: string;
  readonly pods: Readonly<Record<string, string>>;
}

/** The name of a Job, and the pod of each place. */
export class PodJobRecord {
  #path: string;
  #state: JobState | undefined;

  /**
   * Opens the record.
   *
   * @param folder the job's folder
   * @param size the name of the size of the pods
   */
  constructor(folder: string, size: string) {
    this.#path = `${engineFolder(folder, size)}/job.json`;
    this.#state = exists(this.#path) ? JSON.parse(Deno.readTextFileSync(this.#path)) : undefined;
  }

  /** The name of the Job; `undefined` when none was created. */
  get name(): string | undefined {
    return this.#state?.name;
  }

  /** The pod of each place. */
  get pods(): Readonly<Record<string, string>> {
    return this.#state?.pods ?? {};
  }

  /**
   * Records a new name, before a Job is created. A second request to create it is then harmless.
   *
   * @param job the job's id
   */
  begin(job: string): string {
    const name = jobName(job);
    makePrivateFolder(dirname(this.#path));
    this.#write({ name, pods: this.pods });
    return name;
  }

  /** Records the pod of a place; `undefined` when it has none. */
  setPod(place: string, pod: string | undefined): void {
    const { [place]: _, ...pods } = this.pods;
    this.#write({ name: this.name!, pods: pod === undefined ? pods : { ...pods, [place]: pod } });
  }

  /** Removes the record. */
  remove(): void {
    removeIfThere(this.#path);
    try {
      Deno.removeSync(dirname(this.#path));
    } catch {
      // Another file of the engine is there.
    }
  }

  #write(state: JobState): void {
    this.#state = state;
    // Without its name, the Job could not be removed after a power cut.
    writeAtomic(this.#path, JSON.stringify(state), { sync: "file", mode: PRIVATE_FILE });
  }
}
