/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The last lines of a job's log.
 *
 * @module
 */

import type { LogLine } from "../../journal/format.ts";
import { logLineText } from "../../journal/log_text.ts";
import type { Snapshot } from "../protocol.ts";
import { h, useEffect, useRef } from "./deps.ts";
import { shownOutput } from "./format.ts";
import { Card, TaskLink, TextField, useFetched } from "./parts.tsx";
import type { DataSource } from "./source.ts";

/**
 * Shows the last lines with links to their tasks. Scrolls to new lines while the end is in view.
 */
export function LogCard({ source, snapshot, text, onText, onOpen }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  /** The text that the lines contain. */
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onOpen: (id: number) => void;
}) {
  const lines = useFetched(() => source.logs(snapshot.job.id, text), snapshot.logBytes, text);
  const box = useRef<HTMLDivElement>(null);
  const wasAtEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element && wasAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  const scrolled = ({ scrollTop, scrollHeight, clientHeight }: HTMLDivElement) =>
    wasAtEnd.current = scrollTop + clientHeight > scrollHeight - 8;
  return (
    <Card title="Logs" wide note={`the last ${text ? "lines with the text" : "lines"}`}>
      <form class="tools" role="search" onSubmit={(event) => event.preventDefault()}>
        <TextField label="Lines contain" value={text} hint="any text" onChange={onText} />
      </form>
      {!lines && <p class="empty">Reading the log…</p>}
      {lines?.length === 0 && (
        <p class="empty">{text ? "No line contains the text." : "No task has written a line."}</p>
      )}
      <div
        class="logs"
        ref={box}
        tabIndex={0}
        role="log"
        aria-label="Lines of the log"
        onScroll={(event) => scrolled(event.currentTarget)}
      >
        {lines?.map((line, i) => (
          <div key={i} class={line.stream}>
            {line.id >= 0 ? <TaskLink id={line.id} onOpen={onOpen} /> : <span />}
            <LogText line={line} />
          </div>
        ))}
      </div>
    </Card>
  );
}

/** Shows the text of one line. */
export function LogText({ line }: { readonly line: LogLine }) {
  return <code>{shownOutput(logLineText(line))}</code>;
}
