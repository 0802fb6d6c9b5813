import { UsageError } from "../../../lib/util/errors.ts";
import { keepAddress, newToken, readAddress } from "../../../lib/web/address.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("readAddress() reads what keepAddress() writes, in a private file", async () => {
  await using folder = await makeFolder({});
  const path = `${folder.path}/ui.json`, address = { port: 8000, token: newToken() };
  assertEquals(readAddress(path), undefined);
  keepAddress(path, address);
  assertEquals(readAddress(path), address);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("readAddress() refuses a file that others can read, and other content", async () => {
  const token = newToken();
  const texts = ["", "null", "{}", '{"port":1}', `{"port":70000,"token":"${token}"}`]
    .concat(`{"port":80,"token":"short"}`, `{"port":80,"token":"${token}/.."}`);
  await using folder = await makeFolder({});
  const path = `${folder.path}/file`;
  for (const text of texts) {
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    assertThrows(() => readAddress(path), UsageError, "it does not contain the address of a page");
  }
  Deno.chmodSync(path, 0o640);
  assertThrows(() => readAddress(path), UsageError, `type chmod 600 ${path}`);
});

Deno.test({
  name: "readAddress() refuses a file of another user, who knows the token",
  // Only root can give a file away.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using folder = await makeFolder({});
    const path = `${folder.path}/ui.json`;
    keepAddress(path, { port: 8000, token: newToken() });
    Deno.chownSync(path, 65_534, null);
    assertThrows(() => readAddress(path), UsageError, "it belongs to another user");
  },
});
