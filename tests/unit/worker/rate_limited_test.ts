import { toTaskError } from "../../../lib/journal/task_error.ts";
import { checkRate, RateLimited } from "../../../lib/worker/rate_limited.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("RateLimited is recorded with its class and its wait", () => {
  const error = (thrown: RateLimited) => {
    const { message, ...rest } = toTaskError(thrown);
    return [message, rest];
  };
  assertEquals(error(new RateLimited(1.5)), [
    "the service limits requests",
    { type: "RateLimited", class: "limited", waitMs: 1500 },
  ]);
  for (const seconds of [NaN, -1, 1e306]) {
    assertEquals(error(new RateLimited(seconds, "slow")), [
      "slow",
      { type: "RateLimited", class: "limited", waitMs: undefined },
    ]);
  }
});

const soon = () => Math.floor(Date.now() / 1000) + 100;

/** Responses that limit, with the least and the most seconds to wait. */
const LIMITS: readonly (readonly [
  name: string,
  status: number,
  headers: Record<string, string>,
  least: number | undefined,
  most?: number,
])[] = [
  ["429", 429, {}, undefined],
  ["seconds", 429, { "Retry-After": "7" }, 7],
  ["a date", 503, { "Retry-After": new Date(Date.now() + 100_000).toUTCString() }, 90, 100],
  ["a date that has passed", 503, { "Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT" }, 0],
  [
    "epoch seconds",
    403,
    { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": `${soon()}` },
    90,
    101,
  ],
  [
    "epoch milliseconds",
    403,
    { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": `${soon() * 1000}` },
    ...[90, 101] as const,
  ],
  ["a delta", 400, { "RateLimit-Remaining": "0", "RateLimit-Reset": "30" }, 30],
  ["a structured field", 403, { "RateLimit": '"hour";r=0;t=40' }, 40],
  ["an older field", 403, { "RateLimit": "limit=9, remaining=0, reset=50" }, 50],
];

Deno.test("checkRate() throws when a service limits requests", async (t) => {
  for (const [name, status, headers, least, most = least] of LIMITS) {
    await t.step(name, () => {
      const response = new Response(null, { status, headers });
      const thrown = assertThrows(() => checkRate(response), RateLimited);
      const { retryAfter } = thrown as RateLimited;
      if (least === undefined) return assertEquals(retryAfter, undefined);
      assert(retryAfter! >= least && retryAfter! <= most!, `${retryAfter} s`);
    });
  }
});

Deno.test("checkRate() refuses the promise of a response", () => {
  for (const value of [Promise.resolve(new Response()), undefined]) {
    const { message } = assertThrows(() => checkRate(value as never), TypeError) as Error;
    assertEquals(
      message.replace(/Promise \{.*\}/, "a promise"),
      `Cannot check ${value && "a promise"} for limits: pass a response, as in ` +
        "checkRate(await fetch(url))",
    );
  }
});

Deno.test("checkRate() returns any other response", () => {
  const others = [
    new Response("ok", { headers: { "X-RateLimit-Remaining": "0" } }),
    new Response("no", { status: 503 }),
    new Response("no", { status: 403, headers: { "X-RateLimit-Remaining": "5" } }),
    new Response("no", { status: 404 }),
  ];
  for (const one of others) assertEquals(checkRate(one), one);
});
