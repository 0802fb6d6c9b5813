/**
 * Reads the rows of a Parquet file: each row is a task, and its argument an object.
 *
 * Pages are read when their first value is needed, so memory is needed for one page of each column.
 *
 * @module
 */

import type { ParquetNode } from "../../deps.ts";
import { ByteWriter, NEWLINE } from "../../util/bytes/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import { badRecord, type Notice, type RecordFile } from "../format.ts";
import { type ColumnMemory, columnMemory } from "./codecs.ts";
import { Column } from "./column.ts";
import { type ParquetFile, pathText, readFooter } from "./footer.ts";
import { pagesOf } from "./pages.ts";
import { rowParts } from "./rows.ts";
import { type ValueContext, valueWriter, type WriteValue } from "./values.ts";

const BLOCK_BYTES = 256 * 1024;

/** Converts each row to a JSON object. A row with a value that is not valid fails alone. */
export async function* readParquet(
  { name, random, notice }: RecordFile,
): AsyncGenerator<Uint8Array> {
  using file = random!;
  yield* new Rows(await readFooter(file, name), name, notice).blocks();
  file.check(name);
}

/** The rows of a file. */
class Rows {
  #parquet: ParquetFile;
  #name: string;
  #notice: Notice;
  #out = new ByteWriter(2 * BLOCK_BYTES);
  #writers: readonly WriteValue[];
  #memory: readonly ColumnMemory[];
  #context: ValueContext;
  /** The number of the current row, from 1. */
  #row = 0;
  /** The reason that the current row is not valid. */
  #rejected: string | undefined;

  constructor(parquet: ParquetFile, name: string, notice: Notice) {
    this.#parquet = parquet;
    this.#name = name;
    this.#notice = notice;
    this.#context = this.#newContext();
    this.#memory = parquet.paths.map(() => columnMemory(parquet));
    this.#writers = parquet.paths.map((path) =>
      valueWriter(path.at(-1)!.element, pathText(path), this.#context)
    );
  }

  /** Yields the rows as blocks of lines. */
  *blocks(): Generator<Uint8Array> {
    for (let group = 0; group < this.#parquet.footer.row_groups.length; group++) {
      yield* this.#blocksOf(group);
    }
    if (this.#out.length > 0) yield this.#out.bytes.slice();
  }

  /** Yields the full blocks of a row group. */
  *#blocksOf(group: number): Generator<Uint8Array> {
    const out = this.#out;
    try {
      const columns = this.#columnsOf(group), row = rowParts(this.#parquet.root, columns);
      for (let rest = Number(this.#parquet.footer.row_groups[group]!.num_rows); rest > 0; rest--) {
        checkStart(columns);
        this.#row++;
        this.#write(row);
        if (out.length < BLOCK_BYTES) continue;
        yield out.bytes.slice();
        out.clear();
      }
    } catch (cause) {
      this.#parquet.file.check(this.#name);
      throw new UsageError(
        `Cannot read ${this.#name}: it is damaged near row ${this.#row + 1} ` +
          `(${(cause as Error).message}), make or download it again`,
        { cause },
      );
    }
  }

  #write(row: ReturnType<typeof rowParts>): void {
    const out = this.#out, start = out.length;
    this.#rejected = undefined;
    row.write(out);
    if (this.#rejected !== undefined) {
      out.length = start;
      out.text(badRecord(this.#name, this.#row, this.#rejected));
    }
    out.byte(NEWLINE);
  }

  #columnsOf(group: number): Column[] {
    const { file, decoders, footer, paths } = this.#parquet;
    return paths.map((path, i) => {
      const meta = footer.row_groups[group]!.columns[i]!.meta_data!;
      return new Column({
        name: pathText(path),
        maxDefinition: path.slice(1).filter(isOptional).length,
        pages: pagesOf(file, decoders, { meta, path, memory: this.#memory[i]! }),
        write: this.#writers[i]!,
        notice: (...fact) => this.#context.notice(pathText(path), ...fact),
        reject: (reason) => this.#rejected ??= reason,
      });
    });
  }

  #newContext(): ValueContext {
    const known = new Set<string>();
    return {
      notice: (column, fact, isChange) => {
        const text = `column ${column} of ${this.#name} ${fact}`;
        if (known.has(text)) return;
        known.add(text);
        this.#notice(this.#row === 0 ? text : `${text} (first in row ${this.#row})`, isChange);
      },
    };
  }
}

function isOptional({ element }: ParquetNode): boolean {
  return element.repetition_type !== "REQUIRED";
}

/** Checks that each column has a value that starts a row. */
function checkStart(columns: readonly Column[]): void {
  for (let i = 0; i < columns.length; i++) {
    const { definition, repetition } = columns[i]!;
    if (definition < 0) throw new RangeError(`column ${columns[i]!.name} has no more values`);
    if (repetition > 0) throw new RangeError(`column ${columns[i]!.name} has more values`);
  }
}
