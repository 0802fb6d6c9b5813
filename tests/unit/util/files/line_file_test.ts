import { UsageError } from "../../../../lib/util/errors.ts";
import { LineFile } from "../../../../lib/util/files/line_file.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { filesIn } from "./files_in.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("LineFile creates its folder and its file with the first line", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a/b/out.ndjson`, opened: string[] = [];
  {
    using file = new LineFile(path);
    file.onOpen = (path) => opened.push(path);
    file.write(encode(""));
    assertEquals([file.path, filesIn(folder.path)], [undefined, {}]);
    file.write(encode("1\n"));
    file.write(encode("2\n"));
    assertEquals([file.path, opened], [path, [path]]);
  }
  assertEquals(filesIn(`${folder.path}/a/b`), { "out.ndjson": "1\n2\n" });
});

Deno.test("LineFile chooses a free name, or appends to a shared file", async () => {
  await using folder = await makeFolder({ "out.ndjson": "old\n", "out-2.ndjson": "older\n" });
  const path = `${folder.path}/out.ndjson`;
  {
    using file = new LineFile(path), shared = new LineFile(path, true);
    file.write(encode("free\n"));
    shared.write(encode("shared\n"));
    assertEquals([file.path, shared.path], [`${folder.path}/out-3.ndjson`, path]);
  }
  assertEquals(filesIn(folder.path), {
    "out-2.ndjson": "older\n",
    "out-3.ndjson": "free\n",
    "out.ndjson": "old\nshared\n",
  });
});

Deno.test("LineFile names the folder that it cannot create", async () => {
  await using folder = await makeFolder({ "file": "" });
  using file = new LineFile(`${folder.path}/file/out.ndjson`);
  const { message } = assertThrows(() => file.write(encode("1\n")), UsageError);
  assertEquals(message.startsWith(`Cannot create the folder ${folder.path}/file: `), true, message);
});
