/**
 * Lists that can be read only once. A second read would find no elements, and its job would have no
 * tasks.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { CheckedList } from "./checked_list.ts";
import { CutList } from "./cuts/cut_list.ts";
import { ListFiles } from "./list_files.ts";

const taken = new WeakSet<object>();

/**
 * Marks an iterator, a stream or stdin as read. Other lists can be read again.
 *
 * @throws {UsageError} when it has been read before.
 */
export function takeOnce(list: unknown): void {
  const isStdin = list === "-", key = isStdin ? Deno.stdin : list;
  // At a terminal, the next lines are another list.
  if (isStdin ? Deno.stdin.isTerminal() : !isReadOnce(key)) return;
  if (taken.has(key as object)) {
    const [what, way] = isStdin
      ? ["stdin", "write its lines to a file, and pass the path"]
      : ["the list", "pass an array, or a new iterator or stream for each run"];
    throw new UsageError(`Cannot read ${what} again: its elements have been read; ${way}`);
  }
  taken.add(key as object);
}

/** Returns true for an iterator, such as that of a generator, a stream, and a part of these. */
export function isReadOnce(list: unknown): boolean {
  if (list instanceof CutList || list instanceof CheckedList) return isReadOnce(list.list);
  if (list instanceof ListFiles) return list.sources.some(isReadOnce);
  return list instanceof ReadableStream || typeof Object(list).next === "function";
}
