import { AsideFile } from "../../../../lib/util/files/aside_file.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { filesIn } from "./files_in.ts";

Deno.test("AsideFile replaces its target once it is written", async () => {
  await using folder = await makeFolder({ a: "old", ".a.new": "left by a killed process" });
  using file = new AsideFile(`${folder.path}/a`);
  await file.replace(async (path) => {
    assertEquals(filesIn(folder.path), { a: "old", ".a.new": "" });
    await Deno.writeTextFile(path, "new");
    assertEquals(filesIn(folder.path), { a: "old", ".a.new": "new" });
  });
  assertEquals(filesIn(folder.path), { a: "new" });
});

Deno.test("AsideFile leaves its target, and nothing else, when the writer fails", async () => {
  await using folder = await makeFolder({ a: "old" });
  {
    using file = new AsideFile(`${folder.path}/a`);
    await assertRejects(
      () =>
        file.replace((path) => {
          Deno.writeTextFileSync(path, "half");
          throw new Error("no space");
        }),
      Error,
      "no space",
    );
  }
  assertEquals(filesIn(folder.path), { a: "old" });
});

Deno.test("AsideFile may be written by one owner at a time", async () => {
  await using folder = await makeFolder({ a: "old" });
  const path = `${folder.path}/a`;
  using file = new AsideFile(path);
  file.claim();
  const other = new AsideFile(path);
  assertThrows(
    () => other.claim(),
    UsageError,
    `Cannot write ${path}: another process is writing it`,
  );
  await file.replace(async () => {});
  other.claim();
  other[Symbol.dispose]();
  assertEquals(filesIn(folder.path), { a: "" });
});

Deno.test("AsideFile keeps a link and the mode of its target", async () => {
  await using folder = await makeFolder({ "data/real": "old" });
  const real = `${folder.path}/data/real`, link = `${folder.path}/link`;
  await Deno.chmod(real, 0o640);
  await Deno.symlink(real, link);
  using file = new AsideFile(link);
  await file.replace((path) => Deno.writeTextFile(path, "new"));
  assertEquals([Deno.lstatSync(link).isSymlink, Deno.statSync(real).mode! & 0o777], [true, 0o640]);
  assertEquals(Deno.readTextFileSync(real), "new");
});

Deno.test("AsideFile refuses devices and folders that are missing", async () => {
  await using folder = await makeFolder({});
  for (const name of ["/dev/null", "/dev/stdout"]) {
    assertThrows(
      () => new AsideFile(name).claim(),
      UsageError,
      `Cannot write ${name}: it is not a regular file, use another one`,
    );
  }
  const path = `${folder.path}/none/a`;
  assertThrows(() => new AsideFile(path).claim(), UsageError, `Cannot write ${path}: No such file`);
});
