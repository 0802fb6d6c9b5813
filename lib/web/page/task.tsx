/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The details of one task, in a dialog.
 *
 * @module
 */

import type { TaskDetails } from "../protocol.ts";
import { type ComponentChildren, h, useEffect, useRef, useState } from "./deps.ts";
import { parseShown } from "./shown_json.ts";
import { countText, durationText, jsonText, shownOutput } from "./format.ts";
import { LogText } from "./logs.tsx";
import { CommandText } from "./parts.tsx";
import type { DataSource } from "./source.ts";

/**
 * Shows a dialog with the details of a task. Escape, the Close button or a click outside closes it.
 */
export function TaskDialog({ source, job, id, onClose }: {
  readonly source: DataSource;
  readonly job: string;
  readonly id: number;
  readonly onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [details, setDetails] = useState<TaskDetails>();
  const [problem, setProblem] = useState("");
  useEffect(() => dialog.current!.showModal(), []);
  useEffect(() => {
    source.task(job, id).then(setDetails, (error) => setProblem(error.message));
  }, [id]);
  const clicked = (event: MouseEvent) => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} aria-label={`Task ${id}`} onClose={onClose} onClick={clicked}>
      <div class="inside">
        <header>
          <h2>Task {id}</h2>
          <button type="button" onClick={() => dialog.current!.close()}>Close</button>
        </header>
        {problem && <p class="problem">{problem}</p>}
        {details && <Details {...details} isReport={source.made !== undefined} />}
        {!source.made && details?.args !== undefined && (
          <Part title="Run it again in a terminal">
            <CommandText command={`dl_jobs replay ${job} ${id}`} />
          </Part>
        )}
      </div>
    </dialog>
  );
}

function Details({ args, events, logs, isReport }: TaskDetails & { readonly isReport: boolean }) {
  return (
    <div>
      {args !== undefined && (
        <Part title="Arguments">
          <pre tabIndex={0}>{pretty(args)}</pre>
        </Part>
      )}
      {events.length === 0 && <p class="note">{noAttempts(args !== undefined, isReport)}</p>}
      {events.map((event, i) => <Attempt key={i} event={event} />)}
      {logs.length > 0 && (
        <Part title="Logs">
          <div class="logs">
            {logs.map((line, i) => (
              <div key={i} class={line.stream}>
                <LogText line={line} />
              </div>
            ))}
          </div>
        </Part>
      )}
    </div>
  );
}

function noAttempts(hasArgs: boolean, isReport: boolean): string {
  if (isReport) return "The task has not finished, or this report leaves it out.";
  return hasArgs
    ? "The task has not finished."
    : "The list of this job has no such task, or this part of it is not read.";
}

function Attempt({ event }: { readonly event: TaskDetails["events"][number] }) {
  const took = "ms" in event && event.ms > 0 ? `, ${durationText(event.ms)}` : "";
  const title = `Attempt ${event.attempt}: ${event.type}${took}`;
  return (
    <Part title={title}>
      {"result" in event && <pre tabIndex={0}>{pretty(jsonText(event.result))}</pre>}
      {"start" in event && <pre tabIndex={0}>{shownOutput(event.start)}…</pre>}
      {"start" in event && (
        <p class="note">
          These are the first {countText(event.start.length)} of {countText(event.length)}{" "}
          characters.
        </p>
      )}
      {"error" in event && (
        <pre
          tabIndex={0}
          class="bad"
        >{shownOutput(event.error.stack ?? `${event.error.type}: ${event.error.message}`)}</pre>
      )}
    </Part>
  );
}

function Part({ title, children }: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Indents JSON. Truncated JSON and text over 20,000 characters are not indented. */
function pretty(json: string): string {
  return shownOutput(json.length > 20_000 ? json : indented(json));
}

function indented(json: string): string {
  try {
    return JSON.stringify(parseShown(json), null, 2);
  } catch {
    return json;
  }
}
