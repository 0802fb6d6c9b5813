/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The details of one task, in a dialog.
 *
 * @module
 */

import type { Snapshot, TaskDetails } from "../protocol.ts";
import { type ComponentChildren, h, useEffect, useRef } from "./deps.ts";
import { parseShown } from "./shown_json.ts";
import { countText, durationText, jsonText, shownOutput, stackWithMessage } from "./format.ts";
import { LogText } from "./logs.tsx";
import { CommandText, useFetched } from "./parts.tsx";
import type { DataSource } from "./source.ts";

/**
 * Shows a dialog with the details of a task. Escape, the Close button or a click outside closes it.
 */
export function TaskDialog({ source, snapshot, id, onClose }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly id: number;
  readonly onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false), version = versionOf(snapshot, isOver.current);
  const found = useFetched(
    () => source.task(snapshot.job.id, id).catch((error): string => error.message),
    version,
  );
  const details = typeof found === "object" ? found : undefined;
  const last = details?.events.at(-1)?.type;
  isOver.current = last === "succeeded" || last === "failed";
  useEffect(() => dialog.current!.showModal(), []);
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
        {found === undefined && <p class="note">Reading the task…</p>}
        {typeof found === "string" && <p class="problem">{found}</p>}
        {details && <Details {...details} isReport={source.made !== undefined} />}
        {!source.made && details?.args !== undefined && (
          <Part title="Run it again in a terminal">
            <CommandText command={`dl_jobs replay ${snapshot.job.id} ${id}`} />
          </Part>
        )}
      </div>
    </dialog>
  );
}

/** Returns a text that changes when the details of a task may have changed. */
function versionOf({ job, retried, logBytes }: Snapshot, isOver: boolean): string {
  // A task that has ended changes only when another run of the job begins.
  return isOver ? job.state : [job.state, job.succeeded, job.failed, retried, logBytes].join();
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
        >{shownOutput(stackWithMessage(event.error))}</pre>
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
