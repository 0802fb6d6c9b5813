/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The results of a job, as a table, a plot or a map.
 *
 * @module
 */

import type { ListedJob, Sample } from "../protocol.ts";
import { h, useMemo, useState } from "./deps.ts";
import { cellText, columnName, countText, ownValue } from "./format.ts";
import { placesOf } from "./places.ts";
import { Card, Choice, TaskLink, useFetched } from "./parts.tsx";
import { PlaceMap } from "./map.tsx";
import { fieldsOf, ResultPlot } from "./plot.tsx";
import type { DataSource } from "./source.ts";

type Form = "table" | "plot" | "map";
type Open = (id: number) => void;

/** Shows results as a table, a plot or a map, as the user chooses. */
export function ResultCard({ source, job, onOpen }: {
  readonly source: DataSource;
  readonly job: ListedJob;
  readonly onOpen: Open;
}) {
  const sample = useFetched(() => source.sample(job.id), job.succeeded);
  const [view, setView] = useState<Form>("table");
  const fields = useMemo(() => fieldsOf(sample?.rows ?? []), [sample]);
  const places = useMemo(() => placesOf(sample?.rows ?? []), [sample]);
  if (!sample) return null;
  const views: Form[] = ["table"];
  if (fields.length > 0) views.push("plot");
  if (places.length > 0) views.push("map");
  return (
    <Card
      title="Results"
      wide
      note={<Note sample={sample} views={views} view={view} setView={setView} />}
    >
      {view === "table" && <ResultTable sample={sample} onOpen={onOpen} />}
      {view === "plot" && <ResultPlot sample={sample} fields={fields} />}
      {view === "map" && <PlaceMap places={places} fields={fields} onOpen={onOpen} />}
    </Card>
  );
}

function Note({ sample, views, view, setView }: {
  readonly sample: Sample;
  readonly views: readonly Form[];
  readonly view: Form;
  readonly setView: (view: Form) => void;
}) {
  const { rows, of } = sample;
  return (
    <span class="tools">
      {rows.length < of && `${countText(rows.length)} of ${countText(of)}, evenly spaced`}
      {views.length > 1 && (
        <Choice label="Show as" options={views} value={view} onChange={setView} />
      )}
    </span>
  );
}

const ROWS_AT_A_TIME = 50;
const MAX_COLUMNS = 12;
const MAX_ROWS = 200;

function ResultTable(
  { sample: { rows }, onOpen }: { readonly sample: Sample; readonly onOpen: Open },
) {
  const [shown, setShown] = useState(ROWS_AT_A_TIME);
  const columns = useMemo(() => columnsOf(rows), [rows]);
  return (
    <div>
      <div class="table" tabIndex={0} role="region" aria-label="Table of results">
        <table>
          <thead>
            <tr>
              <th scope="col">task</th>
              {columns.map((name) => (
                <th key={name} scope="col" class={kindOf(valueOf(rows[0]!.result, name))}>
                  {columnName(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map(({ id, result }) => (
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
      {shown < rows.length && (
        <button
          type="button"
          onClick={() => setShown(shown + 4 * ROWS_AT_A_TIME)}
        >
          Show more
        </button>
      )}
    </div>
  );
}

function Cell({ value }: { readonly value: unknown }) {
  if (value === undefined) return <td />;
  const text = cellText(value);
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return <td class={kindOf(value)} title={short}>{short}</td>;
}

function kindOf(value: unknown): string {
  return typeof value === "number" ? "number" : "";
}

/**
 * Returns the names of the columns: `value` for results that are not objects, then the keys of
 * objects.
 */
function columnsOf(rows: Sample["rows"]): string[] {
  const results = rows.slice(0, MAX_ROWS).map(({ result }) => result);
  const value = results.every(isObject) ? [] : ["value"];
  const keys = results.filter(isObject).flatMap(Object.keys);
  return [...new Set([...value, ...keys])].slice(0, MAX_COLUMNS);
}

function valueOf(result: unknown, name: string): unknown {
  if (isObject(result)) return ownValue(result, name);
  return name === "value" ? result : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
