import { addBatch } from "../../../../lib/engines/compute/add_batch.ts";
import {
  MAX_ARCHIVE,
  openArchive,
  ResultArchive,
} from "../../../../lib/engines/compute/result_archive.ts";
import {
  ChangedFiles,
  filePart,
  parseFilePart,
  writeTaskFile,
} from "../../../../lib/engines/shared/task_files.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { decode, encode, noise, noWarning, successOf } from "./_batches.ts";

Deno.test("parseFilePart() returns the file of a part, and nothing for events", () => {
  const file = { path: 'a/"ü"\n.bin', bytes: Uint8Array.of(0, 10, 255) };
  assertEquals(parseFilePart(filePart(file)), file);
  assertEquals(parseFilePart(filePart({ path: "empty", bytes: new Uint8Array() })), {
    ...{ path: "empty", bytes: new Uint8Array() },
  });
  assertEquals(parseFilePart(encode('{"id":0,"result":1}\n')), undefined);
  assertEquals(parseFilePart(new Uint8Array()), undefined);
});

function fail(text: string): void {
  throw new Error(text);
}

Deno.test({
  name: "ChangedFiles warns once about a file whose name is not UTF-8",
  // Other systems refuse such a name.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using folder = await makeFolder({ "a.txt": "1" });
    const write = 'd="$0/$(printf "caf\\351")"; mkdir "$d" && printf 1 > "$d/b.txt"';
    await new Deno.Command("sh", { args: ["-c", write, folder.path] }).output();
    const told: string[] = [], files = new ChangedFiles(folder.path, (text) => told.push(text));
    assertEquals([files.look().paths, files.look().paths], [["a.txt"], []]);
    assertEquals(told, [
      "the file caf\ufffd is not kept, because its name is not UTF-8: let its task rename it",
    ]);
  },
});

Deno.test("ChangedFiles finds each version of a file once, at any depth", async () => {
  await using folder = await makeFolder();
  const files = new ChangedFiles(`${folder.path}/files`, fail);
  assertEquals(files.look(), { paths: [], bytes: 0 });
  await folder.write("files/a.txt", "one");
  await folder.write("files/b/c.txt", "two");
  await Deno.symlink(`${folder.path}/files`, `${folder.path}/files/b/loop`);
  assertEquals(sorted(files), { paths: ["a.txt", "b/c.txt"], bytes: 6 });
  assertEquals(files.look(), { paths: [], bytes: 0 });
  await folder.write("files/a.txt", "three");
  assertEquals(files.look(), { paths: ["a.txt"], bytes: 5 });
  assertEquals(await files.read(["a.txt", "gone"]), [{ path: "a.txt", bytes: encode("three") }]);
});

Deno.test("ChangedFiles looks at files that are unchanged for long only now and then", async () => {
  await using folder = await makeFolder({ "files/old.txt": "1" });
  let now = 0;
  // The clock moves by 1 s with each reading, so that a look at all files takes 1 s.
  const files = new ChangedFiles(`${folder.path}/files`, fail, () => now += 1000);
  const look = () => files.look(undefined, true).paths;
  assertEquals(look(), ["old.txt"]);
  now = 60_000;
  assertEquals(look(), []);
  await folder.write("files/old.txt", "12");
  await folder.write("files/new.txt", "1");
  assertEquals(look(), ["new.txt"]);
  assertEquals(files.look().paths, ["old.txt"]);
  await folder.write("files/old.txt", "123");
  now = 120_000;
  assertEquals(look(), ["old.txt"]);
});

function sorted(files: ChangedFiles) {
  const { paths, bytes } = files.look();
  return { paths: paths.toSorted(), bytes };
}

Deno.test("writeTaskFile() writes below the folder only", async () => {
  await using folder = await makeFolder();
  const files = `${folder.path}/files`;
  writeTaskFile(files, { path: "a/b.txt", bytes: encode("1") });
  writeTaskFile(files, { path: "a/b.txt", bytes: encode("2") });
  assertEquals(await Deno.readTextFile(`${files}/a/b.txt`), "2");
  for (const path of ["../x", "/x", "a/../../x", "", ".", "a//x"]) {
    const bytes = new Uint8Array();
    assertThrows(() => writeTaskFile(files, { path, bytes }), TypeError);
  }
});

/** The files and the events that an archive has after some tasks, each with a file of some bytes. */
async function archiveOf(folder: Folder, sizes: readonly number[], others: number) {
  const archive = new ResultArchive(noWarning),
    files = new ChangedFiles(`${folder.path}/files`, fail);
  for (const [id, size] of sizes.entries()) {
    if (size > 0) await folder.write(`files/${id}`, noise(size));
    await addBatch(archive, files, successOf(id), others);
  }
  const content: string[] = [];
  for await (const part of openArchive(await archive.close({}))) {
    const file = parseFilePart(part);
    content.push(file ? `file ${file.path}` : describe(decode(part)));
  }
  return { isFull: archive.isFull, content: content.slice(0, -1) };
}

function describe(lines: string): string {
  return lines.trim().split("\n").map((line) => {
    const { id, error } = JSON.parse(line);
    return error ? `${id} ${error.message.replace(/\d+ bytes, and/, "N bytes, and")}` : `${id}`;
  }).join();
}

Deno.test("addBatch() adds the files of tasks before their events, as far as they fit", async (t) => {
  const half = MAX_ARCHIVE * 0.4, over = MAX_ARCHIVE * 1.2;
  const tooLarge = `1 its files in ctx.dir have N bytes, and exceed the platform's limit for a ` +
    "result, 1000000 bytes when compressed: write them to a storage of your own and return " +
    "their addresses";
  const cases: [name: string, sizes: number[], others: number, expected: unknown][] = [
    ["no files", [0, 0], 0, { isFull: false, content: ["0,1"] }],
    ["some files", [10, 0, 10], 0, { isFull: false, content: ["file 0", "0,1", "file 2", "2"] }],
    ["too many files", [half, half, half, 0], 0, {
      ...{ isFull: true, content: ["file 0", "0", "file 1", "1"] },
    }],
    ["a file that never fits", [0, over, 0], 0, { isFull: false, content: [`0,${tooLarge},2`] }],
    ["a file of one of two tasks", [0, over, 0], 1, { isFull: true, content: ["0"] }],
  ];
  for (const [name, sizes, others, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder();
      assertEquals(await archiveOf(folder, sizes, others), expected);
    });
  }
});
