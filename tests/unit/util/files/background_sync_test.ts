import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { BackgroundSync } from "../../../../lib/util/files/background_sync.ts";

const MEGABYTE = 1024 * 1024;

/** Syncs that the test ends, in their order. */
class SlowDisk {
  syncs: PromiseWithResolvers<void>[] = [];
  disk = new BackgroundSync(() => {
    const sync = Promise.withResolvers<void>();
    this.syncs.push(sync);
    return sync.promise;
  });
}

Deno.test("BackgroundSync syncs after 8 MB, and once for all changes during a sync", async () => {
  const { syncs, disk } = new SlowDisk();
  disk.add(7 * MEGABYTE);
  assertEquals(syncs.length, 0);
  disk.add(MEGABYTE);
  assertEquals(syncs.length, 1);
  assertEquals(disk.isDirty, false);
  disk.add(20 * MEGABYTE);
  disk.start();
  assertEquals(syncs.length, 1);

  let isFinished = false;
  const finished = disk.finish().then(() => isFinished = true);
  syncs[0]!.resolve();
  while (syncs.length < 2) await Promise.resolve();
  assertEquals([isFinished, disk.isDirty], [false, false]);
  syncs[1]!.resolve();
  await finished;
  disk.start();
  assertEquals(syncs.length, 2);
});

Deno.test("BackgroundSync keeps the first failure, although later syncs succeed", async () => {
  const { syncs, disk } = new SlowDisk();
  disk.add(0);
  disk.start();
  syncs[0]!.reject(new Error("no space left"));
  while (disk.failure === undefined) await Promise.resolve();
  disk.add(1);
  const finished = disk.finish();
  while (syncs.length < 2) await Promise.resolve();
  syncs[1]!.resolve();
  await assertRejects(() => finished, Error, "no space left");
  await assertRejects(() => disk.finish(), Error, "no space left");
});
