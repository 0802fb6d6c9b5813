import { UsageError } from "../../util/errors.ts";
import type { Element } from "./array_task.ts";
import { accounts, arrayId, explain, phaseOf, queue, type Seen } from "./commands.ts";

const LEAST_MS = 1000, MOST_MS = 60_000;

/** Asks Slurm how elements stand: all in one question, less and less often while nothing changes. */
export class Poll {
  #ms = LEAST_MS;
  #at = 0;
  #states = "";
  #told = new Set<string>();
  #take: (text: string) => void;

  /**
   * @param tell takes what a person should know
   * @param isCanceled whether somebody else has ended the job
   */
  constructor(tell: (text: string) => void, readonly isCanceled: () => boolean) {
    this.#take = tell;
  }

  /** Says something, once. */
  tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#take(text);
  }

  /** Asks often again: something has happened. */
  soon(): void {
    this.#ms = LEAST_MS;
    this.#at = Math.min(this.#at, performance.now() + LEAST_MS);
  }

  /**
   * Tells elements how they stand, if it is time to ask.
   *
   * @throws {UsageError} when one of them will never run, or somebody else has ended the job.
   */
  async ask(elements: ReadonlySet<Element>): Promise<void> {
    if (elements.size === 0 || performance.now() < this.#at) return;
    if (this.isCanceled()) {
      throw new UsageError("Cannot go on: the job was canceled from elsewhere");
    }
    const before = this.#states;
    await this.#askNow([...elements]);
    const ms = before === this.#states ? this.#ms * 2 : this.#ms / 2;
    this.#ms = Math.min(Math.max(ms, LEAST_MS), MOST_MS);
    this.#at = performance.now() + this.#ms;
  }

  async #askNow(elements: readonly Element[]): Promise<void> {
    const arrays = [...new Set(elements.map(({ array }) => array))]
      .filter((array) => array !== undefined);
    const queued = await queue(arrays);
    if (!queued) {
      return this.tell("Slurm does not answer: what runs there goes on, it is asked again");
    }
    // It forgets those that ended some minutes ago.
    const isKnown = elements.every((element) => queued.has(idOf(element)));
    const seen = isKnown ? queued : new Map([...await accounts(arrays), ...queued]);
    const states = elements.map((element) => this.#see(element, seen.get(idOf(element))));
    this.#states = states.join();
  }

  #see(element: Element, seen: Seen | undefined): string {
    element.see(seen, performance.now());
    if (seen && phaseOf(seen.state) === "waiting") this.#explain(element, seen.reason);
    return seen?.state ?? "gone";
  }

  #explain(element: Element, reason: string): void {
    const waiting = explain(reason);
    if (!waiting || waiting.isUsual) return;
    if (!waiting.isInVain) return this.tell(`Waiting for Slurm: ${waiting.text}`);
    throw new UsageError(`Cannot run element ${idOf(element)} on Slurm: ${waiting.text}`);
  }
}

/** What Slurm calls an element; nothing as long as nobody knows its array. */
function idOf({ array, index }: Element): string {
  return array ? `${arrayId(array)}_${index}` : "";
}
