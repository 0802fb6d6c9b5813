import { UsageError } from "../../../../lib/util/errors.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { OutputFile } from "../../../../lib/util/files/output_file.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("OutputFile keeps the old content until the first line", async (t) => {
  const use: [name: string, isContinued: boolean, fn: (file: OutputFile) => void, text: string][] =
    [
      ["nothing is written", false, () => {}, "old\n"],
      ["a line is written", false, (file) => file.write(encode("new\n")), "new\n"],
      ["no line is written and the job ends", false, (file) => file.finish(), ""],
      ["the job continues", true, (file) => file.write(encode("new\n")), "old\nnew\n"],
      ["the job continues and ends", true, (file) => file.finish(), "old\n"],
    ];
  for (const [name, isContinued, fn, text] of use) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ out: "old\n" });
      {
        using file = new OutputFile(`${folder.path}/out`, isContinued);
        file.claim();
        assertEquals(Deno.readTextFileSync(file.name), "old\n");
        fn(file);
        await file.sync();
      }
      assertEquals(Deno.readTextFileSync(`${folder.path}/out`), text);
    });
  }
});

Deno.test("OutputFile leaves no new file when nothing was written", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out`;
  {
    using file = new OutputFile(path, false);
    file.claim();
    assertEquals(exists(path), true);
  }
  assertEquals(exists(path), false);
});

Deno.test("OutputFile is written by one owner at a time, under any name", async () => {
  await using folder = await makeFolder({ out: "old\n" });
  await Deno.symlink(`${folder.path}/out`, `${folder.path}/link`);
  const second = new OutputFile(`${folder.path}/link`, false);
  {
    using first = new OutputFile(`${folder.path}/out`, false);
    first.claim();
    const { message } = assertThrows(() => second.claim(), UsageError);
    assertEquals(message, `Cannot write ${second.name}: another process is writing it`);
    first.write(encode("1\n"));
    assertThrows(() => second.claim(), UsageError);
  }
  second.claim();
  second[Symbol.dispose]();
});

Deno.test("OutputFile locks the file that replaced the one it had locked", async () => {
  await using folder = await makeFolder({ out: "old\n", new: "new\n" });
  const path = `${folder.path}/out`;
  using first = new OutputFile(path, true);
  first.claim();
  await Deno.rename(`${folder.path}/new`, path);
  first.claim();
  using second = new OutputFile(path, true);
  assertThrows(() => second.claim(), UsageError);
  first.write(encode("more\n"));
  first.flush();
  assertEquals(Deno.readTextFileSync(path), "new\nmore\n");
});

Deno.test("OutputFile writes to a device", async () => {
  using first = new OutputFile("/dev/null", false), second = new OutputFile("/dev/null", false);
  for (const file of [first, second]) {
    file.claim();
    file.write(encode("x\n"));
    await file.sync();
  }
  assertEquals(Deno.statSync("/dev/null").isCharDevice, true);
});
