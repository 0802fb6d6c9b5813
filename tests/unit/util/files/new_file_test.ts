import { UsageError } from "../../../../lib/util/errors.ts";
import { AsideFile } from "../../../../lib/util/files/aside_file.ts";
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

Deno.test("NewFile and AsideFile create the file behind a link that names none", async () => {
  await using folder = await makeFolder({ "data/a": "" });
  const { path } = folder, links = { one: "data/one", two: "2", "2": `${path}/data/two` };
  for (const [link, to] of Object.entries(links)) await Deno.symlink(to, `${path}/${link}`);
  using lines = new NewFile(`${path}/one`);
  await lines.finish();
  using table = new AsideFile(`${path}/two`);
  await table.replace((file) => Deno.writeTextFile(file, "a\n"));
  const isLink = Object.keys(links).map((link) => Deno.lstatSync(`${path}/${link}`).isSymlink);
  assertEquals([isLink, filesIn(`${path}/data`)], [[true, true, true], {
    a: "",
    one: "",
    two: "a\n",
  }]);
});

Deno.test("NewFile refuses to replace a device", () => {
  assertThrows(() => new NewFile("/dev/null"), UsageError, "Cannot replace /dev/null: ");
});
