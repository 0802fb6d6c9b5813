/**
 * Writes results as a Parquet file. The columns are the keys of all results, with the types of all
 * their values.
 *
 * @module
 */

import { loadParquetWriter } from "../../deps.ts";
import type { OutputOptions, OutputSource } from "../output.ts";
import { featureRows } from "./feature_rows.ts";
import { type WrittenColumn, writtenColumn, type WrittenElement } from "./parquet_schema.ts";
import { TypedTable } from "./typed_table.ts";

type Batches = ReturnType<OutputSource["rows"]>;

// The size of a row group, which is in memory while it is made.
const GROUP_ROWS = 20_000, GROUP_CELLS = 16_000_000, GROUP_CHARS = 16 * 1024 * 1024;

/**
 * Writes a row for each result. A column whose values have different types keeps them as JSON text.
 * Geometry becomes GeoParquet.
 */
export async function writeParquet(
  source: OutputSource,
  { withArgs = false }: OutputOptions,
  path: string,
): Promise<void> {
  const rows = await featureRows(source.rows), table = new TypedTable(withArgs);
  if (source.keys) table.addKeys(source.keys);
  for await (const batch of rows()) for (const row of batch) table.add(row);
  const { ParquetWriter, fileWriter, geojsonToWkb } = await loadParquetWriter();
  const columns = table.close(source.name).map(({ name, type }) =>
    writtenColumn(name, type, geojsonToWkb)
  );
  const schema = schemaOf(columns);
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema,
    kvMetadata: geoMetadata(columns),
    createdBy: "dl_jobs",
  });
  for await (const columnData of rowGroups(rows(), table, columns)) {
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS });
  }
  // The writer would convert values of this older type, which are JSON already.
  for (const element of schema) if (isJson(element)) element.converted_type = "JSON";
  await writer.finish();
}

function isJson({ logical_type }: WrittenElement): boolean {
  return logical_type?.type === "JSON";
}

function schemaOf(columns: readonly WrittenColumn[]): WrittenElement[] {
  const root = { name: "root", num_children: columns.length };
  return [root, ...columns.flatMap(({ elements }) => elements)];
}

/**
 * Returns the metadata of GeoParquet.
 *
 * @see {@link https://geoparquet.org/releases/v1.1.0/}
 */
function geoMetadata(columns: readonly WrittenColumn[]): { key: string; value: string }[] {
  const names = columns.filter(({ isGeometry }) => isGeometry).map(({ name }) => name);
  if (names.length === 0) return [];
  const described = names.map((name) => [name, { encoding: "WKB", geometry_types: [] }]);
  const value = JSON.stringify({
    version: "1.1.0",
    primary_column: names.includes("geometry") ? "geometry" : names[0],
    columns: Object.fromEntries(described),
  });
  return [{ key: "geo", value }];
}

/** The values of the columns of a row group. */
type RowGroup = { name: string; data: unknown[]; encoding?: "PLAIN" }[];

async function* rowGroups(
  rows: Batches,
  table: TypedTable,
  columns: readonly WrittenColumn[],
): AsyncGenerator<RowGroup> {
  const empty = () =>
    columns.map(({ name, encoding }) => ({ name, data: [], ...(encoding && { encoding }) }));
  const most = Math.min(GROUP_ROWS, Math.ceil(GROUP_CELLS / columns.length));
  let group: RowGroup = empty(), count = 0, chars = 0;
  for await (const batch of rows) {
    for (const row of batch) {
      table.cells(row).forEach((cell, i) => group[i]!.data.push(columns[i]!.convert(cell)));
      chars += row.result.length + (row.args?.length ?? 0);
      if (++count < most && chars < GROUP_CHARS) continue;
      yield group;
      group = empty(), count = chars = 0;
    }
  }
  if (count > 0) yield group;
}
