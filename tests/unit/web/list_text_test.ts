import { ListFile } from "../../../lib/job_dir/list_file.ts";
import { ListText, TextSearch } from "../../../lib/web/list_text.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const RECORD = { id: "x", format: 3 };

/** Appends chunks of two tasks to the list in a folder. */
function append(folder: string, from: number, to: number): void {
  using file = new ListFile(folder, RECORD.id);
  for (let id = from; id < to; id += 2) {
    const bytes = new TextEncoder().encode(`"tile ${id}"\n"tile ${id + 1}"\n`);
    file.append({ id, count: 2, bytes });
  }
}

/** Replaces a text in the list by another one of the same length. */
function damage(folder: string, text: string, other: string): void {
  const path = `${folder}/tasks.ndjson`;
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(text, other));
}

function readAll(list: ListText): ListText {
  while (list.read());
  return list;
}

const IDS = [0, 1, 2, 3, 4, 5, 6];

Deno.test("ListText has no lines that are damaged, and numbers those after them", async (t) => {
  const cases: [name: string, text: string, other: string][] = [
    ["another text", "tile 2", "tile 9"],
    ["a line less", '2"\n"', '2" "'],
    ["a line more", '"tile 2"', '"tile\n2"'],
  ];
  for (const [name, text, other] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({});
      append(folder.path, 0, 6);
      damage(folder.path, text, other);
      const list = readAll(new ListText(folder.path, RECORD)), lines = list.lines(IDS);
      assertEquals([...lines], [0, 1, 4, 5].map((id) => [id, `"tile ${id}"`]));
      assertEquals([list.count, list.isDamaged], [6, true]);
      assertEquals(await new TextSearch(list, "tile").found(), [0, 1, 4, 5]);
    });
  }
});

Deno.test("ListText reads a list while it grows, and after the end of a cut", async () => {
  await using folder = await makeFolder({});
  const path = `${folder.path}/tasks.ndjson`, list = new ListText(folder.path, RECORD);
  assertEquals([readAll(list).count, list.isStale], [0, false]);
  append(folder.path, 0, 4);
  assertEquals([readAll(list).count, list.isStale], [4, false]);
  const size = Deno.statSync(path).size;
  append(folder.path, 4, 6);
  const whole = Deno.readTextFileSync(path);
  // The checksum of a chunk is there before the chunk.
  Deno.truncateSync(path, size + 3);
  assertEquals([readAll(list).count, list.isDamaged], [4, false]);
  Deno.writeTextFileSync(path, whole);
  assertEquals([readAll(list).count, list.isStale], [6, false]);
  assertEquals([...list.lines([5])], [[5, '"tile 5"']]);
  Deno.truncateSync(path, size);
  assertEquals(list.isStale, true);
});

Deno.test("ListText has only the lines before damaged checksums", async () => {
  await using folder = await makeFolder({});
  append(folder.path, 0, 6);
  const path = `${folder.path}/tasks.sums`;
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('{"id":2', '{"id":7'));
  const list = readAll(new ListText(folder.path, RECORD));
  assertEquals([[...list.lines(IDS).keys()], list.isDamaged], [[0, 1], true]);
});
