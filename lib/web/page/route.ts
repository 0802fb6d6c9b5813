/**
 * The address of what the page shows: a job, a view of it, a task, and the filter of the view.
 *
 * @module
 */

/** The views of a job, in the order of their links. */
export const VIEWS = ["overview", "tasks", "results", "logs", "compare"] as const;

/** A view of a job. */
export type View = typeof VIEWS[number];

/** The view that the page shows. */
export interface Route {
  /** The job's id; the empty text for the newest job. */
  readonly job: string;
  /** The view of the job. */
  readonly view: View;
  /** The id of the task whose details are open. @default {none} */
  readonly task?: number | undefined;
  /** The filter of the view, by the names of its fields. Fields without a value are left out. */
  readonly filter: Readonly<Record<string, string>>;
}

/**
 * Parses the fragment of an address, such as `#20261126T181018-07644e/tasks?state=failed&task=7`.
 *
 * @example
 * ```ts
 * import { parseRoute } from "./route.ts";
 *
 * const { job, view, task, filter } = parseRoute("#a-1/tasks?state=failed&task=7");
 * if (job + view + task + filter.state !== "a-1tasks7failed") throw new Error(view);
 * ```
 */
export function parseRoute(hash: string): Route {
  const [, path = "", , search] = /^#?([^?]*)(\?(.*))?$/s.exec(hash) ?? [];
  const slash = path.indexOf("/"), name = slash < 0 ? "" : path.slice(slash + 1);
  const { task = "", ...filter } = Object.fromEntries(new URLSearchParams(search));
  return {
    job: slash < 0 ? path : path.slice(0, slash),
    view: VIEWS.find((view) => view === name) ?? "overview",
    task: /^\d+$/.test(task) ? Number(task) : undefined,
    filter,
  };
}

/** Returns the fragment of an address, the opposite of {@linkcode parseRoute}. */
export function routeHash({ job, view, task, filter }: Route): string {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  const search = new URLSearchParams(given);
  if (task !== undefined) search.set("task", String(task));
  const path = view === "overview" ? job : `${job}/${view}`;
  return `#${path}${search.size > 0 ? `?${search}` : ""}`;
}
