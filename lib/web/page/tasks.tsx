/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The view of all tasks of a job, with a filter.
 *
 * @module
 */

import type { Snapshot, TaskQuery } from "../protocol.ts";
import { h } from "./deps.ts";
import { parseDuration } from "./format.ts";
import { Card, Select, TextField } from "./parts.tsx";
import type { Route } from "./route.ts";
import { type DataSource, queryText } from "./source.ts";
import { TaskTable } from "./task_table.tsx";

const STATE_NAMES: { readonly [S in TaskQuery["state"]]: string } = {
  "": "all",
  open: "pending",
  succeeded: "succeeded",
  failed: "failed",
  error: "failed: error",
  timeout: "failed: timeout",
  oom: "failed: out of memory",
  crash: "failed: crash",
  lost: "failed: lost",
  limited: "failed: limited",
  invalid: "failed: invalid",
};

const STATES = new Map(
  Object.entries(STATE_NAMES).map(([state, name]) => [name, state as TaskQuery["state"]]),
);

const ORDERS: readonly string[] = ["id", "slowest", "fastest"] satisfies TaskQuery["order"][];

/** Shows the tasks that the filter in the address selects. */
export function TaskView({ source, snapshot, filter, onFilter, onOpen }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly filter: Route["filter"];
  readonly onFilter: (name: string, value: string) => void;
  readonly onOpen: (id: number) => void;
}) {
  const query = queryOf(filter);
  return (
    <Card
      title="Tasks"
      wide
      note={
        <a href={`jobs/${snapshot.job.id}/tasks.csv?${queryText(query)}`} download="tasks.csv">
          Download as CSV
        </a>
      }
    >
      <Filter filter={filter} onChange={onFilter} />
      <TaskTable
        source={source}
        snapshot={snapshot}
        query={query}
        onOrder={(order) => onFilter("order", order)}
        onOpen={onOpen}
      />
    </Card>
  );
}

function Filter({ filter, onChange }: {
  readonly filter: Route["filter"];
  readonly onChange: (name: string, value: string) => void;
}) {
  const field = (name: string, label: string, hint: string) => (
    <TextField
      label={label}
      value={filter[name] ?? ""}
      hint={hint}
      isValid={name === "text" || parseDuration(filter[name] ?? "") !== undefined}
      onChange={(value) => onChange(name, value)}
    />
  );
  return (
    <form class="tools" role="search" onSubmit={(event) => event.preventDefault()}>
      {field("text", "Arguments contain", "any text")}
      <Select
        label="State"
        options={[...STATES.keys()]}
        value={STATE_NAMES[queryOf(filter).state]}
        onChange={(name) => onChange("state", STATES.get(name) ?? "")}
      />
      {field("least", "Took at least", "such as 2 s")}
      {field("most", "At most", "such as 5 min")}
    </form>
  );
}

function queryOf({ state, text, least, most, order }: Route["filter"]): TaskQuery {
  return {
    state: [...STATES.values()].find((one) => one === state) ?? "",
    text: text ?? "",
    least: parseDuration(least ?? "") ?? 0,
    most: parseDuration(most ?? "") || Infinity,
    order: ORDERS.includes(order ?? "") ? order as TaskQuery["order"] : "id",
  };
}
