/**
 * The results of a job, which can be iterated over, awaited together or displayed as a table.
 *
 * @module
 */

import { followResults } from "../job_dir/follow_results.ts";
import { readState } from "../job_dir/state.ts";
import { totalTasks } from "../job_dir/task_total.ts";
import { escapeControls } from "../terminal/escape.ts";
import { htmlTable } from "../terminal/html_table.ts";
import { type Table, toTable } from "../terminal/table.ts";
import { textTable } from "../terminal/text_table.ts";
import { counted } from "../util/text/counted.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import { escapeHtml } from "../util/text/escape_html.ts";
import { firstResults } from "./first_results.ts";
import type { Handle } from "./handle.ts";
import { checkNamed, handleOf, type JobLike, startOf } from "./job_like.ts";
import { cancelOnStop, JUPYTER, type MediaBundle } from "./notebook.ts";
import { Run } from "./run.ts";
import { trackRun } from "./runs.ts";

const MAX_ROWS = 10, MAX_CELL = 60;

/**
 * Finds the results of a job. Iterate over the return value to receive each result as it arrives,
 * or await it for an array of all results. A session or a notebook displays the first ten results
 * as a table.
 *
 * @example Await the results of a run
 * ```ts
 * import { job, local, results } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const run = local(job((x: number) => x * 2, { argsList: 3, ordered: true, noisy: false }));
 * const doubled: number[] = await results(run);
 * const again = await results<number>("last");
 * Deno.chdir(cwd);
 * if (doubled.join() !== "0,2,4" || again.join() !== "0,2,4") throw new Error(doubled.join());
 * ```
 *
 * @param what the job. The type of the results is inferred from a job, run or handle object. It is
 * `unknown` for an id or a name, unless the caller specifies it.
 * @returns the results. They are not read until they are awaited, iterated over or displayed.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function results<Result = unknown>(what: JobLike<Result> = "last"): Results<Result> {
  checkNamed(arguments);
  return new Results(startOf<Result>(what));
}

/**
 * The results of a job's successful tasks.
 *
 * @typeParam Result The type of a task's result.
 */
export class Results<Result = unknown> implements PromiseLike<Result[]>, AsyncIterable<Result> {
  #source: Run<Result> | Handle<Result>;

  /**
   * Creates an object that reads the results of a run in this process or of a job in a folder.
   *
   * @param source the run or the handle.
   */
  constructor(source: Run<Result> | Handle<Result>) {
    this.#source = source;
  }

  /**
   * Iterates over the results as they arrive, until the job ends. The results of a job in another
   * process whose option `ordered` is set come at its end.
   *
   * @returns the results. An interrupted job yields only its recorded results.
   * @throws {UsageError} when the run could not start.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Result> {
    if (this.#source instanceof Run) return yield* this.#source;
    yield* follow(this.#source);
    if (this.#source.state === "interrupted") warnInterrupted(this.#source);
  }

  /**
   * Waits for all results. `await results(job)` calls this method.
   *
   * @returns a promise that resolves to all results once the job has ended.
   */
  then<A = Result[], B = never>(
    fulfilled?: ((results: Result[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Array.fromAsync<Result>(this).then(fulfilled, rejected);
  }

  /** @ignore */
  [INSPECT](): string {
    const { title, table, more } = this.#summarize();
    return escapeControls(
      [title, table ? textTable(table) : "", more].filter(Boolean).join("\n"),
    );
  }

  /** @ignore */
  [JUPYTER](): MediaBundle {
    const { title, table, more } = this.#summarize();
    const html = [paragraph(title), table ? htmlTable(table) : "", paragraph(more)].join("");
    return { "text/plain": this[INSPECT](), "text/html": html };
  }

  #summarize(): Display {
    if (this.#source instanceof Run && this.#source.progress.folder === undefined) {
      return { title: Deno.inspect(this.#source), more: "" };
    }
    const handle = handleOf(this.#source);
    const { id, state, record } = handle, { counts, isPartial } = readState(handle.folder, record);
    const { succeeded, failed } = counts, tasks = totalTasks({ ...counts, isPartial });
    const rows = firstResults(handle.folder, MAX_ROWS);
    const failures = failed > 0 ? `, ${failed} failed` : "";
    const rest = succeeded - rows.length;
    return {
      title: `${record.name}: job ${id}, ${state}: ${counted(succeeded, "result")} of ` +
        `${tasks}${failures}`,
      table: rows.length > 0 ? toTable(rows, MAX_CELL) : undefined,
      more: rest > 0 ? `... and ${rest} more` : "",
    };
  }
}

/** The parts of a display of results, as text or HTML. */
interface Display {
  readonly title: string;
  readonly table?: Table | undefined;
  readonly more: string;
}

/** Yields the results of a job in another process until the job ends or the user stops the wait. */
async function* follow<Result>({ folder, id }: Handle<Result>): AsyncGenerator<Result> {
  const stop = new AbortController();
  const waiting = {
    hasEnded: false,
    hasFailed: false,
    cancel: () => stop.abort(new Error(`Stopped waiting for job ${id}: it is still running`)),
  };
  trackRun(waiting);
  using _stop = cancelOnStop(waiting);
  try {
    yield* followResults<Result>(folder, stop.signal);
  } finally {
    waiting.hasEnded = true;
  }
}

function warnInterrupted({ id, folder, record }: Handle): void {
  const { counts, isPartial } = readState(folder, record);
  const ended = counts.succeeded + counts.failed, tasks = totalTasks({ ...counts, isPartial });
  console.error(
    `Warning: job ${id} stopped with ${ended} of ${tasks} done, resume("${id}") runs the rest`,
  );
}

function paragraph(text: string): string {
  return text === "" ? "" : `<p>${escapeHtml(text)}</p>`;
}
