import { givenTasks, Mirror, readMirrors } from "../../../../lib/engines/stream/mirror.ts";
import { tasksPacket } from "../../../../lib/engines/stream/task_packets.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertThrows } from "../../../support/assert.ts";

const batch = (id: number) => TaskBatch.of(new TextEncoder().encode("1\n2\n"), 2, id);

Deno.test("Mirror writes nothing before a host is given a task", async () => {
  await using folder = await makeFolder();
  using mirror = new Mirror(`${folder.path}/ssh`, "ann@lab:22", "a job");
  assertMatch(mirror.spool, /^a_job\.[\da-f]{8}$/);
  assertEquals([mirror.size, exists(`${folder.path}/ssh`)], [0, false]);
});

Deno.test("Mirror.abandon() keeps the folder of a host that was given no task", async () => {
  await using folder = await makeFolder();
  using mirror = new Mirror(`${folder.path}/ssh`, "lab", "a job");
  const { spool } = mirror;
  mirror.abandon();
  assertEquals([mirror.drop, mirror.size, mirror.spool === spool], [[spool], 0, false]);
  assertEquals(readMirrors(`${folder.path}/ssh`).map(({ drop }) => drop), [[spool]]);
});

Deno.test("Mirror continues what an earlier controller has sent", async () => {
  await using folder = await makeFolder();
  const make = () => new Mirror(`${folder.path}/ssh`, "ann@lab:22", "a job");
  const first = make(), sent = [0, 4].map((id) => first.append(...tasksPacket(batch(id))));
  const { spool } = first;
  first.advance(77);
  const save = first.mark()!;
  // The journal may not have these events on the disk.
  first.advance(99);
  save();
  first[Symbol.dispose]();
  using second = make();
  assertEquals(
    { spool: second.spool, offset: second.offset, assigned: second.assigned },
    { spool, offset: 77, assigned: [[0, 2, 1], [4, 2, 1]] },
  );
  assertEquals(concatBytes([...second.bytes(0)]), concatBytes(sent));
  assertEquals(concatBytes([...second.bytes(sent[0]!.length)]), sent[1]);
});

Deno.test("Mirror reads more ranges of tasks than a function has arguments", async () => {
  await using folder = await makeFolder();
  const make = () => new Mirror(`${folder.path}/ssh`, "lab", "a job");
  const count = 150_000, ids = Uint32Array.from({ length: count }, (_, i) => 2 * i);
  const bytes = new TextEncoder().encode("1\n".repeat(count));
  {
    using first = make();
    first.append(...tasksPacket(TaskBatch.of(bytes, count, ids)));
  }
  using second = make();
  assertEquals([second.assigned.length, second.assigned.at(-1)], [count, [2 * count - 2, 1, 1]]);
});

Deno.test("Mirror begins anew when a power cut has emptied its state", async () => {
  await using folder = await makeFolder();
  const dir = `${folder.path}/ssh`, make = () => new Mirror(dir, "lab", "a job");
  let spool;
  {
    using first = make();
    first.append(...tasksPacket(batch(0)));
    spool = first.spool;
  }
  Deno.writeTextFileSync(`${dir}/lab.json`, "");
  assertEquals([readMirrors(dir), givenTasks(dir)], [[], []]);
  using second = make();
  assertEquals([second.assigned, second.size, second.spool === spool], [[], 0, false]);
  second.append(...tasksPacket(batch(4)));
  assertEquals(givenTasks(dir), [[4, 2, 1]]);
});

Deno.test("Mirror.bytes() ends when something else has cut the file", async () => {
  await using folder = await makeFolder();
  using mirror = new Mirror(`${folder.path}/ssh`, "lab", "a job");
  const sent = mirror.append(...tasksPacket(batch(0)));
  Deno.truncateSync(`${folder.path}/ssh/lab.tasks`, sent.length - 1);
  assertThrows(() => [...mirror.bytes(0)], Error, "lab.tasks: it has lost its last tasks");
});

Deno.test("Mirror does not assign an attempt that a service has limited on the host", async () => {
  await using folder = await makeFolder();
  const make = () => new Mirror(`${folder.path}/ssh`, "lab", "a job");
  {
    using first = make();
    first.append(...tasksPacket(TaskBatch.of(new TextEncoder().encode("1\n2\n3\n"), 3, 0)));
    first.advance(10, [[1, 1]]);
    const save = first.mark()!;
    // The next controller reads this event again.
    first.advance(20, [[2, 1]]);
    save();
  }
  {
    using second = make();
    assertEquals(second.assigned, [[0, 1, 1], [2, 1, 1]]);
    second.append(...tasksPacket(TaskBatch.of(new TextEncoder().encode("2\n"), 1, 1)));
  }
  using third = make();
  assertEquals(third.assigned, [[0, 1, 1], [2, 1, 1], [1, 1, 1]]);
  assertEquals(givenTasks(`${folder.path}/ssh`), third.assigned);
  third.abandon();
  assertEquals(readMirrors(`${folder.path}/ssh`).map(({ returned }) => returned), [undefined]);
});

Deno.test("Mirror.abandon() begins a new folder, and remembers the old one", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/ssh`, mirror = new Mirror(path, "lab", "job");
  mirror.append(...tasksPacket(batch(0)));
  const { spool } = mirror;
  mirror.advance(5);
  const save = mirror.mark()!;
  mirror.abandon();
  save();
  const states = () => readMirrors(path).map(({ name, offset, drop }) => ({ name, offset, drop }));
  assertEquals(states(), [{ name: "lab", offset: 0, drop: [spool] }]);
  assertEquals([mirror.size, mirror.spool === spool], [0, false]);
  mirror.dropped([spool]);
  assertEquals(states(), [{ name: "lab", offset: 0, drop: [] }]);
  mirror.remove();
  assertEquals([...Deno.readDirSync(path)], []);
});
