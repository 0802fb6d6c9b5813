import { FailureGroups, groupFinder } from "../../../lib/journal/failure_groups.ts";
import type { FailedEvent } from "../../../lib/journal/format.ts";
import { assertEquals } from "../../support/assert.ts";

function failed(id: number, message: string, more: Partial<FailedEvent> = {}): FailedEvent {
  const error = { message, type: "Error", class: "error" } as const;
  return { id, attempt: 1, type: "failed", ms: 5, error, at: 1000 + id, ...more };
}

const LIMITS = { kinds: 1000, examples: 3 };

Deno.test("FailureGroups keeps status codes apart, and folds ids", () => {
  const groups = new FailureGroups(LIMITS);
  for (let id = 0; id < 10; id++) {
    groups.add(failed(id, `HTTP ${id < 6 ? 404 : 503} of tile ${id}`));
  }
  const shown = groups.list().map(({ message, count, first, last, examples }) => ({
    ...{ message, count, first, last },
    ids: examples.map(({ id }) => id),
  }));
  assertEquals(shown, [
    { message: "HTTP 404 of tile #", count: 6, first: 1000, last: 1005, ids: [0, 1, 2] },
    { message: "HTTP 503 of tile #", count: 4, first: 1006, last: 1009, ids: [6, 7, 8] },
  ]);
});

Deno.test("FailureGroups tells classes, types and places apart", () => {
  const groups = new FailureGroups(LIMITS);
  const base = { message: "no", type: "Error", class: "error" } as const;
  const errors = [
    base,
    { ...base, type: "KeyError" },
    { ...base, class: "timeout" as const },
    { ...base, stack: "Error: no\n    at f (file:///a.ts:1:1)" },
    { ...base, stack: "Error: no\n    at f (file:///a.ts:2:1)" },
  ];
  for (const [id, error] of errors.entries()) groups.add(failed(id, "no", { error }));
  assertEquals(groups.list().map(({ class: kind, type, frame }) => [kind, type, frame]), [
    ["error", "Error", undefined],
    ["error", "KeyError", undefined],
    ["timeout", "Error", undefined],
    ["error", "Error", "a.ts:1 (f)"],
    ["error", "Error", "a.ts:2 (f)"],
  ]);
});

Deno.test("FailureGroups joins kinds that differ in quoted texts when there are many", () => {
  const groups = new FailureGroups(LIMITS);
  const names = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  for (const [id, name] of names.entries()) groups.add(failed(id, `no city "${name}"`));
  for (const [id, name] of ["x", "y"].entries()) {
    groups.add(failed(100 + id, `no column '${name}'`));
  }
  const list = groups.list(), find = groupFinder(list);
  assertEquals(list.map(({ message, count }) => [message, count]), [
    ['no city "..."', 26],
    ["no column 'x'", 1],
    ["no column 'y'", 1],
  ]);
  const found = ['no city "q"', 'no city "new"', "no column 'y'", "else"];
  assertEquals(found.map((text) => find(failed(0, text).error)), [0, 0, 2, -1]);
});

Deno.test("FailureGroups counts kinds beyond its limit together", () => {
  const groups = new FailureGroups({ kinds: 2, examples: 1 });
  const messages = ["a", "b", "c", 'd "x"', 'd "y"', "c"];
  const added = messages.map((message, id) => groups.add(failed(id, message)));
  groups.remove(2, added[2]);
  assertEquals(groups.list().map(({ message, count }) => [message, count]), [
    ['d "..."', 2],
    ["a", 1],
    ["b", 1],
  ]);
  assertEquals(groups.more, 1);
});
