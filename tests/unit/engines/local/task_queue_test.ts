import { type Taker, TaskQueue } from "../../../../lib/engines/local/task_queue.ts";
import { type Task, TaskBatch } from "../../../../lib/tasks/batch.ts";
import { Pace } from "../../../../lib/tasks/pace.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

const IDLE: Taker = { state: "idle" }, BUSY: Taker = { state: "busy" };

function batchOf(from: number, count: number): TaskBatch {
  return TaskBatch.of(new TextEncoder().encode("7\n".repeat(count)), count, from);
}

function tasksOf(...ids: readonly number[]): Task[] {
  return ids.map((id) => ({ id, attempt: 1, args: new TextEncoder().encode("7") }));
}

/** A list that yields on request of the test. */
class SlowList implements AsyncIterable<TaskBatch> {
  reads = 0;
  isClosed = false;
  #waiting: PromiseWithResolvers<IteratorResult<TaskBatch>> | undefined;

  [Symbol.asyncIterator](): AsyncIterator<TaskBatch> {
    return {
      next: () => {
        this.reads++;
        this.#waiting = Promise.withResolvers();
        return this.#waiting.promise;
      },
      return: () => {
        this.isClosed = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** Answers the read that is under way. */
  async yield(batch: TaskBatch): Promise<void> {
    (await this.#read()).resolve({ value: batch, done: false });
  }

  async end(): Promise<void> {
    (await this.#read()).resolve({ value: undefined, done: true });
  }

  async fail(error: Error): Promise<void> {
    (await this.#read()).reject(error);
  }

  async #read(): Promise<PromiseWithResolvers<IteratorResult<TaskBatch>>> {
    const waiting = await until(() => this.#waiting, "the list is read");
    this.#waiting = undefined;
    return waiting;
  }
}

async function* listOf(...batches: readonly TaskBatch[]): AsyncGenerator<TaskBatch> {
  yield* batches;
}

/** Takes all tasks, at most `most` at a time. */
async function takeAll(queue: TaskQueue, most: number, taker = IDLE): Promise<number[][]> {
  const taken: number[][] = [];
  for (let next; (next = await queue.take(most, taker));) {
    taken.push(Array.from(next.batch, ({ id }) => id));
  }
  return taken;
}

Deno.test("TaskQueue.take() returns the tasks of the list, in its order, at most `most`", async () => {
  const queue = new TaskQueue(listOf(batchOf(0, 3), batchOf(3, 4), batchOf(10, 1)), 1);
  const taken = await within(takeAll(queue, 2), "all tasks");
  assertEquals(taken.flat(), [0, 1, 2, 3, 4, 5, 6, 10]);
  assert(taken.every(({ length }) => length <= 2), JSON.stringify(taken));
  assertEquals(await queue.take(1, IDLE), undefined, "nothing is left");
});

Deno.test("TaskQueue.take() cuts the end of the list for all workers", async () => {
  const queue = new TaskQueue(listOf(batchOf(0, 16)), 4);
  await until(() => queue.take(0, { state: "gone" }).then(() => true), "a turn");
  const sizes = (await within(takeAll(queue, 60), "all tasks")).map(({ length }) => length);
  assertEquals(sizes.reduce((a, b) => a + b, 0), 16);
  assertEquals(sizes[0], 2, "half of a worker's share");
  assertEquals(sizes.at(-1), 1);
});

Deno.test("TaskQueue.take() does not cut the end of the list into batches that take no time", async () => {
  const queue = new TaskQueue(listOf(batchOf(0, 16)), 4);
  await until(() => queue.take(0, { state: "gone" }).then(() => true), "a turn");
  const sizes = (await within(takeAll(queue, 600), "all tasks")).map(({ length }) => length);
  assertEquals(sizes, [10, 6]);
});

Deno.test("TaskQueue.take() returns whole batches while the list is longer than it reads ahead", async () => {
  const list = listOf(...Array.from({ length: 500 }, (_, i) => batchOf(100 * i, 100)));
  const queue = new TaskQueue(list, 4);
  await queue.take(1, IDLE);
  let least = 100;
  await until(async () => {
    const taken = await queue.take(100, IDLE);
    least = taken!.batch.count;
    return least === 100;
  }, "the queue is full");
  assertEquals(least, 100);
  await queue.close();
});

Deno.test("TaskQueue.take() waits for the list and for tasks put back, until its taker is gone", async () => {
  const list = new SlowList(), queue = new TaskQueue(list, 1);
  const first = queue.take(5, IDLE);
  await list.yield(batchOf(7, 1));
  assertEquals((await within(first, "the list's task"))?.batch.id(0), 7);

  const second = queue.take(5, BUSY);
  queue.giveBack(tasksOf(7));
  assertEquals((await within(second, "the task that was put back"))?.batch.id(0), 7);

  let state: Taker["state"] = "idle";
  const third = queue.take(5, {
    get state() {
      return state;
    },
  });
  state = "gone";
  queue.wake();
  assertEquals(await within(third, "a taker that is gone"), undefined);
  await list.end();
});

Deno.test("TaskQueue returns suspects one at a time, and only to an idle taker", async () => {
  const list = new SlowList(), queue = new TaskQueue(list, 1);
  queue.suspect(tasksOf(3, 4));
  const busy = queue.take(5, BUSY);
  const idle = await within(queue.take(5, IDLE), "a suspect");
  assertEquals([idle?.isSuspect, idle?.batch.count, idle?.batch.id(0)], [true, 1, 3]);
  await list.yield(batchOf(9, 1));
  const other = await within(busy, "a task that is not suspected");
  assertEquals([other?.isSuspect, other?.batch.id(0)], [false, 9]);
  await list.end();
  assertEquals((await within(queue.take(5, IDLE), "the other suspect"))?.batch.id(0), 4);
  assertEquals(await within(queue.take(5, IDLE), "the end"), undefined);
});

Deno.test("TaskQueue keeps an idle taker while a suspect may still be taken", async () => {
  const queue = new TaskQueue(listOf(), 2);
  assertEquals(await within(queue.take(1, IDLE), "the end of an empty list"), undefined);
  queue.suspect(tasksOf(1));
  const busy = queue.take(1, BUSY);
  assertEquals((await queue.take(1, IDLE))?.batch.id(0), 1);
  queue.wake();
  assertEquals(await within(busy, "nothing is left"), undefined);
});

Deno.test("TaskQueue runs what was read before the list failed", async () => {
  const list = new SlowList(), queue = new TaskQueue(list, 1);
  const first = queue.take(1, IDLE);
  await list.yield(batchOf(0, 1));
  assertEquals((await first)?.batch.count, 1);
  const error = new RangeError("the list broke");
  await list.fail(error);
  assertEquals(await within(queue.take(1, IDLE), "the end"), undefined);
  assertEquals(queue.failure, { reason: error });
});

Deno.test("TaskQueue stops reading ahead at a number of bytes", async () => {
  const list = new SlowList(), queue = new TaskQueue(list, 1);
  queue.take(0, BUSY);
  const big = TaskBatch.of(new Uint8Array(512 * 1024).fill(10), 512 * 1024, 0);
  await list.yield(big);
  await until(async () => (await queue.take(1, BUSY)) !== undefined, "the batch is there");
  assertEquals(list.reads, 2, "one byte less is room for one more batch");
});

Deno.test("TaskQueue.close() closes the list, unless it is being read", async () => {
  const list = new SlowList(), queue = new TaskQueue(list, 1);
  await queue.close();
  assertEquals(list.isClosed, true);
  const read = new SlowList(), reading = new TaskQueue(read, 1);
  const taken = reading.take(1, IDLE);
  await within(reading.close(), "the queue is closed");
  assertEquals(read.isClosed, false);
  await read.end();
  assertEquals(await taken, undefined);
});

Deno.test("TaskQueue looks at no key while the rate of all tasks lets none begin", async () => {
  const pace = new Pace(), queue = new TaskQueue(listOf(batchOf(0, 50)), 1, pace);
  let keys = 0;
  pace.setRates({ "": "1/h", "{}": "9/s" }, () => () => String(keys++));
  assertEquals((await queue.take(1, IDLE))?.batch.id(0), 0);
  const taker: { state: Taker["state"] } = { state: "idle" }, before = keys;
  const taking = queue.take(1, taker);
  taker.state = "gone";
  queue.wake();
  assertEquals([await taking, keys - before], [undefined, 0]);
  await queue.close();
});

Deno.test("TaskQueue.take() notices the end of the list while its pace is paused", async () => {
  const pace = new Pace(), queue = new TaskQueue(listOf(), 1, pace);
  pace.isPaused = true;
  assertEquals(await within(queue.take(1, IDLE), "the end"), undefined);
  await queue.close();
});

Deno.test("TaskQueue returns no task, and no suspect, while its pace is paused", async () => {
  const pace = new Pace(), queue = new TaskQueue(listOf(batchOf(0, 2)), 1, pace);
  queue.suspect(tasksOf(7));
  pace.isPaused = true;
  const taken: number[] = [];
  const taking = (async () => {
    for (let next; (next = await queue.take(1, IDLE));) taken.push(next.batch.id(0));
  })();
  await until(() => !queue.isDrained, "the list is read");
  assertEquals(taken, []);
  pace.isPaused = false;
  await taking;
  assertEquals(taken, [7, 0, 1]);
  await queue.close();
});
