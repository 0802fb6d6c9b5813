/**
 * The course of a run, from reading ahead to the end.
 *
 * @module
 */

import { toTasks } from "../../../lib/tasks/source.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assertEquals, assertLess, assertMatch, assertRejects } from "../assert.ts";
import { Outcome } from "../engine_rig.ts";
import { begins, broken, calls, hangs, meets, same, slotOf } from "./functions.ts";
import { Endless, type Suite } from "./suite.ts";

/** Registers the tests of the course of a run. */
export function testFlow({ test, traits }: Suite): void {
  test("reads an endless list only a limited way ahead", same, async ({ begin, kind }) => {
    const list = new Endless();
    const end = new AbortController();
    const run = await begin(list.tasks(), { signal: end.signal });
    const events = run[Symbol.asyncIterator]();
    const outcome = new Outcome();
    // A program starts a process for each task.
    while (outcome.results.size < (kind === "program" ? 100 : 5000)) {
      outcome.add((await events.next()).value);
      assertLess(list.read - outcome.results.size, traits.readAhead);
    }
    // No event is read from here on, so the list must not be read either.
    await list.untilStill(traits.readAhead);
    end.abort();
    while (!(await events.next()).done);
  });

  test("starts no task after a stop, and finishes those that run", begins, async (trial) => {
    const { begin, folder } = trial;
    const list = new Endless((id) => `${folder.path}/begun-${id}`);
    const stop = new AbortController();
    const outcome = new Outcome();
    for await (const batch of await begin(list.tasks(), { stop: stop.signal })) {
      outcome.add(batch);
      stop.abort();
    }
    const begun = Array.from(Deno.readDirSync(folder.path), ({ name }) => name)
      .filter((name) => name.startsWith("begun-"));
    assertEquals(outcome.results.size, begun.length);
    assertEquals(outcome.failures, []);
  });

  // An in-process engine can abandon a running task, but cannot end it.
  const unchecked = { sanitizeOps: false, sanitizeResources: false };
  test("ends at once on a signal, and charges no task", hangs, async ({ begin, folder }) => {
    const end = new AbortController();
    const paths = ["a", "b", "c", "d"].map((name) => `${folder.path}/${name}`);
    const events = await begin(toTasks(paths), { signal: end.signal });
    const outcome = Outcome.of(events);
    await until(() => paths.some(exists), "a task begins");
    end.abort();
    const { results, failures } = await within(outcome, "the run ends");
    assertEquals([results.size, failures.length], [0, 0]);
  }, unchecked);

  test("runs the tasks that were read, then throws the error of the list", same, async (trial) => {
    const list = async function* () {
      yield "first";
      throw new RangeError("the list broke");
    };
    const events = await trial.begin(toTasks(list()));
    const outcome = new Outcome();
    const error = await assertRejects(async () => {
      for await (const batch of events) outcome.add(batch);
    }, RangeError);
    assertEquals(error.message, "the list broke");
    assertEquals(outcome.inOrder(), ["first"]);
  });

  test("reports that the module does not load", broken, async ({ begin }) => {
    const events = await begin(toTasks([1, 2, 3]));
    const error = await assertRejects(() => Outcome.of(events), Error);
    assertMatch(error.message, /not today/);
  });

  test("ends when its events are no longer read", same, async ({ begin }) => {
    const list = new Endless();
    for await (const { succeeded } of await begin(list.tasks())) {
      // A slow task is measured, and its usage comes first.
      if (succeeded > 0) break;
    }
  });

  if (traits.overlaps) {
    test("runs up to `concurrency` calls at a time in a worker", meets, async (trial) => {
      const { begin, kind } = trial;
      const tasks = toTasks(Array.from({ length: 40 }, (_, i) => i));
      const events = await begin(tasks, { workers: 1, concurrency: 4 });
      const outcome = await Outcome.of(events);
      assertEquals(outcome.inOrder(), Array.from({ length: 36 }, () => 4));
      assertEquals(
        outcome.failures.map(({ event }) => event.error.message),
        Array.from(
          { length: 4 },
          () => kind === "program" ? "sh exited with status 3: at most 4" : "at most 4",
        ),
      );
    });

    test("tells a worker its slot", slotOf, async ({ begin }) => {
      const outcome = await Outcome.of(await begin(toTasks(3), { workers: 1 }));
      assertEquals(outcome.inOrder(), ["0", "0", "0"]);
    });

    test("replaces a worker after the tasks that it may run", calls, async ({ begin }) => {
      const context = { workers: 1, concurrency: 4, chunk: 6, tasksPerWorker: 2 };
      const outcome = await Outcome.of(await begin(toTasks(6), context));
      assertEquals([outcome.results.size, outcome.failures], [6, []]);
      assertEquals(outcome.inOrder().filter((count) => Number(count) > 2), []);
    });
  }
}
