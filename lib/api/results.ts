/**
 * The results of a job: as they come, all of them, or the first ones at a glance.
 *
 * @module
 */

import { Job, Run } from "./job.ts";
import { replay } from "../job_dir/follow_results.ts";
import { INSPECT } from "../job/format.ts";
import { htmlTable } from "../terminal/html_table.ts";
import { type Table, toTable } from "../terminal/table.ts";
import { textTable } from "../terminal/text_table.ts";
import { escapeHtml } from "../util/escape_html.ts";
import { firstResults, type Handle, handleOf, type JobLike, started } from "./handle.ts";
import { JUPYTER, type MediaBundle } from "./notebook.ts";
import { noteRun } from "./runs.ts";

const SHOWN = 10, MAX_CELL = 60;

/**
 * The results of a job that runs, ran, or is called by its id. Iterate over them as they come, or
 * await all of them.
 *
 * @throws {UsageError} when there is no such job.
 */
export function results<T = unknown>(what: JobLike<T> = "last"): Results<T> {
  const start = Job.isJob(what) ? started(what) : what;
  return new Results<T>(start instanceof Run ? start as Run<T> : handleOf(start));
}

/** What the tasks of a job returned. */
export class Results<T = unknown> implements PromiseLike<T[]>, AsyncIterable<T> {
  #source: Run<T> | Handle;

  /** The results of a run in this process, or of a job in its folder. */
  constructor(source: Run<T> | Handle) {
    this.#source = source;
  }

  /** Each result as it comes; of a job that is over, all of them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    if (this.#source instanceof Run) return yield* this.#source;
    yield* follow<T>(this.#source);
    if (this.#source.state === "interrupted") warn(this.#source);
  }

  /** All results, when the job is over. */
  then<A = T[], B = never>(
    fulfilled?: ((results: T[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Array.fromAsync<T>(this).then(fulfilled, rejected);
  }

  /** @ignore */
  [INSPECT](): string {
    const { title, table, more } = this.#glance();
    return [title, ...table ? [textTable(table)] : [], ...more ? [more] : []].join("\n");
  }

  /** @ignore */
  [JUPYTER](): MediaBundle {
    const { title, table, more } = this.#glance();
    const html = [paragraph(title), table ? htmlTable(table) : "", paragraph(more)].join("");
    return { "text/plain": this[INSPECT](), "text/html": html };
  }

  #glance(): { title: string; table?: Table; more: string } {
    if (this.#source instanceof Run && this.#source.sight.folder === undefined) {
      return { title: Deno.inspect(this.#source), more: "" };
    }
    const handle = handleOf(this.#source);
    const { id, state, record: { name }, counts: { total, succeeded, failed } } = handle;
    const rows = firstResults(handle.folder, SHOWN);
    const counts = `${succeeded} results of ${total} tasks${
      failed > 0 ? `, ${failed} failed` : ""
    }`;
    const rest = succeeded - rows.length;
    return {
      title: `${name}: job ${id}, ${state}: ${counts}`,
      ...rows.length > 0 ? { table: toTable(rows, MAX_CELL) } : {},
      more: rest > 0 ? `... and ${rest} more` : "",
    };
  }
}

/** The results of a job in another process, until it is over or Ctrl-C ends the waiting. */
async function* follow<T>({ folder, id }: Handle): AsyncGenerator<T> {
  const stop = new AbortController();
  const waiting = {
    hasEnded: false,
    hasFailed: false,
    cancel: () => stop.abort(new Error(`Stopped waiting for job ${id}: it goes on`)),
  };
  noteRun(waiting);
  try {
    yield* replay<T>(folder, stop.signal);
  } finally {
    waiting.hasEnded = true;
  }
}

function warn({ id, counts: { succeeded, failed, total } }: Handle): void {
  const ended = succeeded + failed;
  console.error(
    `Warning: job ${id} stopped with ${ended} of ${total} done, resume("${id}") goes on`,
  );
}

function paragraph(text: string): string {
  return text === "" ? "" : `<p>${escapeHtml(text)}</p>`;
}
