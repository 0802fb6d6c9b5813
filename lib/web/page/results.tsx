/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The results of a job, as a table, a plot or a map.
 *
 * @module
 */

import type { Sample, Snapshot } from "../protocol.ts";
import { h, useMemo } from "./deps.ts";
import { countText } from "./format.ts";
import { placesOf } from "./places.ts";
import { Card, Choice, CommandText, useFetched } from "./parts.tsx";
import { PlaceMap } from "./map.tsx";
import { fieldsOf, ResultPlot } from "./plot.tsx";
import type { Route } from "./route.ts";
import type { DataSource } from "./source.ts";
import { ResultTable } from "./table.tsx";

const FORMS = ["table", "plot", "map"] as const;
type Form = typeof FORMS[number];

/** Shows results as a table, a plot or a map, as the user chooses. */
export function ResultCard({ source, snapshot: { job, read }, filter, onFilter, onOpen }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  /** The form and the order of the results, from the address. */
  readonly filter: Route["filter"];
  readonly onFilter: (name: string, value: string) => void;
  readonly onOpen: (id: number) => void;
}) {
  // The sample is of the part of the journal that has been read.
  const sample = useFetched(() => source.sample(job.id), `${job.succeeded} ${read === 1}`);
  const fields = useMemo(() => fieldsOf(sample?.rows ?? []), [sample]);
  const places = useMemo(() => placesOf(sample?.rows ?? []), [sample]);
  if (!sample) return <p class="empty">Reading the results…</p>;
  if (sample.rows.length === 0) return <p class="empty">No task has succeeded.</p>;
  const has = { table: true, plot: fields.length > 0, map: places.length > 0 };
  const views = FORMS.filter((form) => has[form]);
  const view = views.find((form) => form === filter.form) ?? "table";
  return (
    <Card
      title="Results"
      wide
      note={
        <Note
          sample={sample}
          views={views}
          view={view}
          setView={(form) => onFilter("form", form)}
        />
      }
    >
      {view === "table" && (
        <ResultTable
          sample={sample}
          sort={filter.sort ?? ""}
          onSort={(sort) => onFilter("sort", sort)}
          onOpen={onOpen}
        />
      )}
      {view === "plot" && <ResultPlot sample={sample} fields={fields} />}
      {view === "map" && <PlaceMap places={places} fields={fields} onOpen={onOpen} />}
      {(sample.rows.length < sample.of || sample.rows.some(({ bytes }) => bytes !== undefined)) && (
        <div class="note">
          All results:
          <CommandText command={`dl_jobs results ${job.id} --output results.csv`} />
        </div>
      )}
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
