/**
 * Converts types and values to those of Parquet.
 *
 * @module
 */

import type { ParquetOutput } from "../../deps.ts";
import { type ColumnType, hasNegativeZero, isJsonType, parseCell } from "./column_type.ts";
import { withNumbers } from "./geometry.ts";

/** A node of the schema to write. */
export type WrittenElement = ConstructorParameters<
  ParquetOutput["ParquetWriter"]
>[0]["schema"][number];

/** A column to write. */
export interface WrittenColumn {
  readonly name: string;
  readonly isGeometry: boolean;
  /** The encoding of its values. @default {what needs the least bytes} */
  readonly encoding?: "PLAIN" | undefined;
  /** The column with the nodes below it, in the order of a schema. */
  readonly elements: readonly WrittenElement[];
  /** Converts the JSON text of a cell, which is empty when the cell is missing. */
  readonly convert: (text: string) => unknown;
}

/**
 * Returns the column for values of a type.
 *
 * @param toWkb writes a geometry as well-known binary
 */
export function writtenColumn(
  name: string,
  type: ColumnType,
  toWkb: (geometry: never) => Uint8Array,
): WrittenColumn {
  if (isJsonType(type)) return jsonColumn(name);
  if (type.kind !== "geometry") {
    const convert = (text: string) => valueOf(type, parseCell(text));
    // A dictionary of the package has one entry for 0 and -0.
    const encoding = hasNegativeZero(type) ? "PLAIN" : undefined;
    return { name, isGeometry: false, encoding, elements: elementsOf(name, type), convert };
  }
  const convert = (text: string) => {
    const geometry = withNumbers(parseCell(text));
    return geometry === null ? null : toWkb(geometry as never);
  };
  return { name, isGeometry: true, elements: [{ ...OPTIONAL, name, type: "BYTE_ARRAY" }], convert };
}

const OPTIONAL = { repetition_type: "OPTIONAL" } as const;
const encoder = new TextEncoder();

/** Returns a column that keeps the JSON text of each value. */
function jsonColumn(name: string): WrittenColumn {
  const logical_type = { type: "JSON" } as const;
  return {
    name,
    isGeometry: false,
    elements: [{ ...OPTIONAL, name, type: "BYTE_ARRAY", logical_type }],
    convert: (text) => text === "" || text === "null" ? null : encoder.encode(text),
  };
}

/** The elements of kinds without parts. A column that has only null has texts. */
const LEAVES: Readonly<Record<string, Pick<WrittenElement, "type" | "converted_type">>> = {
  boolean: { type: "BOOLEAN" },
  integer: { type: "INT64" },
  double: { type: "DOUBLE" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  null: { type: "BYTE_ARRAY", converted_type: "UTF8" },
};

function elementsOf(name: string, { kind, element, fields }: ColumnType): WrittenElement[] {
  if (kind === "list") {
    return [
      { ...OPTIONAL, name, converted_type: "LIST", num_children: 1 },
      { repetition_type: "REPEATED", name: "list", num_children: 1 },
      ...elementsOf("element", element!),
    ];
  }
  if (kind !== "struct") return [{ ...OPTIONAL, name, ...LEAVES[kind] }];
  const children = Array.from(fields, ([key, type]) => elementsOf(key, type)).flat();
  return [{ ...OPTIONAL, name, num_children: fields.size }, ...children];
}

/** Converts a parsed value to the type of its column. */
function valueOf({ kind, element, fields }: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === "double") return Number(value);
  if (kind === "list") return (value as unknown[]).map((one) => valueOf(element!, one));
  if (kind !== "struct") return value;
  const record = value as Readonly<Record<string, unknown>>;
  // Every object has the names of methods, such as `toString`.
  const members = Array.from(
    fields,
    ([key, type]) => [key, Object.hasOwn(record, key) ? valueOf(type, record[key]) : null],
  );
  return Object.fromEntries(members);
}
