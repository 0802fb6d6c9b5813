/**
 * The cases of the bench of payloads: what people pass to functions and return from them.
 *
 * @module
 */

import { tenKilobytes } from "./cases.ts";

/** A function and a list, for a plain loop and for dl_jobs. */
export interface PayloadCase {
  readonly name: string;
  /** The function of `peers/tasks.mjs` to call. */
  readonly method: "echo" | "text" | "fail" | "print";
  readonly tasks: number;
  /** Returns the argument of a task by its number. */
  args(index: number): unknown;
}

const WORDS = "a text of some length, ";
const KILOBYTE = WORDS.repeat(42);
const ESCAPED = 'a "quoted" text,\n\ta path C:\\tiles\\x, an é and a 😀; '.repeat(4);

/** The cases, in the order of the table. */
export const PAYLOAD_CASES: readonly PayloadCase[] = [
  echo("an integer", 1_000_000, (id) => id),
  echo("an object of one key", 1_000_000, (id) => ({ id })),
  echo("an object of ten keys", 200_000, tenKeys),
  echo("strings with escapes", 200_000, (id) => ({ id, text: ESCAPED })),
  echo("1 KB", 100_000, (id) => ({ id, text: KILOBYTE })),
  echo("10 KB, with numbers", 20_000, tenKilobytes),
  echo("1 MB", 200, (id) => ({ id, text: KILOBYTE.repeat(1000) })),
  echo("a mix of these", 30_000, mixed),
  { name: "one result of 100 MB", method: "text", tasks: 1, args: () => 100_000_000 },
  { name: "tasks that fail", method: "fail", tasks: 50_000, args: (id) => id },
  { name: "tasks that print", method: "print", tasks: 100_000, args: (id) => id },
];

function echo(name: string, tasks: number, args: PayloadCase["args"]): PayloadCase {
  return { name, method: "echo", tasks, args };
}

function tenKeys(id: number): unknown {
  const place = { x: id / 4, y: id / 2, zone: id % 17, isLand: true, parent: null };
  const url = `https://example.org/tiles/${id}`;
  return { id, name: `tile ${id}`, kind: "forest", ...place, url, note: "a short text" };
}

function mixed(id: number): unknown {
  if (id % 1000 === 0) return { id, text: KILOBYTE.repeat(500) };
  if (id % 10 === 0) return tenKilobytes(id);
  return id % 2 === 0 ? tenKeys(id) : id;
}
