/**
 * Records of a job's submissions, from which a later controller finds the running parts.
 *
 * @module
 */

import { exists, makePrivateFolder, PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";

/**
 * Numbered records in a folder, such as `slurm/3/wave.json` or `compute/3.json`.
 *
 * The backend writes a record before it sends the request, and updates the record after the
 * response.
 *
 * @example
 * ```ts
 * import { Submissions } from "./submissions.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const submissions = new Submissions<{ id: string }>(folder, ".json");
 * const first = submissions.next();
 * await submissions.write(first, { id: "a" });
 * if (submissions.list().join() !== first) throw new Error("the record is not listed");
 * if ((await submissions.read(first)).id !== "a") throw new Error("the record has another id");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class Submissions<Record extends object> {
  #next: number | undefined;

  /**
   * Opens the records of a folder, which need not exist.
   *
   * @param folder the folder of the records
   * @param ending the text after the number in a record's path
   */
  constructor(readonly folder: string, readonly ending: `${"/" | "."}${string}`) {}

  /** Lists the paths of recorded submissions, oldest first. The paths do not include the ending. */
  list(): string[] {
    return this.#numbers().map((number) => `${this.folder}/${number}`)
      .filter((path) => exists(path + this.ending));
  }

  /** Returns the path of a new submission, with a number above all earlier ones. */
  next(): string {
    this.#next ??= (this.#numbers().at(-1) ?? -1) + 1;
    return `${this.folder}/${this.#next++}`;
  }

  /** Reads the record of a submission. */
  async read(path: string): Promise<Record> {
    return JSON.parse(await Deno.readTextFile(path + this.ending));
  }

  /** Reads the records of all submissions, oldest first. */
  readAll(): Promise<Record[]> {
    return Promise.all(this.list().map((path) => this.read(path)));
  }

  /** Writes the record of a submission atomically. */
  write(path: string, record: Record): void {
    const file = path + this.ending;
    makePrivateFolder(dirname(file));
    writeAtomic(file, JSON.stringify(record) + "\n", { sync: true, mode: PRIVATE_FILE });
  }

  /** Removes the record of a submission, so later controllers do not look for its parts. */
  async forget(path: string): Promise<void> {
    await Deno.remove(path + this.ending);
  }

  /** Marks the job as canceled. A controller on any machine stops when it sees the mark. */
  async markCanceled(): Promise<void> {
    await Deno.writeTextFile(this.#mark, "", { mode: PRIVATE_FILE });
  }

  /** Returns true when the job is marked as canceled. */
  isCanceled(): boolean {
    return exists(this.#mark);
  }

  /** Removes the mark of a canceled job, if present. */
  async clearCanceled(): Promise<void> {
    if (this.isCanceled()) await Deno.remove(this.#mark);
  }

  get #mark(): string {
    return `${this.folder}/canceled`;
  }

  #numbers(): number[] {
    if (!exists(this.folder)) return [];
    const ending = this.ending.startsWith("/") ? "" : this.ending;
    const names = Array.from(Deno.readDirSync(this.folder), ({ name }) => name);
    return names.filter((name) => /^\d+$/.test(stripped(name, ending)))
      .map((name) => parseInt(name)).sort((a, b) => a - b);
  }
}

function stripped(name: string, ending: string): string {
  return name.endsWith(ending) ? name.slice(0, name.length - ending.length) : "";
}
