/**
 * The record of what a host was given, from which a later controller continues.
 *
 * ```text
 * .dl_jobs/<job>/ssh/lab1.tasks   the same bytes as the file tasks on the host
 * .dl_jobs/<job>/ssh/lab1.json    the folder on the host, and the offset in its events
 * ```
 *
 * @module
 */

import {
  exists,
  makePrivateFolder,
  PRIVATE_FILE,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";
import { readFully } from "../../util/files/growing_file.ts";
import { tryJson } from "../../util/try_json.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { readSpool, SpoolFile } from "./spool_file.ts";
import { assignedRanges, tasksHead } from "./task_packets.ts";

/** The content of the JSON file of a mirror. */
export interface MirrorState {
  /** The name of the host. */
  readonly name: string;
  /** The folder of the job on the host. */
  readonly spool: string;
  /** The offset in its events up to which the journal has them. */
  readonly offset: number;
  /** Folders on the host that it must remove. */
  readonly drop: readonly string[];
  /**
   * The attempts that services have limited there, once for each time. They are pending again with
   * their numbers. @default {none}
   */
  readonly returned?: readonly Returned[] | undefined;
}

/** An attempt that a host has ended, and that is repeated with its number. */
type Returned = readonly [id: number, attempt: number];

const PIECE_BYTES = 256 * 1024;

/** The packets that one host was given. */
export class Mirror implements Disposable {
  /** The tasks that an earlier controller gave to the host. */
  readonly assigned: readonly TaskRange[] = [];
  #path: string;
  #name: string;
  #job: string;
  #spool: string;
  #offset = 0;
  /** The last offset that is saved. The journal has the events before it on the disk. */
  #saved = 0;
  #drop: string[] = [];
  #returned: Returned[] = [];
  /** The number of returned attempts before the saved offset. */
  #savedReturned = 0;
  #file: SpoolFile | undefined;

  /**
   * Opens the mirror of a host. Nothing is written before the host is given a task.
   *
   * @param folder the folder of the engine in the job's folder
   * @param name the name of the host
   * @param job the job's id
   */
  constructor(folder: string, name: string, job: string) {
    this.#path = `${folder}/${encodeURIComponent(name)}`;
    this.#name = name;
    this.#job = job.replaceAll(/[^\w.-]/g, "_");
    this.#spool = this.#newSpool();
    const state = readState(`${this.#path}.json`);
    if (state) this.assigned = this.#restore(state);
  }

  /** The name of the job's folder on the host. */
  get spool(): string {
    return this.#spool;
  }

  /** The offset in the events of the host after the last one that was recorded. */
  get offset(): number {
    return this.#offset;
  }

  /** The size of the packets. */
  get size(): number {
    return this.#file?.size ?? 0;
  }

  /** The folders that the host must remove. */
  get drop(): readonly string[] {
    return this.#drop;
  }

  /** Appends a packet, and returns its bytes. */
  append(head: object, payload: Uint8Array): Uint8Array {
    if (!this.#file) {
      this.#begin();
      this.#save();
    }
    return this.#file!.append(head, payload);
  }

  /**
   * Yields the bytes from an offset to the end.
   *
   * @throws {Error} when something else has cut the file.
   */
  *bytes(from: number): Generator<Uint8Array> {
    if (from >= this.size) return;
    const path = `${this.#path}.tasks`;
    using file = Deno.openSync(path);
    file.seekSync(from, Deno.SeekMode.Start);
    for (let left = this.size - from; left > 0;) {
      const piece = readFully(file, new Uint8Array(Math.min(PIECE_BYTES, left)), path);
      if (piece.length === 0) throw new Error(`Cannot read ${path}: it has lost its last tasks`);
      left -= piece.length;
      yield piece;
    }
  }

  /**
   * Notes the offset up to which events were recorded.
   *
   * @param returned the attempts that these events have limited
   */
  advance(offset: number, returned: readonly Returned[] = []): void {
    this.#offset = offset;
    this.#returned.push(...returned);
  }

  /**
   * Returns a function that saves the present offset; `undefined` when it is saved. A controller
   * that dies may lose events that the journal does not have on the disk. The next controller has to
   * read them again, and ignores those that it has.
   */
  mark(): (() => void) | undefined {
    const offset = this.#offset, spool = this.#spool, returned = this.#returned.length;
    if (offset === this.#saved) return undefined;
    return () => {
      if (spool !== this.#spool || !this.#file) return;
      this.#saved = offset;
      this.#savedReturned = returned;
      this.#save();
    };
  }

  /** Notes that the host has removed folders. */
  dropped(spools: readonly string[]): void {
    if (spools.length === 0) return;
    this.#drop = this.#drop.filter((spool) => !spools.includes(spool));
    if (this.#file || exists(`${this.#path}.json`)) this.#save();
  }

  /** Gives the host a new folder. The host must remove the present one when it is back. */
  abandon(): void {
    this.#drop.push(this.#spool);
    this.#spool = this.#newSpool();
    this.#offset = this.#saved = 0;
    this.#returned = [];
    this.#savedReturned = 0;
    this.#close();
    this.#begin();
    this.#save();
  }

  /** Removes the files, when the host has removed its folder. */
  remove(): void {
    this.#close();
    removeMirror(this.#path);
  }

  [Symbol.dispose](): void {
    try {
      if (this.#file) this.#save();
    } finally {
      this.#close();
    }
  }

  /** Creates an empty file. A host may lose its folder before it is given a task. */
  #begin(): void {
    makePrivateFolder(dirname(this.#path));
    this.#file = new SpoolFile(`${this.#path}.tasks`, 0);
  }

  #close(): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }

  /** Continues with the files of an earlier controller, and returns what it gave to the host. */
  #restore({ spool, offset, drop, returned = [] }: MirrorState): readonly TaskRange[] {
    const path = `${this.#path}.tasks`, { ranges, end } = readAssigned(path, returned);
    this.#returned = [...returned];
    this.#savedReturned = returned.length;
    this.#spool = spool;
    this.#offset = this.#saved = offset;
    this.#drop = [...drop];
    this.#file = new SpoolFile(path, end);
    return ranges;
  }

  #newSpool(): string {
    return `${this.#job}.${crypto.randomUUID().slice(0, 8)}`;
  }

  #save(): void {
    const state: MirrorState = {
      name: this.#name,
      spool: this.#spool,
      offset: this.#saved,
      drop: this.#drop,
      returned: this.#savedReturned > 0 ? this.#returned.slice(0, this.#savedReturned) : undefined,
    };
    writeAtomic(`${this.#path}.json`, JSON.stringify(state), { mode: PRIVATE_FILE });
  }
}

/**
 * Reads the states of all mirrors in a folder.
 *
 * @returns the states, each with the path of the mirror without its ending
 */
export function readMirrors(folder: string): (MirrorState & { readonly path: string })[] {
  if (!exists(folder)) return [];
  return Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`)
    .filter((path) => exists(path.replace(/json$/, "tasks")) && path.endsWith(".json"))
    .flatMap((path) => {
      const state = readState(path);
      return state ? { ...state, path: path.slice(0, -".json".length) } : [];
    });
}

/** Lists the tasks that the hosts of a job were given, from the mirrors in a folder. */
export function givenTasks(folder: string): TaskRange[] {
  return readMirrors(folder).flatMap(({ path, returned = [] }) =>
    readAssigned(`${path}.tasks`, returned).ranges
  );
}

function readAssigned(
  path: string,
  returned: readonly Returned[],
): { readonly ranges: TaskRange[]; readonly end: number } {
  const ranges: TaskRange[] = [];
  const end = readSpool(path, (packet) => {
    const head = tasksHead(packet);
    for (const range of head ? assignedRanges(head) : []) ranges.push(range);
  });
  return { ranges: without(ranges, returned), end };
}

/** Leaves attempts out that have returned, each once for each time. */
function without(ranges: TaskRange[], returned: readonly Returned[]): TaskRange[] {
  if (returned.length === 0) return ranges;
  const times = new Map<string, number>();
  for (const one of returned) times.set(one.join(), (times.get(one.join()) ?? 0) + 1);
  return ranges.flatMap(([first, count, attempt]) => {
    const kept: [id: number, count: number, attempt: number][] = [];
    for (let id = first; id < first + count; id++) {
      const key = `${id},${attempt}`, left = times.get(key) ?? 0, last = kept.at(-1);
      if (left > 0) times.set(key, left - 1);
      else if (last && last[0] + last[1] === id) last[1]++;
      else kept.push([id, 1, attempt]);
    }
    return kept;
  });
}

/**
 * Removes the files of a mirror.
 *
 * @param path the path of the mirror without its ending
 */
export function removeMirror(path: string): void {
  for (const ending of [".tasks", ".json"]) removeIfThere(path + ending);
}

/**
 * Reads the state of a mirror. A power cut may have emptied the file, which is not synced. The tasks
 * of the host then run again elsewhere, as when it is away for too long.
 */
function readState(path: string): MirrorState | undefined {
  const state = exists(path) ? tryJson(Deno.readTextFileSync(path)) : undefined;
  return state as MirrorState | undefined;
}
