/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The charts of the memory and the CPU use of a job's workers.
 *
 * @module
 */

import { sizeText } from "../../util/text/size_text.ts";
import type { ResourceSample } from "../../job_dir/resources.ts";
import { axis, Chart } from "./chart.tsx";
import { h, useMemo } from "./deps.ts";
import { shortNumber } from "./format.ts";
import { Card } from "./parts.tsx";
import { allTime, areaOptions, type TimeProps, zoomByKey } from "./time_axis.ts";

/** Shows the memory and the CPU use over time, if the job has samples of them. */
export function ResourceCards(props: TimeProps) {
  const { snapshot: { resources = [], rate } } = props;
  // Samples before the last start belong to earlier runs.
  const samples = resources.filter(({ at }) => at >= rate.from);
  if (samples.length < 2) return null;
  return [
    <ResourceCard
      {...props}
      key="memory"
      title="Memory of the workers"
      samples={samples}
      valueOf={({ memory }) => memory}
      text={sizeText}
    />,
    <ResourceCard
      {...props}
      key="cpus"
      title="CPUs in use"
      samples={samples}
      valueOf={({ cpus }) => cpus}
      text={shortNumber}
    />,
  ];
}

/** The values of a chart. */
interface ResourceProps extends TimeProps {
  readonly title: string;
  readonly samples: readonly ResourceSample[];
  readonly valueOf: (sample: ResourceSample) => number;
  readonly text: (value: number) => string;
}

function ResourceCard(props: ResourceProps) {
  const { title, samples, valueOf, text, snapshot, now, zoom, onZoom } = props;
  const values = samples.map(valueOf), most = text(Math.max(...values));
  const data = useMemo((): [number[], number[]] => [
    samples.map(({ at }) => (at - snapshot.rate.from) / 1000),
    values,
  ], [snapshot]);
  const options = useMemo(() =>
    areaOptions(
      axis({ values: (_, all) => all.map(text), size: 70, space: 40 }),
      onZoom,
    ), []);
  const range = zoom ?? allTime(snapshot, now);
  return (
    <Card title={title} note={`at most ${most}`}>
      <Chart
        label={`${title} over time, at most ${most}`}
        height={140}
        options={options}
        data={data}
        range={range}
        onKey={(event) => zoomByKey(event, range, onZoom)}
      />
    </Card>
  );
}
