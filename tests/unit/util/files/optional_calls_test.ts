import { syncFolder, syncFolderSync, tryLock } from "../../../../lib/util/files/optional_calls.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";

Deno.test("syncFolder() syncs a folder, and reports one that is missing", async () => {
  await using folder = await makeFolder();
  await syncFolder(folder.path);
  syncFolderSync(folder.path);
  const none = `${folder.path}/none`, message = `Cannot sync ${none}: No such file or directory`;
  await assertRejects(() => syncFolder(none), Error, message);
  assertThrows(() => syncFolderSync(none), Error, message);
});

Deno.test("tryLock() locks files and folders, for one owner or for readers", async (t) => {
  await using folder = await makeFolder({ file: "" });
  for (const path of [`${folder.path}/file`, folder.path]) {
    await t.step(path === folder.path ? "a folder" : "a file", () => {
      using second = Deno.openSync(path), third = Deno.openSync(path);
      {
        using first = Deno.openSync(path);
        assertEquals([tryLock(first), tryLock(second, "shared"), tryLock(second)], [
          true,
          false,
          false,
        ]);
      }
      assertEquals([tryLock(second, "shared"), tryLock(third, "shared")], [true, true]);
      assertEquals(tryLock(third), false);
    });
  }
});
