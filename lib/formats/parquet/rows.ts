/**
 * Assembles the values of nested columns to JSON.
 *
 * A value of a column has two levels. The level of definition is the number of optional and
 * repeated nodes on the path that exist. The level of repetition tells which list on the path the
 * value continues.
 *
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#nested-types}
 *
 * @module
 */

import type { ParquetNode } from "../../deps.ts";
import type { ByteWriter } from "../../util/bytes/bytes.ts";
import type { Column } from "./column.ts";

/** A part of a row. */
export interface RowPart {
  /** The first column below this part, whose levels tell what exists. */
  readonly first: Column;
  /** Writes the part of the current row, and moves to the next one. */
  write(out: ByteWriter): void;
  /** Moves past a part that does not exist. */
  skip(): void;
}

/**
 * Returns the part of a row that a schema describes.
 *
 * @param columns the columns of the row group in the order of the schema
 */
export function rowParts(root: ParquetNode, columns: readonly Column[]): RowPart {
  return new Struct(root, { definition: 0, repetition: 0 }, columns.values());
}

interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

type Columns = Iterator<Column>;

function partOf(node: ParquetNode, levels: Levels, columns: Columns): RowPart {
  const { repetition_type } = node.element;
  if (repetition_type === "REPEATED") return new List(node, levels, columns, valueOf);
  if (repetition_type !== "OPTIONAL") return valueOf(node, levels, columns);
  const definition = levels.definition + 1;
  return new Optional(valueOf(node, { ...levels, definition }, columns), definition);
}

/** Returns the part of a node that exists. */
function valueOf(node: ParquetNode, levels: Levels, columns: Columns): RowPart {
  if (node.children.length === 0) return new Value(columns.next().value!);
  const [child] = node.children, kind = kindOf(node);
  const isWrapped = node.children.length === 1 && child!.element.repetition_type === "REPEATED";
  if (!isWrapped || kind === undefined) return new Struct(node, levels, columns);
  if (kind === "MAP" && hasTextKeys(child!)) return new MapPart(child!, levels, columns);
  return new List(child!, levels, columns, isElement(child!, node) ? valueOf : wrappedOf);
}

function kindOf({ element }: ParquetNode): "LIST" | "MAP" | undefined {
  const kind = element.logical_type?.type ?? element.converted_type;
  if (kind === "LIST" || kind === "MAP") return kind;
  return kind === "MAP_KEY_VALUE" ? "MAP" : undefined;
}

function hasTextKeys({ children }: ParquetNode): boolean {
  return children.length === 2 && children[0]!.children.length === 0 &&
    children[0]!.element.repetition_type !== "REPEATED";
}

/** Returns true in lists of old files, where the repeated node itself is the element. */
function isElement({ element: { name }, children }: ParquetNode, list: ParquetNode): boolean {
  return children.length !== 1 || children[0]!.element.repetition_type === "REPEATED" ||
    name === "array" || name === `${list.element.name}_tuple`;
}

function wrappedOf(node: ParquetNode, levels: Levels, columns: Columns): RowPart {
  return partOf(node.children[0]!, levels, columns);
}

const encoder = new TextEncoder(), decoder = new TextDecoder();
const NULL = encoder.encode("null"), QUOTE = 34, COMMA = 44, COLON = 58;
const LIST = [91, 93] as const, OBJECT = [123, 125] as const;

class Value implements RowPart {
  constructor(readonly first: Column) {}

  write(out: ByteWriter): void {
    this.first.write(out);
    this.first.next();
  }

  skip(): void {
    this.first.next();
  }
}

class Optional implements RowPart {
  readonly first: Column;

  constructor(readonly part: RowPart, readonly definition: number) {
    this.first = part.first;
  }

  write(out: ByteWriter): void {
    if (this.first.definition >= this.definition) return this.part.write(out);
    out.append(NULL);
    this.part.skip();
  }

  skip(): void {
    this.part.skip();
  }
}

class Struct implements RowPart {
  readonly first: Column;
  #parts: readonly { readonly key: Uint8Array; readonly part: RowPart }[];

  constructor(node: ParquetNode, levels: Levels, columns: Columns) {
    this.#parts = node.children.map((child, i) => ({
      key: encoder.encode(`${i === 0 ? "{" : ","}${JSON.stringify(child.element.name)}:`),
      part: partOf(child, levels, columns),
    }));
    this.first = this.#parts[0]!.part.first;
  }

  write(out: ByteWriter): void {
    const parts = this.#parts;
    // An iterator would need memory for each row.
    for (let i = 0; i < parts.length; i++) {
      const { key, part } = parts[i]!;
      out.append(key);
      part.write(out);
    }
    out.byte(OBJECT[1]);
  }

  skip(): void {
    for (const { part } of this.#parts) part.skip();
  }
}

class List implements RowPart {
  readonly first: Column;
  #part: RowPart;
  #levels: Levels;
  #brackets: readonly [number, number];

  constructor(
    node: ParquetNode,
    levels: Levels,
    columns: Columns,
    toPart: typeof valueOf,
    brackets: readonly [number, number] = LIST,
  ) {
    this.#levels = { definition: levels.definition + 1, repetition: levels.repetition + 1 };
    this.#part = toPart(node, this.#levels, columns);
    this.#brackets = brackets;
    this.first = this.#part.first;
  }

  write(out: ByteWriter): void {
    const { first } = this, { definition, repetition } = this.#levels;
    out.byte(this.#brackets[0]);
    if (first.definition < definition) this.#part.skip();
    else {
      this.#part.write(out);
      while (first.repetition >= repetition) {
        out.byte(COMMA);
        this.#part.write(out);
      }
    }
    out.byte(this.#brackets[1]);
  }

  skip(): void {
    this.#part.skip();
  }
}

/** A map, which becomes an object. */
class MapPart extends List {
  #keys: Set<string>;

  constructor(node: ParquetNode, levels: Levels, columns: Columns) {
    const keys = new Set<string>();
    const entryOf = (node: ParquetNode, levels: Levels, columns: Columns) => {
      const [key, value] = node.children.map((child) => partOf(child, levels, columns));
      return new Entry(key!, value!, keys);
    };
    super(node, levels, columns, entryOf, OBJECT);
    this.#keys = keys;
  }

  override write(out: ByteWriter): void {
    this.#keys.clear();
    super.write(out);
  }
}

/** An entry of a map. A key that is not text becomes text. */
class Entry implements RowPart {
  readonly first: Column;

  constructor(readonly key: RowPart, readonly value: RowPart, readonly keys: Set<string>) {
    this.first = key.first;
  }

  write(out: ByteWriter): void {
    const { first, keys } = this, start = out.length, { size } = keys;
    this.key.write(out);
    if (out.bytes[start] !== QUOTE) quoteFrom(out, start);
    // The format allows it: the last value of a key replaces the others, as in JSON.
    if (keys.add(decode(out, start)).size === size) {
      first.noticeChange("has a key twice in one map, whose last value is used");
    }
    out.byte(COLON);
    this.value.write(out);
  }

  skip(): void {
    this.key.skip();
    this.value.skip();
  }
}

function decode(out: ByteWriter, start: number): string {
  return decoder.decode(out.bytes.subarray(start));
}

function quoteFrom(out: ByteWriter, start: number): void {
  const text = decode(out, start);
  out.length = start;
  out.text(JSON.stringify(text));
}
