/**
 * The names of the columns of a table, which are the same in all formats.
 *
 * @module
 */

/** A column of a table. */
interface Column {
  /** The part of the row: `id`, `args` or `result`. */
  readonly group: string;
  readonly path: readonly string[];
}

/** Returns a different name for each column: the keys of a result, such as `a.b`, if possible. */
export function tableNames(columns: readonly Column[]): string[] {
  return namesOf(columns.map(({ group, path }) => ({ group, path: path.map(written) })));
}

/** Returns a key as UTF-8 can represent it: half of a surrogate pair as JSON. */
function written(key: string): string {
  return key.isWellFormed() ? key : JSON.stringify(key);
}

function namesOf(columns: readonly Column[]): string[] {
  const full = columns.map(({ group, path }) =>
    [group, ...path.map((key) => key.replaceAll(/[\\.]/g, "\\$&"))].join(".")
  );
  const short = columns.map(({ group, path }) =>
    group === "result" && path.length > 0 ? path.join(".") : [group, ...path].join(".")
  );
  const counts = new Map<string, number>();
  for (const name of short) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = short.map((name, i) => counts.get(name) === 1 ? name : full[i]!);
  return new Set(names).size === names.length ? names : full;
}
