/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A table of results that can be sorted and saved.
 *
 * @module
 */

import type { Sample } from "../protocol.ts";
import { h, useMemo, useState } from "./deps.ts";
import { cellText, columnName } from "./format.ts";
import { TaskLink } from "./parts.tsx";
import { columnsOf, csvText, sortRows, valueOf } from "./table_rows.ts";

const ROWS_AT_A_TIME = 50;

/** Shows results as rows. A click on the name of a column sorts by it. */
export function ResultTable({ sample: { rows }, sort, onSort, onOpen }: {
  readonly sample: Sample;
  /** The name of the column that sorts the rows, after `-` for descending order. */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly onOpen: (id: number) => void;
}) {
  const [shown, setShown] = useState(ROWS_AT_A_TIME);
  const columns = useMemo(() => columnsOf(rows), [rows]);
  const sorted = useMemo(() => sortRows(rows, sort), [rows, sort]);
  return (
    <div>
      <div class="table" tabIndex={0} role="region" aria-label="Table of results">
        <table>
          <thead>
            <tr>
              <Head name="task" isNumber={false} sort={sort} onSort={onSort} />
              {columns.map((name) => (
                <Head
                  key={name}
                  name={name}
                  isNumber={typeof valueOf(rows[0]!.result, name) === "number"}
                  sort={sort}
                  onSort={onSort}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map(({ id, result }) => (
              <tr key={id}>
                <th scope="row">
                  <TaskLink id={id} onOpen={onOpen} />
                </th>
                {columns.map((name) => <Cell key={name} value={valueOf(result, name)} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="tools">
        {shown < rows.length && (
          <button
            type="button"
            onClick={() => setShown(shown + 4 * ROWS_AT_A_TIME)}
          >
            Show more
          </button>
        )}
        <button type="button" onClick={() => save("results.csv", csvText(sorted, columns))}>
          Save as CSV
        </button>
      </p>
    </div>
  );
}

function Head({ name, isNumber, sort, onSort }: {
  readonly name: string;
  readonly isNumber: boolean;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}) {
  const order = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
  return (
    <th scope="col" class={isNumber ? "number" : ""} aria-sort={order}>
      <button
        type="button"
        class="link"
        onClick={() => onSort(order === "ascending" ? `-${name}` : name)}
      >
        {columnName(name)}
        {order !== "none" && (order === "ascending" ? " ↑" : " ↓")}
      </button>
    </th>
  );
}

function Cell({ value }: { readonly value: unknown }) {
  if (value === undefined) return <td />;
  const text = cellText(value);
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return <td class={typeof value === "number" ? "number" : ""} title={short}>{short}</td>;
}

/** Saves a text as a file in the user's folder for downloads. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
