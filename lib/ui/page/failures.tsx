/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * Why tasks failed.
 *
 * @module
 */

import type { FailureExample, FailureGroup, Failures } from "../snapshot.ts";
import { h, useState } from "./deps.ts";
import { countText, durationText, plural } from "./format.ts";
import { Card, TaskLink } from "./parts.tsx";

type Open = (id: number) => void;

/** Groups of failures that say the same; each opens. */
export function FailureList({ failures, onOpen }: {
  readonly failures: Failures;
  readonly onOpen: Open;
}) {
  const { groups, more } = failures;
  return (
    <Card title="Failures" wide note={plural(groups.length, "kind")}>
      <div class="failures">
        {groups.map((group) => (
          <Group key={`${group.class} ${group.type} ${group.message}`} {...{ group, onOpen }} />
        ))}
      </div>
      {more > 0 && <p class="note">{plural(more, "failure")} of other kinds</p>}
    </Card>
  );
}

function Group({ group, onOpen }: { readonly group: FailureGroup; readonly onOpen: Open }) {
  const [isOpen, setOpen] = useState(false);
  const { message, type, count, examples } = group;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="count">{countText(count)}</span>
        <span class="message">
          {type !== "Error" && <b>{type}:</b>} {message}
        </span>
        {group.class !== "error" && <span class="tag">{group.class}</span>}
      </summary>
      {isOpen && <Examples {...{ examples, count, onOpen }} />}
    </details>
  );
}

function Examples({ examples, count, onOpen }: {
  readonly examples: readonly FailureExample[];
  readonly count: number;
  readonly onOpen: Open;
}) {
  const stack = examples.find(({ error }) => error.stack)?.error.stack;
  return (
    <div class="examples">
      {stack && <pre tabIndex={0}>{stack}</pre>}
      <ul>
        {examples.map(({ id, attempt, ms, error }) => (
          <li key={id}>
            <TaskLink id={id} onOpen={onOpen} />
            <span class="message">{error.message}</span>
            <span class="note">
              {durationText(ms)}
              {attempt > 1 && `, attempt ${attempt}`}
            </span>
          </li>
        ))}
      </ul>
      {count > examples.length && <p class="note">and {countText(count - examples.length)} more</p>}
    </div>
  );
}
