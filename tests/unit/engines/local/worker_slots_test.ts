import type { EventBatch } from "../../../../lib/journal/format.ts";
import { AckChannel } from "../../../../lib/engines/local/ack_channel.ts";
import { OomKills } from "../../../../lib/engines/local/oom_kills.ts";
import { OrphanReaper } from "../../../../lib/engines/local/orphan_reaper.ts";
import { type Taker, TaskQueue } from "../../../../lib/engines/local/task_queue.ts";
import { WorkerSlots } from "../../../../lib/engines/local/worker_slots.ts";
import type { EngineContext } from "../../../../lib/engines/engine.ts";
import { LiveOptions } from "../../../../lib/tasks/live_options.ts";
import { assertEquals } from "../../../support/assert.ts";

/** A queue without tasks, which stays open until it is ended. */
class OpenQueue extends TaskQueue {
  /** The number of slots that wait for tasks. */
  waiting = 0;
  /** Called when a surplus slot is told to end, before it has ended. */
  onGone: () => void = () => {};
  #ended = false;

  constructor() {
    super(ReadableStream.from([]), 1);
  }

  override async take(_most: number, taker: Taker): Promise<undefined> {
    this.waiting++;
    let changed = Promise.withResolvers<void>();
    this.#wakers.add(() => {
      changed.resolve();
      changed = Promise.withResolvers<void>();
    });
    while (taker.state !== "gone" && !this.#ended) await changed.promise;
    this.waiting--;
    if (!this.#ended) this.onGone();
    return undefined;
  }

  #wakers = new Set<() => void>();

  override wake(): void {
    for (const wake of this.#wakers ?? []) wake();
  }

  end(): void {
    this.#ended = true;
    this.wake();
  }
}

Deno.test("a slot that is needed again while it ends takes tasks again", async () => {
  const queue = new OpenQueue(), live = new LiveOptions({ workers: 3 });
  const { signal } = new AbortController();
  const context = { workers: 3, gpus: 0, env: {}, concurrency: 1, live, signal, stop: signal };
  await using reaper = new OrphanReaper();
  const slots = new WorkerSlots({
    queue,
    reaper,
    oomKills: new OomKills(),
    warnEnd() {},
    warnStart() {},
    events: new AckChannel<EventBatch>(),
    workers: new Set(),
    context: context as unknown as EngineContext,
  }, [{}, {}, {}]);
  const running = slots.run();
  assertEquals([slots.count, queue.waiting], [3, 3]);
  queue.onGone = () => {
    queue.onGone = () => {};
    live.change({ workers: 3 });
  };
  live.change({ workers: 1 });
  while (slots.count === 1) await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([slots.count, queue.waiting], [3, 3]);
  queue.end();
  await running;
});
