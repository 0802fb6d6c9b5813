import { joinTasks, type Task, type TaskBatch } from "../batch.ts";
import { Element } from "./_element.ts";
import { isThere } from "../store.ts";
import { isCanceled, readWave, type Row, wavesOf } from "./_wave.ts";

/** An array that a former controller submitted. */
interface Former {
  readonly wave: string;
  readonly array: string | undefined;
  readonly elements: readonly (readonly Row[])[];
}

/** The tasks that one element was given. */
interface Claim {
  readonly row: Row;
  readonly element: Element;
}

/**
 * The arrays that a former controller of the job submitted: what has no end yet of their tasks is
 * still theirs, however they stand.
 */
export class Adoption {
  #claims: Claim[] = [];
  #last: Claim | undefined;

  /** Looks for arrays in a job's folder; gives also the number that the next one has. */
  static async find(
    folder: string,
    idOf: (name: string) => Promise<string | undefined>,
  ): Promise<{ readonly adoption: Adoption; readonly next: number }> {
    const formers = await Array.fromAsync(readFormers(folder, idOf));
    // The newest first: what was lost is claimed by the one that got it then.
    return { adoption: new Adoption(formers.reverse()), next: nextNumber(folder) };
  }

  private constructor(formers: readonly Former[]) {
    for (const { wave, array, elements } of formers) {
      for (const [index, rows] of elements.entries()) {
        const element = new Element(array, index, wave, isCanceled(wave));
        for (const row of rows) this.#claims.push({ row, element });
      }
    }
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#claims.length === 0;
  }

  /** Gives tasks to the elements that have them, and the others back. */
  sort(batch: TaskBatch): TaskBatch[] {
    const owners = Map.groupBy(batch, (task) => this.#claimOf(task)?.element);
    for (const [element, tasks] of owners) {
      if (element) { for (const one of joinTasks(tasks)) element.push(one); }
    }
    return joinTasks(owners.get(undefined) ?? []);
  }

  /** Lets an element have nothing any more. */
  forget(element: Element): void {
    this.#claims = this.#claims.filter((claim) => claim.element !== element);
    this.#last = undefined;
  }

  /** The elements that have tasks with no end. */
  get elements(): Element[] {
    const all = new Set(this.#claims.map(({ element }) => element));
    return [...all].filter(({ pending }) => pending.count > 0);
  }

  #claimOf(task: Task): Claim | undefined {
    if (!this.#last || !isIn(this.#last, task)) {
      this.#last = this.#claims.find((claim) => isIn(claim, task));
    }
    return this.#last;
  }
}

function isIn({ row: [first, count, attempt] }: Claim, task: Task): boolean {
  return task.attempt === attempt && task.id >= first && task.id < first + count;
}

async function* readFormers(
  folder: string,
  idOf: (name: string) => Promise<string | undefined>,
): AsyncGenerator<Former> {
  for (const wave of listWaves(folder)) {
    const { name, array, elements } = await readWave(wave);
    // It may have died before it learned the id.
    yield { wave, array: array ?? await idOf(name), elements };
  }
}

/**
 * The folders of a job's arrays, the oldest first. One without a record has been dealt with, or its
 * controller died before it was submitted.
 */
export function listWaves(folder: string): string[] {
  return numbersOf(folder).map((number) => `${wavesOf(folder)}/${number}`)
    .filter((wave) => isThere(`${wave}/wave.json`));
}

function nextNumber(folder: string): number {
  return (numbersOf(folder).at(-1) ?? -1) + 1;
}

function numbersOf(folder: string): number[] {
  if (!isThere(wavesOf(folder))) return [];
  return [...Deno.readDirSync(wavesOf(folder))].filter(({ name }) => /^\d+$/.test(name))
    .map(({ name }) => Number(name)).sort((a, b) => a - b);
}
