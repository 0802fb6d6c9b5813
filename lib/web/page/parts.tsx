/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * Small components and hooks that the other components share.
 *
 * @module
 */

import type { JobCounts } from "../../job_dir/record.ts";
import { type ComponentChildren, h, useEffect, useState } from "./deps.ts";
import { columnName } from "./format.ts";

/** Shows the fractions of tasks that succeeded and failed as a bar. */
export function Bar({ succeeded, failed, total }: JobCounts) {
  const part = (count: number) => ({ width: `${total > 0 ? 100 * count / total : 0}%` });
  return (
    <span class="bar" aria-hidden="true">
      <span class="good" style={part(succeeded)} />
      <span class="bad" style={part(failed)} />
    </span>
  );
}

/** Shows a section with a heading. */
export function Card({ title, note, wide = false, children }: {
  readonly title: string;
  /** The content beside the heading. */
  readonly note?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={wide ? "card wide" : "card"} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <div class="note">{note}</div>
      </header>
      {children}
    </section>
  );
}

/** Shows a few options as a row of buttons. */
export function Choice<T extends string>({ label, options, value, onChange }: {
  readonly label: string;
  readonly options: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          type="button"
          key={option}
          aria-pressed={option === value}
          onClick={() => onChange(option)}
        >
          {option}
        </button>
      ))}
    </div>
  );
}

/** Shows many options as a drop-down menu. */
export function Select({ label, options, value, onChange }: {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label class="select">
      {label}
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => <option key={option} value={option}>{columnName(option)}</option>)}
      </select>
    </label>
  );
}

/** Shows a task's id as a link to the task's details. */
export function TaskLink({ id, onOpen }: {
  readonly id: number;
  readonly onOpen: (id: number) => void;
}) {
  return <button type="button" class="link" onClick={() => onOpen(id)}>task {id}</button>;
}

/** Returns the time in milliseconds since the Unix epoch, updated every second while a job runs. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

/**
 * Fetches data now and whenever the version changes, at most once every two seconds.
 *
 * @returns the latest data; `undefined` before the first fetch succeeds
 */
export function useFetched<T>(fetch: () => Promise<T>, version: unknown): T | undefined {
  const [found, setFound] = useState<T>();
  const [last] = useState({ fetched: 0 });
  useEffect(() => {
    const wait = Math.max(0, last.fetched + LEAST_WAIT_MS - Date.now());
    const timer = setTimeout(() => {
      last.fetched = Date.now();
      // Keep the earlier data after an error.
      fetch().then(setFound, () => {});
    }, wait);
    return () => clearTimeout(timer);
  }, [version]);
  return found;
}

const LEAST_WAIT_MS = 2000;
