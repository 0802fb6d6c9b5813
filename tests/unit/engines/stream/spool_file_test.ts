import { readSpool, SpoolFile, SpoolReader } from "../../../../lib/engines/stream/spool_file.ts";
import { readPackets } from "../../../../lib/engines/stream/packets.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Returns the numbers in the heads of a file's packets. */
function numbersIn(path: string): unknown[] {
  const numbers: unknown[] = [];
  readSpool(path, ({ head }) => numbers.push(head.n));
  return numbers;
}

Deno.test("SpoolFile continues after the last whole packet", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events`, ends: number[] = [];
  {
    using file = new SpoolFile(path, 0);
    for (const n of [1, 2, 3]) {
      file.append({ n }, encode("payload\n"));
      ends.push(file.size);
    }
  }
  const whole = Deno.readFileSync(path);
  for (let size = 0; size <= whole.length; size++) {
    Deno.writeFileSync(path, whole.subarray(0, size));
    const end = readSpool(path);
    assertEquals(end, [0, ...ends].findLast((one) => one <= size), `${size} bytes`);
    using file = new SpoolFile(path, end);
    file.append({ n: 9 });
    assertEquals(numbersIn(path), [...[1, 2, 3].slice(0, ends.indexOf(end) + 1), 9]);
  }
});

Deno.test("readSpool() stops at a damaged packet", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/tasks`;
  {
    using file = new SpoolFile(path, 0);
    for (const n of [1, 2, 3]) file.append({ n }, encode("payload\n"));
  }
  const bytes = Deno.readFileSync(path);
  bytes.fill(0, bytes.indexOf(50) + 20);
  Deno.writeFileSync(path, bytes);
  assertEquals(numbersIn(path), [1]);
});

Deno.test("SpoolFile.copy() accepts only the next packet of the same file", async () => {
  await using folder = await makeFolder();
  using near = new SpoolFile(`${folder.path}/near`, 0),
    far = new SpoolFile(`${folder.path}/far`, 0);
  const sent = [1, 2].map((n) => readPackets(near.append({ n })).packets[0]!);
  assertThrows(() => far.copy(sent[1]!), SyntaxError, "not the next packet");
  far.copy(sent[0]!);
  assertThrows(() => far.copy(sent[0]!), SyntaxError, "not the next packet");
  far.copy(sent[1]!);
  assertEquals(Deno.readFileSync(far.path), Deno.readFileSync(near.path));
});

Deno.test("SpoolReader reads packets as they are written, from any of them", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events`, reader = new SpoolReader(path);
  assertEquals(reader.next(), undefined);
  using file = new SpoolFile(path, 0);
  file.append({ n: 1 }, new Uint8Array(3 * 1024 * 1024));
  const at = file.size;
  assertEquals(reader.next()?.map(({ head }) => head.n), [1]);
  assertEquals([reader.next(), reader.at], [undefined, at]);
  file.append({ n: 2 });
  for (const one of [reader, new SpoolReader(path, at)]) {
    assertEquals(one.next()?.map(({ head }) => head.n), [2]);
  }
});

Deno.test("SpoolReader.next() throws when the file has become shorter", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events`, reader = new SpoolReader(path);
  using file = new SpoolFile(path, 0);
  file.append({ n: 1 });
  reader.next();
  Deno.truncateSync(path, file.size - 1);
  assertThrows(() => reader.next(), SyntaxError, `cut from ${file.size} to ${file.size - 1} bytes`);
});
