/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A table of results that can be sorted and saved.
 *
 * @module
 */

import { sizeText } from "../../util/text/size_text.ts";
import type { Sample } from "../protocol.ts";
import { h, useMemo, useState } from "./deps.ts";
import { cellText, columnName, jsonText, plural } from "./format.ts";
import { TaskLink } from "./parts.tsx";
import { numberOf } from "./shown_json.ts";
import { columnsOf, csvText, sortRows, valueOf } from "./table_rows.ts";

const ROWS_AT_A_TIME = 50;
// A wider table is hard to read. The CSV has all columns.
const MAX_COLUMNS = 12;

/** Shows results as rows. A click on the name of a column sorts by it. */
export function ResultTable({ sample: { rows }, sort, onSort, onOpen }: {
  readonly sample: Sample;
  /** The order of the rows, as {@linkcode sortRows} takes it. */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly onOpen: (id: number) => void;
}) {
  const [shown, setShown] = useState(ROWS_AT_A_TIME);
  const all = useMemo(() => columnsOf(rows), [rows]), columns = all.slice(0, MAX_COLUMNS);
  const sorted = useMemo(() => sortRows(rows, sort), [rows, sort]);
  return (
    <div>
      <div class="table" tabIndex={0} role="region" aria-label="Table of results">
        <table>
          <thead>
            <tr>
              <Head name="task" by="" isNumber={false} sort={sort} onSort={onSort} />
              {columns.map((name) => (
                <Head
                  key={name}
                  name={name}
                  isNumber={startsWithNumber(rows.map(({ result }) => valueOf(result, name)))}
                  sort={sort}
                  onSort={onSort}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map(({ id, result, bytes }) => (
              <tr key={id}>
                <th scope="row">
                  <TaskLink id={id} onOpen={onOpen} />
                </th>
                {bytes === undefined
                  ? columns.map((name) => <Cell key={name} value={valueOf(result, name)} />)
                  : <td colSpan={Math.max(1, columns.length)} class="note">{tooLarge(bytes)}</td>}
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
        <button type="button" onClick={() => save("results.csv", csvText(sorted, all))}>
          Save as CSV
        </button>
        {all.length > columns.length && (
          <span class="note">
            {plural(all.length - columns.length, "more column")} in the CSV
          </span>
        )}
      </p>
    </div>
  );
}

function Head({ name, by = name, isNumber, sort, onSort }: {
  readonly name: string;
  /** The order by the column; empty for the order of tasks, which has no sign. @default {name} */
  readonly by?: string;
  readonly isNumber: boolean;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}) {
  const isAscending = sort === by && by !== "";
  const order = isAscending ? "ascending" : sort === `-${by}` ? "descending" : "none";
  return (
    <th scope="col" class={isNumber ? "number" : ""} aria-sort={order}>
      <button
        type="button"
        class="link"
        onClick={() => onSort(sort === by ? `-${by}` : by)}
      >
        {columnName(name)}
        {order !== "none" && (order === "ascending" ? " ↑" : " ↓")}
      </button>
    </th>
  );
}

/** Returns true when the first value of a column is a number. */
function startsWithNumber(values: readonly unknown[]): boolean {
  return numberOf(values.find((value) => value !== undefined)) !== undefined;
}

function tooLarge(bytes: number): string {
  return `${sizeText(bytes)}, too large for this table`;
}

function Cell({ value }: { readonly value: unknown }) {
  if (value === undefined) return <td />;
  const text = cellText(value);
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const number = numberOf(value) !== undefined;
  return <td class={number ? "number" : ""} title={number ? jsonText(value) : short}>{short}</td>;
}

/** Saves a text as a file in the user's folder for downloads. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
