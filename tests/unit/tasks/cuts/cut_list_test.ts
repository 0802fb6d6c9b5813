import { argsText } from "../../../../lib/tasks/batch.ts";
import { CutList, type TaskFilter } from "../../../../lib/tasks/cuts/cut_list.ts";
import type { Cuts } from "../../../../lib/tasks/cuts/cuts.ts";
import { randomAt } from "../../../../lib/tasks/cuts/random.ts";
import { joinTasks } from "../../../../lib/tasks/batch.ts";
import { Places } from "../../../../lib/tasks/places.ts";
import { type ArgsList, toTasks } from "../../../../lib/tasks/source.ts";
import { assert, assertEquals, assertRejects } from "../../../support/assert.ts";

/** Returns the elements of the part of a list, as JSON, and checks that its ids are consecutive. */
async function partOf(list: ArgsList, cuts: Cuts, filter?: TaskFilter): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of toTasks(new CutList(list, cuts, undefined, filter))) {
    for (const { id, args } of batch) {
      assertEquals(id, texts.length);
      texts.push(argsText(args));
    }
  }
  return texts;
}

async function* onlyEven(tasks: Parameters<TaskFilter>[0]) {
  for await (const batch of tasks) {
    yield* joinTasks([...batch].filter(({ args }) => Number(argsText(args)) % 2 === 0));
  }
}

Deno.test("a part is the same as that of a simple model", async () => {
  for (let round = 0; round < 300; round++) {
    const random = (n: number) => Math.floor(randomAt(round, n) * 1000);
    const count = random(1) % 40, seed = random(2);
    const list = Array.from({ length: count }, (_, i) => random(i + 100) % 20);
    const cuts: Cuts = {
      unique: random(3) % 2 === 0,
      sample: [undefined, "30%", 5, 0][random(4) % 4],
      seed,
      shuffle: random(5) % 2 === 0,
      skip: [undefined, random(6) % 10][random(7) % 2],
      limit: [undefined, random(8) % 10][random(9) % 2],
    };
    const filter = random(10) % 2 === 0 ? onlyEven : undefined;
    assertEquals(
      await partOf(list, cuts, filter),
      await model(list, cuts, filter !== undefined),
      JSON.stringify({ list, cuts }),
    );
  }
});

Deno.test("a list whose elements are dropped can be stopped", async () => {
  const stop = new AbortController(), list = new CutList(30_000_000, { skip: 29_999_999 });
  const reason = new Error("stopped"), timer = setTimeout(() => stop.abort(reason));
  const read = async () => {
    for await (const _ of toTasks(list, { signal: stop.signal }));
  };
  assertEquals(await assertRejects(read, Error), reason);
  clearTimeout(timer);
});

/** Applies each cut to a whole array. */
async function model(
  list: readonly number[],
  { unique, sample, seed = 0, shuffle, skip = 0, limit = Infinity }: Cuts,
  isFiltered: boolean,
): Promise<string[]> {
  let part = list.map((value, at) => ({ value, at, rank: randomAt(seed, at) }));
  if (isFiltered) part = part.filter(({ value }) => value % 2 === 0);
  if (unique) part = part.filter((a, i) => part.findIndex((b) => b.value === a.value) === i);
  if (typeof sample === "string") part = part.filter(({ rank }) => rank < 0.3);
  if (typeof sample === "number") {
    part = part.toSorted((a, b) => a.rank - b.rank).slice(0, sample).sort((a, b) => a.at - b.at);
  }
  if (shuffle) {
    const order = (await partOf(part.length, { shuffle, seed })).map(Number);
    assertEquals(order.toSorted((a, b) => a - b), order.map((_, i) => i));
    part = order.map((at) => part[at]!);
  }
  return part.slice(skip, skip + limit).map(({ value }) => String(value));
}

Deno.test("the same seed selects the same part, and another seed another one", async () => {
  for (const cuts of [{ sample: "10%" }, { sample: 50 }, { shuffle: true }] satisfies Cuts[]) {
    const first = await partOf(1000, { ...cuts, seed: 7 });
    assertEquals(await partOf(1000, { ...cuts, seed: 7 }), first);
    assert((await partOf(1000, { ...cuts, seed: 8 })).join() !== first.join());
  }
});

Deno.test("a sample has each element with the same chance", async () => {
  const chosen = new Array<number>(100).fill(0), first = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 500; seed++) {
    for (const text of await partOf(100, { sample: 20, seed })) chosen[Number(text)]!++;
    first[Number((await partOf(10, { shuffle: true, seed }))[0])]!++;
  }
  // The mean is 100 with a standard deviation of 9, and 50 with one of 7.
  assert(chosen.every((times) => times > 55 && times < 145), chosen.join());
  assert(first.every((times) => times > 20 && times < 80), first.join());
});

Deno.test("a limit stops the reading of the list", async () => {
  let read = 0, isClosed = false;
  async function* list() {
    try {
      for (;;) yield await Promise.resolve(read++);
    } finally {
      isClosed = true;
    }
  }
  assertEquals(await partOf(list(), { skip: 2, limit: 3 }), ["2", "3", "4"]);
  assertEquals([read, isClosed], [5, true]);
  assertEquals(await partOf(list(), { limit: 0 }), []);
  assertEquals(read, 5);
});

Deno.test("equal elements are recognised whatever their notation", async (t) => {
  const long = "x".repeat(100);
  const cases: [lines: string[], kept: string[], unique?: string][] = [
    [['{"a":1,"b":[2]}', '{ "b": [2.0], "a": 1e0 }'], ['{"a":1,"b":[2]}']],
    [["0", "-0", "0.0", "false", "null", '"0"'], ["0", "false", "null", '"0"']],
    [["9007199254740993", "9007199254740992"], ["9007199254740993", "9007199254740992"]],
    [["1e400", "1e401", "1e400"], ["1e400", "1e401"]],
    [['"\\u0041"', '"A"'], ['"\\u0041"']],
    [[`"${long}1"`, `"${long}2"`, `"${long}1"`], [`"${long}1"`, `"${long}2"`]],
    [["[1,2]", "[2,1]", "[12]"], ["[1,2]", "[2,1]", "[12]"]],
    [["{no", "{no"], ["{no", "{no"]],
    [['{"id":1}', '{"id":1,"a":2}', '{"a":2}', '{"a":2}'], [
      '{"id":1}',
      '{"a":2}',
      '{"a":2}',
    ], "id"],
    [['{"p":{"id":1}}', '{"p":{"id":1},"a":2}', '{"p.id":1}'], ['{"p":{"id":1}}'], "p.id"],
    [['{"id":null}', '{"id":null}'], ['{"id":null}'], "id"],
    [["[7,1]", "[8,1]"], ["[7,1]"], "1"],
  ];
  for (const [lines, kept, unique = true] of cases) {
    await t.step(lines.join(" ").slice(0, 60), async () => {
      const stream = new Blob(lines.map((line) => `${line}\n`)).stream();
      assertEquals(await partOf(stream, { unique }), kept);
    });
  }
});

Deno.test("a key that no element has is refused before the first task", async () => {
  await assertRejects(
    () => partOf([{ id: 1 }], { unique: "di" }),
    Error,
    "Cannot use --unique=di: none of the first elements has this key",
  );
});

Deno.test("the tasks of a part have the lines of their elements", async () => {
  const places = new Places(), text = Array.from({ length: 100 }, (_, i) => `${i}\n`).join("");
  const list = new Blob([text, "\n7\n"]).stream();
  const part = new CutList(list, { unique: true, sample: 20, seed: 3, shuffle: true, skip: 2 });
  for await (const batch of toTasks(part, { places })) {
    for (const { id, args } of batch) {
      assertEquals(places.of(id), { name: "input", line: Number(argsText(args)) + 1 });
    }
  }
});

Deno.test("the length of a part is known when the list has one and no cut depends on it", () => {
  const lengthOf = (cuts: Cuts, elements?: number) => new CutList([], cuts, elements).length;
  assertEquals(lengthOf({ limit: 3 }, 10), 3);
  assertEquals(lengthOf({ skip: 8, limit: 3, shuffle: true }, 10), 2);
  assertEquals(lengthOf({ skip: 12 }, 10), 0);
  assertEquals(lengthOf({ limit: 0 }), 0);
  for (const cuts of [{ unique: true }, { sample: 3 }, { where: "it" }]) {
    assertEquals(lengthOf(cuts, 10), undefined);
  }
  assertEquals(lengthOf({ limit: 3 }), undefined);
});
