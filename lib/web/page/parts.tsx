/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * Small components and hooks that the other components share.
 *
 * @module
 */

import type { JobCounts } from "../../job_dir/record.ts";
import { type ComponentChildren, h, useEffect, useRef, useState } from "./deps.ts";
import { columnName } from "./format.ts";
import { type DataSource, NO_ANSWER } from "./source.ts";

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

/** Shows a field for a text. Reports a change after a short pause in the typing. */
export function TextField({ label, value, hint, isValid = true, onChange }: {
  readonly label: string;
  readonly value: string;
  /** The text in the empty field. */
  readonly hint: string;
  readonly isValid?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null), sent = useRef("");
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => onChange(sent.current = typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    // A link or the browser's history may change the text, too. The same text can be typed again.
    if (value === sent.current) return;
    input.current!.value = sent.current = value;
    setTyped(undefined);
  }, [value]);
  return (
    <label class="select">
      {label}
      <input
        ref={input}
        type="search"
        aria-label={label}
        aria-invalid={!isValid}
        placeholder={hint}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </label>
  );
}

const PAUSE_MS = 120;

/** Shows a command to type, with a button that copies it. */
export function CommandText({ command }: { readonly command: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
  };
  return (
    <p class="command">
      <code>{command}</code>
      <button type="button" onClick={() => copy().catch(() => {})}>
        {isCopied ? "Copied" : "Copy"}
      </button>
    </p>
  );
}

/** Shows a task's id as a link to the task's details. */
export function TaskLink({ id, onOpen }: {
  readonly id: number;
  readonly onOpen: (id: number) => void;
}) {
  return <button type="button" class="link" onClick={() => onOpen(id)}>task {id}</button>;
}

/**
 * Returns the time of the jobs' machine, in milliseconds since the Unix epoch.
 *
 * @param every the milliseconds between updates; 0 for none
 */
export function useNow(source: DataSource, every: number): number {
  const [, update] = useState(0);
  useEffect(() => {
    if (every === 0) return;
    const timer = setInterval(() => update(source.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return source.now();
}

/** Returns true while the window or the device matches a media query. */
export function useMedia(text: string): boolean {
  const [query] = useState(() => matchMedia(text));
  const [isMatch, setMatch] = useState(query.matches);
  useEffect(() => {
    const changed = () => setMatch(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return isMatch;
}

/**
 * Keeps the answer to an action. The missing answer of a server is dropped when it answers again.
 *
 * @param state an object that each state from the server replaces
 * @returns the answer, and a function that sets it
 */
export function useAnswer(
  state: unknown,
): [string | undefined, (answer: string | undefined) => void] {
  const [answer, setAnswer] = useState<string>();
  useEffect(() => {
    if (answer === NO_ANSWER) setAnswer(undefined);
  }, [state]);
  return [answer, setAnswer];
}

/**
 * Fetches data now and whenever the version changes, at most once every two seconds. Another
 * question is asked at once. After an error, or data that say that the server does not answer, the data
 * are fetched again.
 *
 * @returns the latest data; `undefined` before the first fetch succeeds
 */
export function useFetched<T>(
  fetch: () => Promise<T>,
  version: unknown,
  question: unknown = "",
): T | undefined {
  const [found, setFound] = useState<T>();
  const [last] = useState({ fetched: -Infinity, question });
  useEffect(() => {
    const since = last.question === question ? last.fetched : -Infinity;
    last.question = question;
    let isOver = false, timer: ReturnType<typeof setTimeout> | undefined;
    const askAfter = (ms: number) => timer = setTimeout(ask, ms);
    const again = () => isOver || askAfter(LEAST_WAIT_MS);
    const take = (data: T) => {
      if (last.question === question) setFound(() => data);
      if (data === NO_ANSWER) again();
    };
    const ask = () => {
      last.fetched = performance.now();
      // The earlier data stay after an error, such as the end of a server that starts again.
      fetch().then(take, again);
    };
    askAfter(Math.max(0, since + LEAST_WAIT_MS - performance.now()));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [version, question]);
  return found;
}

const LEAST_WAIT_MS = 2000;
