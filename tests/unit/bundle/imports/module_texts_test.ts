import { moduleReader } from "../../../../lib/bundle/imports/module_texts.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

Deno.test("moduleReader() reads a module and the package.json of a folder once", async () => {
  await using folder = await makeFolder({
    "node_modules/one/package.json": '{ "type": "module" }',
    "node_modules/one/deep/a.js": "exports.a = 1;",
    "node_modules/one/deep/b.js": "exports.b = 1;",
    "node_modules/two/a.js": "exports.a = 1;",
  });
  const read = moduleReader(), one = `${folder.path}/node_modules/one`;
  const a = { text: "exports.a = 1;", isCommon: false };
  assertEquals(await read(`${one}/deep/a.js`), a);
  await Deno.writeTextFile(`${one}/deep/a.js`, "exports.a = 2;");
  await Deno.writeTextFile(`${one}/package.json`, '{ "type": "commonjs" }');
  assertEquals(await read(`${one}/deep/a.js`), a);
  assertEquals((await read(`${one}/deep/b.js`)).isCommon, false);
  assertEquals((await read(`${folder.path}/node_modules/two/a.js`)).isCommon, true);
  assertEquals(await moduleReader()(`${one}/deep/a.js`), {
    text: "exports.a = 2;",
    isCommon: true,
  });
  await assertRejects(() => read(`${one}/none.js`), Deno.errors.NotFound);
});
