/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The form that changes options of a job while it runs.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { h, useState } from "./deps.ts";
import { useAnswer } from "./parts.tsx";
import type { DataSource } from "./source.ts";

const FIELDS: readonly [name: string, label: string, example: string][] = [
  ["workers", "Workers", "by the CPUs"],
  ["rate", "Rate", "none, or 10/s"],
  ["timeout", "Time limit", "none, or 5m"],
  ["memory", "Memory limit", "none, or 4GB"],
  ["halt", "Halt after failures", "none, or 5%"],
];

/** Shows the options that can change, with their present values. */
export function SteerForm({ source, snapshot: { job, options = {} } }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
}) {
  const [answer, setAnswer] = useAnswer(job);
  const [isBusy, setBusy] = useState(false);
  const apply = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement));
    const set = changesOf(given as Record<string, string>, options);
    if (Object.keys(set).length === 0) return setAnswer("Nothing has changed.");
    setBusy(true);
    setAnswer(await source.act(job.id, "set", set));
    setBusy(false);
  };
  return (
    <details class="steer">
      <summary>Change while it runs</summary>
      <form onSubmit={apply}>
        {FIELDS.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              name={name}
              // A field that the user has not touched follows other changes.
              key={options[name] ?? ""}
              defaultValue={options[name] ?? ""}
              placeholder={example}
              autocomplete="off"
            />
          </label>
        ))}
        <button type="submit" disabled={isBusy}>{isBusy ? "Applying…" : "Apply"}</button>
      </form>
      <p role="status">{answer}</p>
    </details>
  );
}

/** Returns the values that differ from the present ones. An empty field removes a value. */
function changesOf(
  given: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>>,
): Record<string, string> {
  const changed = Object.entries(given).map(([name, text]) => [name, text.trim()] as const)
    .filter(([name, text]) => text !== (options[name] ?? ""));
  return Object.fromEntries(changed.map(([name, text]) => [name, text === "" ? "none" : text]));
}
