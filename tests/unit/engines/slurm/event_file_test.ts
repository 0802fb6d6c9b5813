import { EventFile, EventFileReader } from "../../../../lib/engines/slurm/event_file.ts";
import { arrayTaskFiles } from "../../../../lib/engines/slurm/job_array.ts";
import { NO_EVENTS } from "../../../../lib/journal/format.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

async function makeArray(): Promise<Folder> {
  return await makeFolder({ "events/keep": "" });
}

function success(id: number) {
  const lines = new TextEncoder().encode(`{"id":${id},"result":${id}}\n`);
  return { ...NO_EVENTS, lines, succeeded: 1 };
}

/** Writes events in frames of their own. */
function writeTo(dir: string, ids: readonly number[]): void {
  using file = new EventFile(dir, 0);
  for (const id of ids) {
    file.write(success(id));
    file.flush();
  }
}

/** Returns the ids of the next events. */
function idsOf(reader: EventFileReader, now?: number): number[] {
  const ids: number[] = [];
  for (let parts = reader.next(now); parts; parts = reader.next(now)) {
    const text = parts.map((part) => new TextDecoder().decode(part)).join("");
    ids.push(...Array.from(text.matchAll(/"result":(\d+)/g), ([, id]) => Number(id)));
  }
  return ids;
}

Deno.test("EventFile continues after a restart, and knows the tasks that have ended", async () => {
  await using folder = await makeArray();
  const { path } = folder, { events } = arrayTaskFiles(path, 0);
  writeTo(path, [0, 1, 2]);
  Deno.truncateSync(events, Deno.statSync(events).size - 1);
  {
    using file = new EventFile(path, 0);
    assertEquals([[...file.answered], file.count], [[0, 1], 2]);
    file.write(success(2));
  }
  assertEquals(idsOf(new EventFileReader(path, 0)), [0, 1, 2]);
});

Deno.test("EventFileReader waits for bytes that appear late, and then leaves out damage", async () => {
  await using folder = await makeArray();
  const { path } = folder, { events } = arrayTaskFiles(path, 0);
  writeTo(path, [0, 1, 2, 3]);
  const sound = Deno.readFileSync(events), late = sound.slice();
  const at = new TextDecoder().decode(sound).indexOf('{"id":1,');
  late.fill(0, at, at + 20);
  Deno.writeFileSync(events, late);
  const reader = new EventFileReader(path, 0), other = new EventFileReader(path, 0);
  assertEquals([idsOf(reader, 0), idsOf(reader, 29_000)], [[0], []]);
  Deno.writeFileSync(events, sound);
  assertEquals(idsOf(reader, 29_500), [1, 2, 3]);
  Deno.writeFileSync(events, late);
  assertEquals([idsOf(other, 0), idsOf(other, 30_000)], [[0], [2, 3]]);
});

Deno.test("EventFileReader believes no file of another array task", async () => {
  await using folder = await makeArray();
  const { path } = folder;
  writeTo(path, [0, 1]);
  Deno.renameSync(arrayTaskFiles(path, 0).events, arrayTaskFiles(path, 1).events);
  const reader = new EventFileReader(path, 1);
  assertEquals([idsOf(reader, 0), idsOf(reader, 60_000)], [[], []]);
});
