/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The failures of a job, grouped by message.
 *
 * @module
 */

import type { FailureGroup, Failures } from "../protocol.ts";
import { h, useState } from "./deps.ts";
import { countText, durationText, plural, shownOutput } from "./format.ts";
import { Card, TaskLink, useAnswer, useFetched } from "./parts.tsx";
import type { DataSource } from "./source.ts";

/** The properties that the components of this module share. */
interface FailuresProps {
  readonly source: DataSource;
  readonly job: string;
  readonly onOpen: (id: number) => void;
  /** True when the failures of a group can be retried alone. */
  readonly canRetry: boolean;
}

const FIRST = 5;
// A message of this number of letters may not fit into the summary.
const LONG_MESSAGE = 300;

/** Shows the groups of failures. Each group expands to show examples. */
export function FailureList(
  { failures, ...rest }: FailuresProps & { readonly failures: Failures },
) {
  const { groups, more } = failures;
  const [isAll, setAll] = useState(false);
  const shown = isAll ? groups : groups.slice(0, FIRST);
  return (
    <Card
      title="Failures"
      wide
      note={`${more > 0 ? "more than " : ""}${plural(groups.length, "kind")}`}
    >
      <div class="failures">
        {shown.map((group) => (
          <Group
            key={`${group.class} ${group.type} ${group.message} ${group.frame}`}
            group={group}
            {...rest}
          />
        ))}
      </div>
      {shown.length < groups.length && (
        <button type="button" onClick={() => setAll(true)}>Show all kinds</button>
      )}
      {more > 0 && <p class="note">{plural(more, "failure")} of other kinds</p>}
    </Card>
  );
}

function Group({ group, ...rest }: FailuresProps & { readonly group: FailureGroup }) {
  const [isOpen, setOpen] = useState(false);
  const { message, type, count } = group;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="count">{countText(count)}</span>
        <span class="message">
          {type !== "Error" && <b>{shownOutput(type)}:</b>} {shownOutput(message)}
        </span>
        {group.class !== "error" && <span class="tag">{group.class}</span>}
      </summary>
      {isOpen && <Examples group={group} {...rest} />}
    </details>
  );
}

/** Shows the first available stack, and some failed tasks with their arguments. */
function Examples({ group, source, job, onOpen, canRetry }: FailuresProps & {
  readonly group: FailureGroup;
}) {
  const { examples, count, message } = group;
  const ids = examples.map(({ id }) => id);
  const args = useFetched(() => source.args(job, ids), ids.join());
  // A stack begins with the message, of which the summary shows the first lines.
  const stack = examples.find(({ error }) => error.stack)?.error.stack ??
    (message.length > LONG_MESSAGE ? message : undefined);
  return (
    <div class="examples">
      {stack && <pre tabIndex={0}>{shownOutput(stack)}</pre>}
      <ul>
        {examples.map(({ id, attempt, ms }) => (
          <li key={id}>
            <TaskLink id={id} onOpen={onOpen} />
            <code>{shownOutput(args?.[id] ?? "")}</code>
            <span class="note">
              {durationText(ms)}
              {attempt > 1 && `, attempt ${attempt}`}
            </span>
          </li>
        ))}
      </ul>
      {count > examples.length && <p class="note">and {countText(count - examples.length)} more</p>}
      {canRetry && ids[0] !== undefined && (
        <RetryKind source={source} job={job} like={ids[0]} group={group} />
      )}
    </div>
  );
}

/** Shows a button that runs the failed tasks of one kind again. */
function RetryKind({ source, job, like, group }: {
  readonly source: DataSource;
  readonly job: string;
  /** A task that failed in this way. */
  readonly like: number;
  readonly group: FailureGroup;
}) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useAnswer(group);
  const retry = async () => {
    setBusy(true);
    setProblem(await source.act(job, "retry", { like: String(like) }));
    setBusy(false);
  };
  return (
    <p class="actions">
      <button type="button" disabled={isBusy} onClick={retry}>
        {isBusy ? "Retrying…" : `Retry ${plural(group.count, "task")} of this kind`}
      </button>
      {problem && <span role="alert" class="problem">{problem}</span>}
    </p>
  );
}
