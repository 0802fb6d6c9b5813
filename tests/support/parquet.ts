/**
 * Writes and reads Parquet files in tests with programs that are not part of the project.
 *
 * @module
 */

import { type DuckDBConnection, DuckDBInstance } from "npm:@duckdb/node-api@1.5.6-r.1";
import * as arrow from "npm:apache-arrow@21.2.0";
import * as wasm from "npm:parquet-wasm@0.8.0";
import { inspect } from "../../lib/formats/inspect.ts";
import { LineNumbers } from "../../lib/formats/line_numbers.ts";
import { readRecords } from "../../lib/formats/read_records.ts";
import { concatBytes } from "../../lib/util/bytes/bytes.ts";

/** The types of Arrow, in which parquet-wasm receives tables. */
export { arrow };
/** The options of parquet-wasm. */
export type WriterOptions = InstanceType<typeof wasm.WriterPropertiesBuilder>;
/** The codecs of parquet-wasm. */
export const { Compression, Encoding, WriterVersion } = wasm;

/** Opens DuckDB. */
export async function openDuckDb(): Promise<DuckDBConnection & Disposable> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return Object.assign(connection, { [Symbol.dispose]: () => connection.closeSync() });
}

/** Returns the rows of a query, with numbers of any length as text. */
export async function rowsOf(db: DuckDBConnection, sql: string): Promise<unknown[]> {
  return (await db.runAndReadAll(sql)).getRowObjectsJson();
}

/** Writes a table with parquet-wasm. */
export async function writeArrow(
  path: string,
  columns: Readonly<Record<string, arrow.Vector>>,
  configure: (options: WriterOptions) => WriterOptions = (options) => options,
): Promise<void> {
  const table = new arrow.Table(columns);
  const stream = wasm.Table.fromIPCStream(arrow.tableToIPC(table, "stream"));
  const options = configure(new wasm.WriterPropertiesBuilder()).build();
  await Deno.writeFile(path, wasm.writeParquet(stream, options));
}

/** Reads a list file as lines, as a job does. */
export async function readList(
  source: string | ReadableStream<Uint8Array>,
): Promise<{ records: string[]; notices: string[] }> {
  const lines = new LineNumbers(), notices: string[] = [];
  const file = await inspect(source, {});
  const blocks = await readRecords(file, {}, { lines, notice: (text) => notices.push(text) });
  const text = new TextDecoder().decode(concatBytes(await Array.fromAsync(blocks)));
  return { records: text.split("\n").slice(0, -1), notices };
}
