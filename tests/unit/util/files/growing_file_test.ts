import { GrowingFile, readFully } from "../../../../lib/util/files/growing_file.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Reads all lines that are in the file. */
function linesOf(file: GrowingFile): string[] {
  return [...file.lines()];
}

Deno.test("GrowingFile reads appended lines, and a torn line once it is whole", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/lines`, file = new GrowingFile(path);
  assertEquals([linesOf(file), file.at, file.size], [[], 0, 0]);
  await folder.write("lines", "");
  assertEquals([linesOf(file), file.at, file.size], [[], 0, 0]);
  await folder.write("lines", "a\nb\nto");
  assertEquals([linesOf(file), file.at, file.size], [["a", "b"], 4, 6]);
  assertEquals(linesOf(file), []);
  Deno.writeTextFileSync(path, "rn\n\n", { append: true });
  assertEquals([linesOf(file), file.at, file.size], [["torn", ""], 10, 10]);
});

Deno.test("GrowingFile reads a line that is longer than a piece", async () => {
  const line = "x".repeat(9 * 1024 * 1024);
  await using folder = await makeFolder({ "lines": `a\n${line}\ntorn` });
  const file = new GrowingFile(`${folder.path}/lines`);
  assertEquals(linesOf(file).map(({ length }) => length), [1, line.length]);
  assertEquals(file.size - file.at, "torn".length);
});

Deno.test("GrowingFile reads in pieces, each from the end of the bytes that were used", async () => {
  await using folder = await makeFolder({ "file": "abcdefgh" });
  const file = new GrowingFile(`${folder.path}/file`, 3);
  const pieces: string[] = [];
  const use = (count: number) => file.next((bytes) => (pieces.push(decode(bytes)), count));
  assertEquals(use(2), true);
  assertEquals(use(0), true, "the piece was too small");
  assertEquals(use(0), false, "all that is there was not enough");
  assertEquals([use(6), use(0)], [false, false]);
  assertEquals(pieces, ["abc", "cde", "cdefgh", "cdefgh"]);
});

Deno.test("GrowingFile.nextUsed() reads larger pieces until a function uses some bytes", async () => {
  await using folder = await makeFolder({ "file": "abcdefgh" });
  const file = new GrowingFile(`${folder.path}/file`, 3);
  const parse = (bytes: Uint8Array) => ({ used: bytes.length < 6 ? 0 : 6, text: decode(bytes) });
  assertEquals(file.nextUsed(parse), { used: 6, text: "abcdef" });
  assertEquals([file.nextUsed(parse), file.at], [undefined, 6]);
});

Deno.test("readFully() fills a buffer with several reads, up to the end of the file", () => {
  let left = 5;
  const file = {
    readSync(buffer: Uint8Array): number | null {
      const count = Math.min(2, left, buffer.length);
      left -= count;
      return count === 0 ? null : (buffer.fill(7, 0, count), count);
    },
  };
  assertEquals([...readFully(file, new Uint8Array(3), "x")], [7, 7, 7]);
  assertEquals([...readFully(file, new Uint8Array(3), "x")], [7, 7]);
});

Deno.test("GrowingFile names the file that cannot be read", () => {
  // A folder can be opened as a file, and the error of reading it has no name, like that of a disk.
  const path = Deno.makeTempDirSync(), { size } = Deno.statSync(path);
  const file = new GrowingFile(path), error = assertThrows(() => file.next(() => 0));
  assertEquals(size > 0, true);
  assertEquals((error as Error).message, `Cannot read ${path}: Is a directory (os error 21)`);
  Deno.removeSync(path);
});
