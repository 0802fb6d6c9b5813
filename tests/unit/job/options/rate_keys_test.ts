import { checkPace, toTaskKey } from "../../../../lib/job/options/rate_keys.ts";
import { tryParse } from "../../../../lib/config/option_types.ts";
import { OPTIONS } from "../../../../lib/config/options.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const keyOf = (template: string, args: unknown) =>
  toTaskKey(template)({ id: 7, args: new TextEncoder().encode(JSON.stringify(args)) });

Deno.test("toTaskKey() makes keys from arguments", () => {
  assertEquals(keyOf("{host}", { host: "a" }), "a");
  assertEquals(keyOf("{|host}", "https://me@A.org:81/x?y"), "a.org:81");
  assertEquals(keyOf("{url|host}", { url: "http://b/x" }), "b");
  assertEquals(keyOf("{0}-{1}", [1, "x"]), "1-x");
  assertEquals(keyOf("{host}", { other: 1 }), "");
});

Deno.test("toTaskKey() tells of the first task that has no value", () => {
  const told: string[] = [], toKey = toTaskKey("{hots}", (reason) => told.push(reason));
  for (const [id, args] of ['{"hots":1}', '{"host":"a"}', '"b"'].entries()) {
    toKey({ id, args: new TextEncoder().encode(args) });
  }
  assertEquals(told, ["task 1: the argument has no value for {hots}: its keys are host"]);
});

const option = OPTIONS.find(({ name }) => name === "rate")!;

Deno.test("the option rate accepts texts, lists and maps", () => {
  for (
    const [given, parsed] of [
      ["10/s", { "": "10/s" }],
      ["10/s burst 20", { "": "10/s burst 20" }],
      ["{host}=5/s", { "{host}": "5/s" }],
      ["9/s,{url|host}=600/m", { "": "9/s", "{url|host}": "600/m" }],
      ["{a}=2 at a time, {a}=5/s, 4 at a time", { "{a}": "2 at a time 5/s", "": "4 at a time" }],
      [{ "{host}": "5/s" }, { "{host}": "5/s" }],
      [["9/s", "{a}=1/h"], { "": "9/s", "{a}": "1/h" }],
    ] as const
  ) assertEquals(tryParse(option, given), parsed);
});

/** Paces that are refused, with their reasons. */
const REFUSED: readonly (readonly [rate: Record<string, string>, engine: string, words: string])[] =
  [
    [{ "": "10" }, "local", 'Cannot use the rate "10": write tasks and a unit of time'],
    [{ "": "0/s" }, "local", 'Cannot use the rate "0/s"'],
    [{ "": "1/s burst 0" }, "local", 'Cannot use the rate "1/s burst 0"'],
    [{ host: "1/s" }, "local", 'Cannot use "host" as the key of a rate: write a placeholder'],
    [{ "{a|b}": "1/s" }, "local", 'Cannot use the key of a rate: {a|b} has the unknown filter "b"'],
    [{ "": "1/s" }, "slurm", "Cannot use --rate with --engine slurm: its workers begin tasks by"],
  ];

Deno.test("checkPace() refuses a rate that cannot be kept", async (t) => {
  for (const [rate, engine, words] of REFUSED) {
    await t.step(words, () => {
      const refuse = () => checkPace({ rate, concurrency: 1 }, engine);
      assertThrows(refuse, UsageError, words);
    });
  }
  const auto = () => checkPace({ rate: null, concurrency: "auto" }, "compute");
  assertThrows(auto, UsageError, "Cannot use --concurrency auto with --engine compute");
});
