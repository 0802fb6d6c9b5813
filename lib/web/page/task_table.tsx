/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A table of any number of tasks. Only the rows in view are fetched and drawn.
 *
 * @module
 */

import type { Snapshot, TaskPage, TaskQuery, TaskRow } from "../protocol.ts";
import { h, useEffect, useRef, useState } from "./deps.ts";
import { countText, durationText, plural, shownOutput } from "./format.ts";
import { type DataSource, queryText } from "./source.ts";
import { ROW_HEIGHT, rowWindow } from "./virtual_rows.ts";

// Rows around the view are fetched with it, so that short movements need no request.
const AROUND = 60;
const REFRESH_MS = 1500;
// The head stays at the top of the rows, as the style sheet says.
const HEAD_HEIGHT = 36;

interface TableProps {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly query: TaskQuery;
  readonly onOrder: (order: TaskQuery["order"]) => void;
  readonly onOpen: (id: number) => void;
}

/** Shows tasks as rows. The arrow keys choose a row, and Enter opens it. */
export function TaskTable({ source, snapshot, query, onOrder, onOpen }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useState(0);
  const [viewHeight, setViewHeight] = useState(0);
  const key = `${snapshot.job.id} ${queryText(query)}`;
  const { page, ask } = usePage(source, snapshot, query, key);
  const rows = page?.found ?? 0;
  const view = rowWindow({ rows, scrollTop, viewHeight });
  useEffect(() => {
    box.current!.scrollTop = 0;
    setActive(0);
  }, [key]);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) =>
      setViewHeight(Math.max(0, entry!.contentRect.height - HEAD_HEIGHT))
    );
    sizes.observe(box.current!);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => ask(view.first, view.count), [key, view.first, view.count]);
  const rowAt = (row: number) => page?.rows[row - page.from];
  const pressed = (event: KeyboardEvent) => {
    // The buttons in the head have keys of their own.
    if (event.target !== box.current) return;
    const { key } = event, row = movedBy(key, active, Math.max(1, view.count - 2), rows);
    if (key === "Enter" && rowAt(active)) onOpen(rowAt(active)!.id);
    if (row === undefined) return;
    event.preventDefault();
    setActive(row);
    box.current!.scrollTop = view.scrollTo(row);
  };
  return (
    <div>
      {/* Below the rows, it would be out of view. */}
      <p class="note" role="status">{page ? foundText(page) : "Searching…"}</p>
      <div
        ref={box}
        class="rows"
        role="grid"
        tabIndex={0}
        aria-label="Tasks: arrow keys choose one, Enter opens it"
        aria-rowcount={rows + 1}
        aria-colcount={5}
        aria-activedescendant={rowAt(active) ? rowId(active) : undefined}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
        onKeyDown={pressed}
      >
        <Head order={query.order} onOrder={onOrder} />
        <div class="all" role="rowgroup" style={{ height: `${view.height}px` }}>
          {Array.from({ length: Math.max(0, view.count) }, (_, i) => view.first + i).map((row) => (
            <Row
              key={row}
              row={row}
              task={rowAt(row)}
              top={view.topOf(row)}
              isActive={row === active}
              onOpen={onOpen}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/**
 * Fetches the rows in view, and again while the job changes. An answer that takes longer than the
 * time between two requests is shown until the next one.
 */
function usePage(source: DataSource, snapshot: Snapshot, query: TaskQuery, key: string) {
  const [page, setPage] = useState<TaskPage>();
  const last = useRef({
    number: 0,
    shown: 0,
    from: 0,
    count: 2 * AROUND,
    key: "",
    asked: -Infinity,
  });
  const { succeeded, failed, total, state } = snapshot.job, { read, retried } = snapshot;
  const fetchRows = async () => {
    const { from, count } = last.current, number = ++last.current.number;
    last.current.asked = performance.now();
    const found = await source.tasks(snapshot.job.id, query, from, count).catch(() => undefined);
    const isLast = () => number === last.current.number;
    const { current } = last;
    if (found && number > current.shown && key === current.key) {
      current.shown = number;
      setPage(found);
    }
    // The server may start again.
    if (!found) setTimeout(() => isLast() && fetchRows(), REFRESH_MS);
  };
  useEffect(() => () => void last.current.number++, []);
  const ask = (first: number, count: number) => {
    const { current } = last, isNew = current.key !== key;
    const end = first + count,
      isKnown = first >= current.from && end <= current.from + current.count;
    if (!isNew && isKnown) return;
    const from = Math.max(0, first - AROUND);
    Object.assign(current, { key, from, count: end - from + AROUND });
    fetchRows();
  };
  useEffect(() => {
    const wait = Math.max(0, last.current.asked + REFRESH_MS - performance.now());
    const timer = setTimeout(fetchRows, wait);
    return () => clearTimeout(timer);
  }, [key, succeeded, failed, total, state, retried, read === 1]);
  return { page, ask };
}

function movedBy(key: string, active: number, step: number, rows: number): number | undefined {
  const moves: Readonly<Record<string, number>> = {
    ArrowUp: active - 1,
    ArrowDown: active + 1,
    PageUp: active - step,
    PageDown: active + step,
    Home: 0,
    End: rows - 1,
  };
  const row = moves[key];
  return row === undefined ? undefined : Math.max(0, Math.min(rows - 1, row));
}

function foundText({ found, of }: TaskPage): string {
  if (found === of) return plural(of, "task");
  return `${countText(found)} of ${countText(of)} tasks`;
}

function rowId(row: number): string {
  return `task-row-${row}`;
}

function Head({ order, onOrder }: Pick<TableProps, "onOrder"> & {
  readonly order: TaskQuery["order"];
}) {
  const byTime = order === "slowest" ? "fastest" : "slowest";
  const sorted = { id: "none", slowest: "descending", fastest: "ascending" } as const;
  return (
    <div class="row head" role="row" aria-rowindex={1} style={{ height: `${HEAD_HEIGHT}px` }}>
      <span role="columnheader" aria-sort={order === "id" ? "ascending" : "none"}>
        <button type="button" class="link" onClick={() => onOrder("id")}>task</button>
      </span>
      <span role="columnheader">state</span>
      <span role="columnheader" aria-sort={sorted[order]}>
        <button type="button" class="link" onClick={() => onOrder(byTime)}>
          time {order === "slowest" ? "↓" : order === "fastest" ? "↑" : ""}
        </button>
      </span>
      <span role="columnheader">attempt</span>
      <span role="columnheader">arguments and failure</span>
    </div>
  );
}

function Row({ row, task, top, isActive, onOpen }: {
  readonly row: number;
  readonly task: TaskRow | undefined;
  readonly top: number;
  readonly isActive: boolean;
  readonly onOpen: (id: number) => void;
}) {
  return (
    <div
      id={rowId(row)}
      class={isActive ? "row active" : "row"}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={isActive}
      style={{ transform: `translateY(${top}px)`, height: `${ROW_HEIGHT}px` }}
      onClick={() => task && onOpen(task.id)}
    >
      <span role="gridcell">{task?.id ?? "…"}</span>
      <span role="gridcell">{task && <StateText task={task} />}</span>
      <span role="gridcell">{task && task.ms > 0 ? durationText(task.ms) : ""}</span>
      <span role="gridcell">{task && task.attempt > 1 ? task.attempt : ""}</span>
      <span role="gridcell" class="mono what">
        <span>{shownOutput(task?.args ?? "")}</span>
        {task?.message && <b class="bad">{shownOutput(task.message)}</b>}
      </span>
    </div>
  );
}

function StateText({ task: { state, class: kind } }: { readonly task: TaskRow }) {
  const text = state === "open" ? "pending" : kind && kind !== "error" ? kind : state;
  return <span class={`state ${state}`}>{text}</span>;
}
