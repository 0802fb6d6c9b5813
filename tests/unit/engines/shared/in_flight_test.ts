import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { randomBelow, randomOf } from "../../../../tools/support/random.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** A batch whose tasks have these ids, and themselves as their arguments. */
function batchOf(ids: readonly number[]): TaskBatch {
  const bytes = new TextEncoder().encode(ids.map((id) => `${id}\n`).join(""));
  const isRange = ids.every((id, i) => id === ids[0]! + i);
  return TaskBatch.of(bytes, ids.length, isRange ? ids[0] ?? 0 : Uint32Array.from(ids));
}

function inFlightOf(...batches: readonly (readonly number[])[]): InFlight {
  const inFlight = new InFlight();
  for (const ids of batches) inFlight.push(batchOf(ids));
  return inFlight;
}

/** The tasks that are left, in their order. */
function restOf(inFlight: InFlight): number[] {
  const { count } = inFlight;
  const rest = inFlight.takeAll();
  assertEquals(rest.length, count, "count is the number of tasks that are left");
  assertEquals(
    rest.map(({ args }) => new TextDecoder().decode(args)),
    rest.map(({ id }) => `${id}`),
  );
  assertEquals([inFlight.count, inFlight.first], [0, undefined], "takeAll() leaves nothing");
  return rest.map(({ id }) => id);
}

Deno.test("InFlight.complete() removes tasks in any order, each once", async (t) => {
  const cases: [name: string, done: number[], rest: number[], first: number | undefined][] = [
    ["none", [], [4, 5, 6, 9, 2], 4],
    ["the first", [4], [5, 6, 9, 2], 5],
    ["all, in order", [4, 5, 6, 9, 2], [], undefined],
    ["all, in reverse", [2, 9, 6, 5, 4], [], undefined],
    ["one in the middle", [5], [4, 6, 9, 2], 4],
    ["one in the middle, then the first", [5, 4], [6, 9, 2], 6],
    ["a later batch, then the first one", [9, 4, 5, 6], [2], 2],
    ["twice the same", [6, 6, 6], [4, 5, 9, 2], 4],
    ["an id of no task", [7, 3, 10], [4, 5, 6, 9, 2], 4],
  ];
  for (const [name, done, rest, first] of cases) {
    await t.step(name, () => {
      const inFlight = inFlightOf([4, 5, 6], [9, 2]);
      const ids = [4, 5, 6, 9, 2];
      for (const [i, id] of done.entries()) {
        const isNew = ids.includes(id) && done.indexOf(id) === i;
        assertEquals(inFlight.complete(id), isNew, `complete(${id})`);
      }
      assertEquals(inFlight.first, first);
      assertEquals(restOf(inFlight), rest);
    });
  }
});

Deno.test("InFlight.completeBlock() removes the next tasks of the list, or nothing", async (t) => {
  const batches = [[4, 5, 6], [7, 8], [20, 21], [3]];
  const all = batches.flat();
  const cases: [name: string, early: number[], id: number, count: number, isDone: boolean][] = [
    ["one", [], 4, 1, true],
    ["a part of a batch", [], 4, 2, true],
    ["a whole batch", [], 4, 3, true],
    ["across batches that follow each other", [], 4, 5, true],
    ["beyond a gap in the list", [], 4, 6, false],
    ["not from the first task on", [], 5, 1, false],
    ["after the first tasks", [4, 5], 6, 3, true],
    ["with one that is done already", [6], 4, 3, false],
    ["up to one that is done already", [6], 4, 2, true],
    ["more than there are", [4, 5, 6, 7, 8, 20, 21], 3, 2, false],
  ];
  for (const [name, early, id, count, isDone] of cases) {
    await t.step(name, () => {
      const inFlight = inFlightOf(...batches);
      for (const one of early) assert(inFlight.complete(one));
      assertEquals(inFlight.completeBlock(id, count), isDone);
      const block = Array.from({ length: isDone ? count : 0 }, (_, i) => id + i);
      const rest = all.filter((one) => !early.includes(one) && !block.includes(one));
      assertEquals(inFlight.first, rest[0]);
      assertEquals(restOf(inFlight), rest);
    });
  }
  await t.step("and nothing where no task is", () => {
    assertEquals(new InFlight().completeBlock(0, 1), false);
  });
});

Deno.test("InFlight.running() names the first tasks without a response", () => {
  const inFlight = inFlightOf([4, 5, 6], [9, 2]);
  assertEquals(inFlight.running(2), [4, 5]);
  assertEquals(inFlight.running(10), [4, 5, 6, 9, 2]);
  inFlight.complete(5);
  inFlight.complete(9);
  assertEquals(inFlight.running(3), [4, 6, 2]);
  inFlight.complete(4);
  assertEquals(inFlight.running(1), [6]);
  assertEquals(inFlight.running(0), []);
});

Deno.test("InFlight.task() finds a task by its id", () => {
  const inFlight = inFlightOf([4, 5], [9, 2]);
  assertEquals(inFlight.task(2)?.id, 2);
  assertEquals(inFlight.task(7), undefined);
});

Deno.test("InFlight keeps the remaining tasks after any mix of completions", () => {
  const next = randomOf(7), random = (below: number) => randomBelow(next, below);
  for (let round = 0; round < 300; round++) {
    const inFlight = new InFlight();
    let left: number[] = [], next = 0;
    for (let step = 0; step < 30; step++) {
      if (random(3) === 0) {
        next += random(3);
        const ids = Array.from({ length: 1 + random(5) }, () => next++);
        inFlight.push(batchOf(ids));
        left.push(...ids);
      } else if (random(2) === 0) {
        const id = left[random(left.length)] ?? 0;
        assertEquals(inFlight.complete(id), left.includes(id));
        left = left.filter((one) => one !== id);
      } else {
        const id = left[0] ?? 0, count = 1 + random(4);
        const block = Array.from({ length: count }, (_, i) => id + i);
        const isNext = left.length > 0 && block.every((one, i) => left[i] === one);
        assertEquals(inFlight.completeBlock(id, count), isNext, `round ${round}`);
        if (isNext) left.splice(0, count);
      }
      assertEquals(inFlight.first, left[0]);
    }
    assertEquals(restOf(inFlight), left);
  }
});
