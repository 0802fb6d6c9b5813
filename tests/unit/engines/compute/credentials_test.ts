/**
 * The places of credentials and addresses.
 *
 * @module
 */

import {
  type Credentials,
  type Environment,
  findAddresses,
  findCredentials,
  keepToken,
} from "../../../../lib/engines/compute/credentials.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "../../../support/assert.ts";
import { GOOD, inSeconds, modeOf, tokenOf } from "./tokens.ts";

const TAKEN = "the credentials come from CLIENT_ID and CLIENT_SECRET";
const DIFFER = "the client secret and the refresh token differ; the refresh token is used";

/** Returns the credentials in a home folder with some files; `HOME` replaces its path. */
async function find(
  env: Environment,
  files: Readonly<Record<string, object>> = {},
): Promise<Credentials> {
  const texts = Object.entries(files).map(([name, info]) => [name, JSON.stringify(info)]);
  await using home = await makeFolder(Object.fromEntries(texts));
  const there = Object.entries({ HOME: home.path, ...env })
    .map(([name, value]) => [name, value?.replace("HOME", home.path)]);
  const found = await findCredentials(Object.fromEntries(there));
  return JSON.parse(JSON.stringify(found).replaceAll(home.path, "HOME"));
}

const SECRET_SHA1 = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"; // of "secret"
const CACHE = `HOME/.earthone/jwt_token_${SECRET_SHA1}.json`;
const INFO = { client_id: "me", client_secret: "secret", refresh_token: "secret" };
const FILE = ".earthone/token_info.json", OLD_FILE = ".descarteslabs/token_info.json";
const OWN = { EARTHONE_CLIENT_ID: "me", EARTHONE_CLIENT_SECRET: "secret" };
const PLAIN = { CLIENT_ID: "plain", CLIENT_SECRET: "secret" };

Deno.test("findCredentials() reads the first place that has credentials", async (t) => {
  const cases: [
    name: string,
    env: Environment,
    files: Record<string, object>,
    expected: Partial<Credentials>,
  ][] = [
    ["the environment", OWN, {}, { clientId: "me", refreshToken: "secret", cache: CACHE }],
    [
      "its name before",
      { DESCARTESLABS_CLIENT_ID: "b", DESCARTESLABS_CLIENT_SECRET: "secret" },
      {},
      {
        clientId: "b",
        cache: CACHE.replace("earthone", "descarteslabs"),
      },
    ],
    ["the present name first", { ...OWN, DESCARTESLABS_CLIENT_ID: "b" }, {}, { clientId: "me" }],
    ["plain names", PLAIN, {}, { clientId: "plain", warnings: [TAKEN] }],
    [
      "one with a prefix, one without",
      { EARTHONE_CLIENT_ID: "me", CLIENT_ID: "plain", CLIENT_SECRET: "secret" },
      {},
      {
        clientId: "me",
        refreshToken: "secret",
        warnings: ["the credentials come from CLIENT_SECRET"],
      },
    ],
    ["those with a prefix first", { ...PLAIN, ...OWN }, {}, { clientId: "me", warnings: [] }],
    ["the environment before the file", OWN, { [FILE]: { ...INFO, client_id: "f" } }, {
      clientId: "me",
    }],
    ["the file", {}, { [FILE]: INFO, [OLD_FILE]: { ...INFO, client_id: "b" } }, {
      clientId: "me",
      refreshToken: "secret",
      cache: `HOME/${FILE}`,
      warnings: [],
    }],
    ["the file of the name before", {}, { [OLD_FILE]: INFO }, { cache: `HOME/${OLD_FILE}` }],
    ["a file elsewhere", { EARTHONE_TOKEN_INFO_PATH: "HOME/mine" }, { mine: INFO }, {
      clientId: "me",
      cache: "HOME/mine",
    }],
    ["the scope of a file", {}, { [FILE]: { ...INFO, scope: ["a", "b"] } }, { scope: ["a", "b"] }],
    ["the secret alone in a file", {}, { [FILE]: { client_id: "me", client_secret: "s" } }, {
      refreshToken: "s",
    }],
    ["the refresh token before the secret", { ...OWN, EARTHONE_REFRESH_TOKEN: "other" }, {}, {
      refreshToken: "other",
      warnings: [DIFFER],
    }],
    ["both the same", { ...OWN, EARTHONE_REFRESH_TOKEN: "secret" }, {}, { warnings: [] }],
    ["both in a file", {}, { [FILE]: { ...INFO, refresh_token: "other" } }, {
      refreshToken: "other",
      warnings: [DIFFER],
    }],
    [
      "an empty variable counts as unset",
      {
        ...OWN,
        EARTHONE_REFRESH_TOKEN: "",
        EARTHONE_TOKEN_INFO_PATH: "",
      },
      {},
      { refreshToken: "secret", cache: CACHE, warnings: [] },
    ],
    ["nowhere to keep a token", { ...OWN, HOME: undefined }, {}, { clientId: "me" }],
  ];
  for (const [name, env, files, expected] of cases) {
    await t.step(name, async () => {
      const found = await find(env, files);
      assertEquals({ ...found, ...expected }, found);
      if (env.HOME === undefined && "HOME" in env) assertEquals(found.cache, undefined);
    });
  }
});

Deno.test("findCredentials() keeps a token that is still valid", async (t) => {
  const cached = { [CACHE.slice(5)]: { jwt_token: GOOD } };
  const withToken = (token: string) => ({ ...OWN, EARTHONE_TOKEN: token });
  const cases: [
    name: string,
    env: Environment,
    files: Record<string, object>,
    token: string | undefined,
  ][] = [
    ["a variable", withToken(GOOD), {}, GOOD],
    ["the token alone", { EARTHONE_TOKEN: GOOD }, {}, GOOD],
    ["for another client", withToken(tokenOf({ aud: "x", exp: inSeconds(60) })), {}, undefined],
    ["without the name of a client", withToken(tokenOf({ exp: 4e9 })), {}, tokenOf({ exp: 4e9 })],
    ["one that has ended", withToken(tokenOf({ aud: "me", exp: inSeconds(-1) })), {}, undefined],
    ["one that does not say when", withToken(tokenOf({ aud: "me" })), {}, undefined],
    ["an invalid token", withToken("a.b.c"), {}, undefined],
    ["one of two parts", withToken("nonsense"), {}, undefined],
    ["the one that was kept for the secret", OWN, cached, GOOD],
    ["not for another secret", { ...OWN, EARTHONE_CLIENT_SECRET: "x" }, cached, undefined],
    ["not where none is kept", { ...OWN, EARTHONE_NO_JWT_CACHE: "true" }, cached, undefined],
    ["a file", {}, { [FILE]: { ...INFO, jwt_token: GOOD } }, GOOD],
    [
      "a file of an older program",
      {},
      { [FILE]: { ...INFO, JWT_TOKEN: GOOD, jwt_token: "x" } },
      GOOD,
    ],
    ["a file of the same client", { ...OWN, EARTHONE_TOKEN_INFO_PATH: "HOME/mine" }, {
      mine: { ...INFO, jwt_token: GOOD },
    }, GOOD],
    ["a file of another client", { ...OWN, EARTHONE_TOKEN_INFO_PATH: "HOME/mine" }, {
      mine: { ...INFO, client_id: "x", jwt_token: GOOD },
    }, undefined],
  ];
  for (const [name, env, files, token] of cases) {
    await t.step(name, async () => assertEquals((await find(env, files)).token, token));
  }
});

Deno.test("findCredentials() names missing credentials, and their places", async (t) => {
  const cannot = "Cannot sign in to the platform:";
  const none = `${cannot} there are no credentials, set EARTHONE_CLIENT_ID and ` +
    `EARTHONE_CLIENT_SECRET, or log in to create /none/${FILE} ` +
    `(DESCARTESLABS_CLIENT_ID and /none/${OLD_FILE} are read, too)`;
  const isSet = "is missing, and the file in ~/.earthone is not read when CLIENT_ID or " +
    "CLIENT_SECRET is set, with or without the prefix: set both or neither";
  const cases: [name: string, env: Environment, message: string][] = [
    ["nothing", {}, none],
    ["nothing is read of files", { EARTHONE_NO_JWT_CACHE: "true" }, none],
    ["an id", { EARTHONE_CLIENT_ID: "me" }, `${cannot} EARTHONE_CLIENT_SECRET ${isSet}`],
    ["a secret", { EARTHONE_REFRESH_TOKEN: "s" }, `${cannot} EARTHONE_CLIENT_ID ${isSet}`],
    [
      "a token that is invalid",
      { EARTHONE_TOKEN: "x" },
      `${cannot} the token in EARTHONE_TOKEN has expired or is invalid, get a new one, or set ` +
      "EARTHONE_CLIENT_ID and EARTHONE_CLIENT_SECRET",
    ],
  ];
  for (const [name, env, message] of cases) {
    await t.step(name, async () => {
      const find = () => findCredentials({ HOME: "/none", ...env });
      assertEquals((await assertRejects(find, UsageError)).message, message);
    });
  }
  await t.step("half a file", async () => {
    await using home = await makeFolder({ [FILE]: '{"client_id":"me"}' });
    const { message } = await assertRejects(() => findCredentials({ HOME: home.path }), UsageError);
    assertEquals(
      message,
      `${cannot} ${home.path}/${FILE} does not contain a client and its secret, log in again`,
    );
  });
  await t.step("a file that cannot be read", async () => {
    await using home = await makeFolder({ [FILE]: "{" });
    const find = () => findCredentials({ HOME: home.path });
    await assertRejects(find, UsageError, `Cannot read the credentials in ${home.path}/${FILE}: `);
  });
});

Deno.test("keepToken() writes a token for its owner only, and keeps the other fields", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/new/token_info.json`;
  await keepToken(path, "first");
  assertEquals([await modeOf(`${folder.path}/new`), await modeOf(path)], [0o700, 0o600]);
  assertEquals(await readJson(path), { jwt_token: "first" });
  await Deno.writeTextFile(path, JSON.stringify({ ...INFO, JWT_TOKEN: "old", scope: ["a"] }));
  const { ino } = await Deno.stat(path);
  await Deno.chmod(path, 0o644);
  await keepToken(path, "second");
  assertEquals(await readJson(path), { ...INFO, scope: ["a"], jwt_token: "second" });
  assertEquals(await modeOf(path), 0o600);
  assertNotEquals((await Deno.stat(path)).ino, ino, "another file has taken its place");
  // Another program may be writing it.
  await Deno.writeTextFile(path, '{"client_secret":"s');
  await assertRejects(() => keepToken(path, "third"), SyntaxError);
  assertEquals(await Deno.readTextFile(path), '{"client_secret":"s');
  assertEquals([...Deno.readDirSync(`${folder.path}/new`)].length, 1);
});

Deno.test("findCredentials() removes a cached token that cannot be read", async () => {
  const name = `.earthone/jwt_token_${SECRET_SHA1}.json`;
  await using home = await makeFolder({ [name]: "{" });
  const { token, cache } = await findCredentials({ HOME: home.path, ...OWN });
  assertEquals([token, cache], [undefined, `${home.path}/${name}`]);
  await keepToken(cache!, "new");
  assertEquals(await readJson(cache!), { jwt_token: "new" });
});

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("findAddresses() supports both names of the platform, and overrides", async (t) => {
  const of = (domain: string) => ({
    compute: `https://platform.${domain}/compute/v1`,
    catalog: `https://platform.${domain}/metadata/v1/catalog/v2`,
    iam: `https://iam.${domain}`,
  });
  const production = of("production.earthone.earthdaily.com");
  const cases: [env: Environment, expected: object][] = [
    [{}, production],
    [{ EARTHONE_ENV: "staging" }, of("staging.earthone.earthdaily.com")],
    [{ EARTHONE_ENV: "testing" }, of("dev.earthone.earthdaily.com")],
    [{ DESCARTESLABS_ENV: "aws-production" }, of("production.aws.descarteslabs.com")],
    [{ EARTHONE_DOMAIN: "x.org" }, of("production.x.org")],
    [{ EARTHONE_ENV: "staging", EARTHONE_DOMAIN: "x.org" }, of("staging.x.org")],
    [{ EARTHONE_ENV: "testing", EARTHONE_DOMAIN: "x.org" }, of("dev.x.org")],
    [{ EARTHONE_ENV: "", DESCARTESLABS_DOMAIN: "x.org" }, of("production.x.org")],
    [{ EARTHONE_DOMAIN: "x.org", EARTHONE_DEFAULT_DOMAIN: "own.y.org" }, of("own.y.org")],
    [{ EARTHONE_IAM_URL: "http://i" }, { ...production, iam: "http://i" }],
    [{ EARTHONE_COMPUTE_URL: "http://c" }, { ...production, compute: "http://c" }],
    [{ DESCARTESLABS_CATALOG_V2_URL: "http://c" }, { ...production, catalog: "http://c" }],
    [{ EARTHONE_PLATFORM_URL: "http://p" }, {
      compute: "http://p/compute/v1",
      catalog: "http://p/metadata/v1/catalog/v2",
      iam: production.iam,
    }],
  ];
  for (const [env, expected] of cases) {
    await t.step(JSON.stringify(env), () => assertEquals(findAddresses(env), expected as never));
  }
  assertThrows(() => findAddresses({ EARTHONE_ENV: "toString" }), UsageError);
  const { message } = assertThrows(() => findAddresses({ EARTHONE_ENV: "moon" }), UsageError);
  assertEquals(
    message,
    "Cannot use EARTHONE_ENV=moon: write one of production, staging, dev, freemium, testing, " +
      "aws-production, aws-staging, aws-dev, aws-freemium",
  );
});
