/**
 * The columns of results and arguments, with their types.
 *
 * @module
 */

import { Columns } from "../columns.ts";
import type { OutputRow } from "../output.ts";
import { checkDensity } from "../sparse_table.ts";
import { tableNames } from "../table_names.ts";
import { addValue, type ColumnType, emptyType, parseCell } from "./column_type.ts";

/** Columns of one part of the rows. */
interface Group {
  readonly name: "args" | "result";
  readonly columns: Columns;
  types: ColumnType[];
  /** True when a value is an object without keys. */
  hasEmpty: boolean;
}

/** A table whose columns have types. */
export class TypedTable {
  #groups: readonly Group[];
  #withArgs: boolean;
  #rows = 0;

  /**
   * Creates a table without columns.
   *
   * @param withArgs true when the id and the arguments are columns
   */
  constructor(withArgs: boolean) {
    const group = (name: Group["name"]) => ({
      name,
      columns: new Columns(false),
      types: [],
      hasEmpty: false,
    });
    this.#withArgs = withArgs;
    this.#groups = withArgs ? [group("args"), group("result")] : [group("result")];
  }

  /** Adds columns of results before those of rows. */
  addKeys(keys: readonly string[]): void {
    const members = keys.map((key) => `${JSON.stringify(key)}:null`);
    this.#groups.at(-1)!.columns.read(`{${members.join()}}`);
  }

  /** Adds the columns of a row and the types of its values. */
  add(row: OutputRow): void {
    this.#rows++;
    for (const group of this.#groups) {
      const { columns, types, name } = group, cells = new Map<number, string>();
      columns.read(row[name]!, (column, cell) => cells.set(column, cell));
      group.hasEmpty ||= cells.size === 0;
      for (const [column, cell] of cells) {
        addValue(types[column] ??= emptyType(), parseCell(cell));
      }
    }
  }

  /**
   * Returns the columns, once all rows were added.
   *
   * @param file the name of the file, for the message
   * @throws {UsageError} when the table is large and almost empty
   */
  close(file: string): { name: string; type: ColumnType }[] {
    checkDensity(file, this.#rows, this.#groups.map(({ columns }) => columns));
    for (const group of this.#groups) {
      group.types = group.columns.close().map((i) => group.types[i]!);
      // Such an object has a cell only in a column of values that may have appeared after it.
      const values = group.columns.paths.findIndex((path) => path.length === 0);
      if (group.hasEmpty && values >= 0) addValue(group.types[values]!, {});
    }
    // All results are objects without keys, or there are none.
    const { columns, types: results } = this.#groups.at(-1)!;
    if (columns.paths.length === 0) {
      columns.addValues();
      results.push({ ...emptyType(), kind: "mixed" });
    }
    const ofRows = this.#groups.flatMap(({ name, columns, types }) =>
      columns.paths.map((path, i) => ({ group: name, path, type: types[i] ?? emptyType() }))
    );
    const ids = { group: "id", path: [], type: typeOfIds() };
    const all = this.#withArgs ? [ids, ...ofRows] : ofRows;
    const names = tableNames(all);
    return all.map(({ type }, i) => ({ name: names[i]!, type }));
  }

  /** Returns the JSON texts of the cells of a row, empty for those that are missing. */
  cells(row: OutputRow): string[] {
    const cells = this.#groups.flatMap(({ columns, name }) => {
      const found = new Array<string>(columns.paths.length).fill("");
      columns.read(row[name]!, (column, cell) => found[column] = cell);
      return found;
    });
    return this.#withArgs ? [String(row.id), ...cells] : cells;
  }
}

function typeOfIds(): ColumnType {
  const type = emptyType();
  addValue(type, 0n);
  return type;
}
