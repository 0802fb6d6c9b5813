/**
 * The types that the public API accepts and infers. `deno check` does the work: a line under
 * `@ts-expect-error` must not compile, and `assertType` needs the exact type.
 *
 * @module
 */

import type { OPTIONS, TableValues } from "../../../lib/config/options.ts";
import {
  type Config,
  type ConfigInput,
  Handle,
  Job,
  job,
  type local,
  type Results,
  results,
  type resume,
  type retry,
  type Run,
  type submit,
  type TaskContext,
} from "../../../mod.ts";
import { assertEquals } from "../../support/assert.ts";

/** True when two types are the same, `any` and optional properties included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Does not compile unless `IsSame` is true: `assertType<Same<A, B>>()`. */
function assertType<IsSame extends true>(): IsSame | undefined {
  return undefined;
}

const double = (x: number) => x * 2;
const later = (x: number) => Promise.resolve(`${x}`);

Deno.test("Job infers its results and its list from fn", () => {
  const numbers = new Job({ fn: double, argsList: [1, 2] });
  assertType<Same<typeof numbers, Job<number, number>>>();
  const texts = new Job({ fn: later, argsList: new Set([1]) });
  assertType<Same<typeof texts, Job<string, number>>>();
  const untyped = new Job({ fn: (x) => x.length, argsList: ["a"] });
  assertType<Same<typeof untyped, Job<number, string>>>();
  const mixed = new Job({ fn: (x: number | string) => x, argsList: [1, 2] });
  assertType<Same<typeof mixed extends Job<number | string> ? true : false, true>>();
  const one = new Job({ fn: (a: number, b: string) => [a, b], args: [1, "b"] });
  assertType<Same<typeof one extends Job<(number | string)[]> ? true : false, true>>();
  const run = () => numbers.run();
  assertType<Same<ReturnType<typeof run>, Run<number>>>();
  assertEquals([numbers.name, texts.name, untyped.name], ["double", "later", "fn"]);
});

Deno.test("job() infers the context of a second parameter", () => {
  const tasks = job((x: number, ctx) => {
    assertType<Same<typeof ctx, TaskContext>>();
    return ctx.task + x;
  });
  assertType<Same<typeof tasks, Job<number, number>>>();
  const stated = new Job({ fn: (x: number, { state }: TaskContext<string>) => state + x });
  assertType<Same<typeof stated extends Job<string> ? true : false, true>>();
  const other = job((x: number, y: number) => x + y, { args: [1, 2] });
  assertType<Same<typeof other, Job<number, number>>>();
  assertEquals([tasks.name, stated.name, other.name], ["function", "fn", "function"]);
});

Deno.test("new Job() infers the context of a second parameter", () => {
  const tasks = new Job({
    fn: (x: number, ctx) => {
      assertType<Same<typeof ctx, TaskContext>>();
      return ctx.task + x;
    },
    argsList: [1],
  });
  assertType<Same<typeof tasks, Job<number, number>>>();
  const later = new Job({
    async fn(text, { attempt, log }) {
      assertType<Same<typeof attempt, number>>();
      await log(text.trim());
      return text;
    },
    argsList: ["a"],
  });
  assertType<Same<typeof later, Job<string, string>>>();
  const wrong = new Job({
    // @ts-expect-error: a context has no such method
    fn: (x: number, ctx) => ctx.saveAll(x),
    argsList: [1],
  });
  const three = new Job({ fn: (a: number, b: number, c: number) => a + b + c, args: [1, 2, 3] });
  assertType<Same<typeof three, Job<number, number>>>();
  const program = new Job({ command: "true", argsList: [1] });
  assertType<Same<typeof program, Job<unknown, number>>>();
  assertEquals([tasks, later, wrong, three, program].map(({ name }) => name), [
    ...["fn", "fn", "fn", "fn", "true"],
  ]);
});

Deno.test("Job refuses a list that does not fit its function", () => {
  const jobs = [
    // @ts-expect-error: a text is not a number
    new Job({ fn: double, argsList: ["a"] }),
    // @ts-expect-error: a text is not a number
    new Job({ fn: (x: number) => x * 2, argsList: ["a"] }),
    // @ts-expect-error: not every element fits
    new Job({ fn: double, argsList: [1, "b"] }),
    // @ts-expect-error: an object of another shape
    new Job({ fn: ({ id }: { id: number }) => id, argsList: [{ name: "a" }] }),
    // @ts-expect-error: a function of two parameters gets one element
    new Job({ fn: (a: number, b: number) => a + b, argsList: [[1, 2]] }),
    // @ts-expect-error: an asynchronous list of texts
    job(double, { argsList: new Blob(["a"]).stream().pipeThrough(new TextDecoderStream()) }),
    // @ts-expect-error: the stated result is another one
    new Job<string>({ fn: double }),
  ];
  assertEquals(jobs.length, 7);
});

Deno.test("Job accepts lists of unknown elements: paths, URLs, streams, numbers", () => {
  const lists = ["in.ndjson", new URL("file:///in.ndjson"), new Blob(["1\n"]).stream(), 3] as const;
  for (const argsList of lists) {
    const made = new Job({ fn: double, argsList });
    assertType<Same<typeof made extends Job<number> ? true : false, true>>();
    assertEquals(made.options.argsList, argsList);
  }
});

Deno.test("job(), local(), submit(), results(), retry(), resume() pass the type of results on", () => {
  const numbers = job(double, { argsList: [1] });
  assertType<Same<typeof numbers, Job<number, number>>>();
  const texts = job(later);
  assertType<Same<typeof texts, Job<string, number>>>();
  assertType<Same<ReturnType<typeof local<number>>, Run<number>>>();
  assertType<Same<ReturnType<typeof submit<number>>, Promise<Handle<number>>>>();
  assertType<Same<ReturnType<typeof retry<number>>, Run<number>>>();
  assertType<Same<ReturnType<typeof resume<number>>, Run<number>>>();
  const ofHandle = results(new Handle<number>("/none"));
  assertType<Same<typeof ofHandle, Results<number>>>();
  const all = async () => await results(new Handle<number>("/none"));
  assertType<Same<ReturnType<typeof all>, Promise<number[]>>>();
  assertEquals(numbers.name, "double");
});

// Never called: only the types are checked.
export async function _passOn(
  run: typeof local,
  send: typeof submit,
  again: typeof retry,
): Promise<void> {
  const numbers = job(double, { argsList: [1] });
  const local = run(numbers), handle = await send(numbers);
  assertType<Same<typeof local, Run<number>>>();
  assertType<Same<typeof handle, Handle<number>>>();
  const fromRun = await results(local), fromHandle = await results(handle);
  const fromJob = await results(numbers), fromId = await results("last");
  assertType<
    Same<[typeof fromRun, typeof fromHandle, typeof fromJob], [number[], number[], number[]]>
  >();
  assertType<Same<typeof fromId, unknown[]>>();
  const retried = again(handle), of = again<string>("last");
  assertType<Same<[typeof retried, typeof of], [Run<number>, Run<string>]>>();
  for await (const result of local) assertType<Same<typeof result, number>>();
}

Deno.test("a named function has results of the type that the caller states", () => {
  const unknown = new Job({ moduleName: "tiles", argsList: [1, "a"] });
  assertType<Same<typeof unknown extends Job<infer R> ? R : never, unknown>>();
  const stated = new Job<number>({ moduleName: "tiles", argsList: [1, "a"] });
  assertType<Same<typeof stated, Job<number>>>();
  const named = job("tiles.mean"), statedName = job<number>("tiles.mean");
  assertType<Same<[typeof named, typeof statedName], [Job<unknown>, Job<number>]>>();
  assertEquals([unknown.name, named.name], ["tiles", "tiles.mean"]);
});

Deno.test("options accept what a config file allows, and nothing else", () => {
  const accepted: ConfigInput[] = [
    { workers: 4 },
    { workers: "4", cpus: 0.5, gpus: "1" },
    { workers: null, timeout: null, halt: null },
    { timeout: "2h", backoff: 1.5, grace: "500ms" },
    { timeout: "90 s", memory: "4 GB" },
    { memory: "4GB" },
    { memory: "512mb" },
    { memory: 1e9 },
    { ordered: true, noisy: "off", quiet: 1 },
    { retry: { error: 3, oom: "x2" }, env: "LEVEL=debug", slurm: ["time=1:00"] },
    { permissions: { net: ["a.com", "b.com"], read: true } },
    { suppress: "a,b", saveResults: "tiles", log: false, reuse: "args", halt: "5%" },
    { engine: "slurm", progress: "json", workers: undefined },
  ];
  const refused = [
    // @ts-expect-error: a word is not a number
    { workers: "four" } satisfies ConfigInput,
    // @ts-expect-error: a list is not a number
    { concurrency: [1] } satisfies ConfigInput,
    // @ts-expect-error: there is no such unit
    { timeout: "2 weeks" } satisfies ConfigInput,
    // @ts-expect-error: there is no such unit
    { memory: "4XB" } satisfies ConfigInput,
    // @ts-expect-error: a duration is not a boolean
    { timeout: true } satisfies ConfigInput,
    // @ts-expect-error: there is no such engine
    { engine: "slrum" } satisfies ConfigInput,
    // @ts-expect-error: a word is neither yes nor no
    { ordered: "maybe" } satisfies ConfigInput,
    // @ts-expect-error: this option is never null
    { concurrency: null } satisfies ConfigInput,
    // @ts-expect-error: there is no such option
    { wrokers: 1 } satisfies ConfigInput,
    // @ts-expect-error: in code, names are in camelCase
    { max_attempts: 1 } satisfies ConfigInput,
    // @ts-expect-error: a job refuses the same
    new Job({ fn: double, workers: "four" }),
  ];
  assertEquals([accepted.length, refused.length], [13, 11]);
});

Deno.test("Config has the types of the table of options", () => {
  type Derived = TableValues<typeof OPTIONS>;
  assertEquals(assertType<Same<Config, Derived>>(), undefined);
  assertEquals(assertType<Same<keyof ConfigInput, keyof Config>>(), undefined);
});
