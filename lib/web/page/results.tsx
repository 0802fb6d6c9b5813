/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * What tasks returned: as a table, numbers as a plot, places as a map.
 *
 * @module
 */

import type { ListedJob, Sample } from "../protocol.ts";
import { h, useMemo, useState } from "./deps.ts";
import { cellText, countText } from "./format.ts";
import { placesOf } from "./places.ts";
import { Card, Choice, TaskLink, useFetched } from "./parts.tsx";
import { PlaceMap } from "./map.tsx";
import { fieldsOf, ResultPlot } from "./plot.tsx";
import type { DataSource } from "./source.ts";

type View = "table" | "plot" | "map";
type Open = (id: number) => void;

/** Shows results in the ways that they can be shown. */
export function ResultCard({ source, job, onOpen }: {
  readonly source: DataSource;
  readonly job: ListedJob;
  readonly onOpen: Open;
}) {
  const sample = useFetched(() => source.sample(job.id), job.succeeded);
  const [view, setView] = useState<View>("table");
  const fields = useMemo(() => fieldsOf(sample?.rows ?? []), [sample]);
  const places = useMemo(() => placesOf(sample?.rows ?? []), [sample]);
  if (!sample) return null;
  const views: View[] = ["table"];
  if (fields.length > 0) views.push("plot");
  if (places.length > 0) views.push("map");
  return (
    <Card title="Results" wide note={<Note {...{ sample, views, view, setView }} />}>
      {view === "table" && <Table {...{ sample, onOpen }} />}
      {view === "plot" && <ResultPlot {...{ sample, fields }} />}
      {view === "map" && <PlaceMap {...{ places, fields, onOpen }} />}
    </Card>
  );
}

function Note({ sample, views, view, setView }: {
  readonly sample: Sample;
  readonly views: readonly View[];
  readonly view: View;
  readonly setView: (view: View) => void;
}) {
  const { rows, of } = sample;
  return (
    <span class="tools">
      {rows.length < of && `${countText(rows.length)} of ${countText(of)}, evenly chosen`}
      {views.length > 1 && (
        <Choice label="Show as" options={views} value={view} onChange={setView} />
      )}
    </span>
  );
}

const ROWS_AT_A_TIME = 50;
const MOST_COLUMNS = 12;
const LOOKED_AT = 200;

function Table({ sample: { rows }, onOpen }: { readonly sample: Sample; readonly onOpen: Open }) {
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
                  {name}
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

/** An object's keys, and one for all that is no object. */
function columnsOf(rows: Sample["rows"]): string[] {
  const names = rows.slice(0, LOOKED_AT).flatMap(({ result }) =>
    isObject(result) ? Object.keys(result) : ["value"]
  );
  return [...new Set(names)].slice(0, MOST_COLUMNS);
}

function valueOf(result: unknown, name: string): unknown {
  if (isObject(result)) return result[name];
  return name === "value" ? result : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
