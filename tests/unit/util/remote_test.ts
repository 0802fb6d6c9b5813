import { shortenMissing } from "../../../lib/util/remote.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("shortenMissing() shortens the reason that a module could not be loaded", async (t) => {
  const url = "http://127.0.0.1:9/a.ts";
  const request = `error sending request for url (${url}): client error (Connect)`;
  const cases: [name: string, text: string, short: string][] = [
    [
      "not there, of an import",
      `Module not found "${url}".\n    at file:///b.ts:1:9`,
      `${url}: the server answered 404, check the address`,
    ],
    [
      "not there, of a text",
      `Import '${url}' failed, not found.`,
      `${url}: the server answered 404, check the address`,
    ],
    [
      "a server that is broken",
      `Import '${url}' failed: 500 Internal Server Error`,
      `${url}: the server answered 500`,
    ],
    [
      "no server, of an import",
      `Import '${url}' failed.\n    0: ${request}: tcp connect error: Connection refused (os error 111)` +
      "\n    1: client error (Connect)\n    2: tcp connect error",
      `${url}: Connection refused`,
    ],
    [
      "no server, of a text",
      `Import '${url}' failed.\n  Caused by:\n    ${request}: tcp connect error: ` +
      "Connection refused (os error 111)\n    client error (Connect)",
      `${url}: Connection refused`,
    ],
    [
      "no such host",
      `Import '${url}' failed.\n  Caused by:\n    ${request}: dns error: failed to lookup address ` +
      "information: Name or service not known\n    client error (Connect)",
      `${url}: failed to lookup address information: Name or service not known`,
    ],
    [
      "no registry, of a package of npm",
      `Failed loading https://npm.example/ms for package "ms"\n    0: ${request}: dns error: ` +
      "failed to lookup address information: Name or service not known\n    at file:///b.js:2999:16",
      "https://npm.example/ms: failed to lookup address information: Name or service not known",
    ],
    [
      "no registry, of a package of JSR",
      `JSR package manifest for '@a/b' failed to load. Import '${url}' failed.\n    at file:///b.js:1:8`,
      `${url}: the download failed, check the address`,
    ],
    ["anything else", "Unexpected token\nat line 1", "Unexpected token\nat line 1"],
  ];
  for (const [name, text, short] of cases) {
    await t.step(name, () => assertEquals(shortenMissing(text), short));
  }
});
