/**
 * Tokens that renew themselves.
 *
 * @module
 */

import { type Credentials, findCredentials } from "../../../../lib/engines/compute/credentials.ts";
import { HttpError, isPassing } from "../../../../lib/engines/compute/http.ts";
import { Token } from "../../../../lib/engines/compute/token.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../../support/assert.ts";
import { ComputeServer } from "../../../../tools/compute_server/mod.ts";
import { GOOD, inSeconds, modeOf, tokenOf } from "./tokens.ts";

const NOBODY = (text: string) => assert(false, text);

/** Returns a server of tokens with its credentials. */
function tokenFor(
  { auth: { clientId, clientSecret }, iamUrl }: ComputeServer,
  more: Partial<Credentials> = {},
  now?: () => number,
): Token {
  const credentials = { clientId, refreshToken: clientSecret, warnings: [], ...more };
  return new Token(credentials, iamUrl, NOBODY, now);
}

Deno.test("Token exchanges the secret once for concurrent calls", async () => {
  await using server = await ComputeServer.start();
  const token = tokenFor(server, { token: tokenOf({ exp: inSeconds(-1) }) });
  const all = new Set(await Promise.all(Array.from({ length: 20 }, () => token.get())));
  assertEquals([all.size, server.countOf("POST /token"), server.auth.issued], [1, 1, 1]);
  await token.get();
  assertEquals(server.auth.issued, 1);
});

Deno.test("Token renews itself 500 s before its end", async () => {
  await using server = await ComputeServer.start();
  const end = inSeconds(10_000), first = tokenOf({ exp: end });
  let now = end * 1000 - 500_000;
  const token = tokenFor(server, { token: first }, () => now);
  assertEquals([await token.get(), server.auth.issued], [first, 0]);
  now++;
  assertNotEquals(await token.get(), first);
  assertEquals(server.auth.issued, 1);
});

Deno.test("Token uses the old token to its end when there is no new one", async () => {
  await using server = await ComputeServer.start();
  const end = inSeconds(10_000), first = tokenOf({ exp: end });
  let now = end * 1000 - 1;
  const token = tokenFor(server, { token: first, refreshToken: "wrong" }, () => now);
  assertEquals(await token.get(), first);
  now++;
  await assertRejects(() => token.get(), UsageError, "Cannot sign in to the platform at");
  assertEquals(server.countOf("POST /token"), 2);
});

Deno.test("Token is kept for the next job", async () => {
  await using server = await ComputeServer.start({ tokenField: "access_token" });
  await using home: Folder = await makeFolder();
  const env = { HOME: home.path, ...server.envOf() };
  const credentials = await findCredentials(env);
  const token = await new Token(credentials, server.iamUrl, NOBODY).get();
  assertEquals((await findCredentials(env)).token, token);
  assertEquals(await modeOf(credentials.cache!), 0o600);
});

/** Returns a token server with a fixed answer. */
function serve(answer: (body: string) => Response) {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => answer(await request.text()),
  );
}

Deno.test("Token requests have three fields, and the scope where it is set", async () => {
  const bodies: unknown[] = [];
  await using server = serve((body) => {
    bodies.push(JSON.parse(body));
    return Response.json({ access_token: GOOD, id_token: "another" });
  });
  const credentials = { clientId: "me", refreshToken: "secret", warnings: [] };
  const iam = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(await new Token(credentials, iam, NOBODY).get(), GOOD);
  await new Token({ ...credentials, scope: ["a", "b"] }, iam, NOBODY).get();
  const fields = { client_id: "me", grant_type: "refresh_token", refresh_token: "secret" };
  assertEquals(bodies, [fields, { ...fields, scope: "a b" }]);
});

Deno.test("Token takes a sign-in that is away for one that may pass", async () => {
  const headers = { "retry-after": "0" };
  for (const status of [408, 429, 500, 503]) {
    await using server = serve(() => new Response("not now", { status, headers }));
    const credentials = { clientId: "me", refreshToken: "secret", warnings: [] };
    const iam = `http://127.0.0.1:${server.addr.port}`;
    const error = await assertRejects(() => new Token(credentials, iam, NOBODY).get(), HttpError);
    assertEquals(error.message, `its sign-in at ${iam} answered ${status} not now`);
    assert(isPassing(error));
  }
});

Deno.test("Token never shows the secret, even if a server repeats it", async (t) => {
  const secret = "0123456789secret";
  const cases: [name: string, answer: (body: string) => Response][] = [
    ["the request", (body) => new Response(body, { status: 400 })],
    ["words", (body) => Response.json({ detail: `wrong: ${body}` }, { status: 401 })],
    ["a token", () => new Response(`${GOOD} ${secret.repeat(40)}`, { status: 403 })],
    ["no token", (body) => new Response(body)],
  ];
  for (const [name, answer] of cases) {
    await t.step(name, async () => {
      await using server = serve(answer);
      const credentials = { clientId: "me", refreshToken: secret, warnings: [] };
      const token = new Token(credentials, `http://127.0.0.1:${server.addr.port}`, NOBODY);
      const { message } = await assertRejects(() => token.get(), UsageError);
      assert(message.includes("check the credentials or log in again"), message);
      assert(!message.includes(secret.slice(0, 8)) && !message.includes(GOOD), message);
    });
  }
});
