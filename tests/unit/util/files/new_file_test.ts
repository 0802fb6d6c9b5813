import { UsageError } from "../../../../lib/util/errors.ts";
import { NewFile } from "../../../../lib/util/files/new_file.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { filesIn } from "./files_in.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("NewFile replaces its target when it is finished, even with an empty file", async () => {
  await using folder = await makeFolder({ "errors.ndjson": "old\n", "empty.ndjson": "old\n" });
  using errors = new NewFile(`${folder.path}/errors.ndjson`);
  errors.write(encode("new\n"));
  assertEquals(filesIn(folder.path)["errors.ndjson"], "old\n");
  await errors.finish();
  using empty = new NewFile(`${folder.path}/empty.ndjson`);
  await empty.finish();
  assertEquals(filesIn(folder.path), { "empty.ndjson": "", "errors.ndjson": "new\n" });
});

Deno.test("NewFile leaves nothing beside its target when it is not finished", async () => {
  await using folder = await makeFolder({ r: "old\n", "e.new": "left by a killed process" });
  {
    using file = new NewFile(`${folder.path}/r`);
    file.write(encode("half\n"));
  }
  NewFile.clean(`${folder.path}/e`);
  assertEquals(filesIn(folder.path), { r: "old\n" });
});

Deno.test("NewFile keeps a link and the mode of its target", async () => {
  await using folder = await makeFolder({ "data/real": "old\n" });
  const real = `${folder.path}/data/real`, link = `${folder.path}/link`;
  await Deno.chmod(real, 0o640);
  await Deno.symlink(real, link);
  using file = new NewFile(link);
  file.write(encode("new\n"));
  await file.finish();
  assertEquals([Deno.lstatSync(link).isSymlink, Deno.statSync(real).mode! & 0o777], [true, 0o640]);
  assertEquals(Deno.readTextFileSync(real), "new\n");
});

Deno.test("NewFile refuses to replace a device", () => {
  assertThrows(() => new NewFile("/dev/null"), UsageError, "Cannot replace /dev/null: ");
});
