/**
 * The binding of a run method's arguments.
 *
 * @module
 */

import { readParameters } from "../../../../lib/bundle/program/parameters.ts";
import { bindArguments } from "../../../../lib/job/function/bind_arguments.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const OPTIONS = { gpus: 0, cpuJob: true };

/** Binds arguments to parameters that are written as text. */
async function bind(
  parameters: string,
  args: readonly unknown[] = [],
  kwargs: Record<string, unknown> = {},
): Promise<unknown[]> {
  const read = await readParameters(new Function(`return (${parameters}) => 1`)());
  return await bindArguments("m.f", read!, { args, kwargs, options: OPTIONS });
}

/** Parameters, the words of a command, and the arguments that the method receives. */
type Case = [
  parameters: string,
  args: unknown[],
  kwargs: Record<string, unknown>,
  bound: unknown[],
];

async function testBound(t: Deno.TestContext, cases: readonly Case[]): Promise<void> {
  for (const [parameters, args, kwargs, bound] of cases) {
    await t.step(`(${parameters}) ${Deno.inspect([args, kwargs])}`, async () => {
      assertEquals(await bind(parameters, args, kwargs), bound);
    });
  }
}

Deno.test("bindArguments() fills parameters by position and by name", async (t) => {
  await testBound(t, [
    ["", [], {}, []],
    ["a, b", ["x", "y"], {}, ["x", "y"]],
    ["a, b", ["x"], { b: "y" }, ["x", "y"]],
    ["a, b", [], { b: "y", a: "x" }, ["x", "y"]],
    ["a, b = 1", ["x"], {}, ["x", undefined]],
    ["a = 1, b = 2", [], { b: null }, [undefined, null]],
    ["startYear", [], { start_year: "1" }, ["1"]],
    ["start_year, startYear", [], { start_year: "1", startYear: "2" }, ["1", "2"]],
    ["a, gpus, cpu_job", ["x"], {}, ["x", 0, true]],
    ["a, gpus, cpu_job", ["x", 3], { cpu_job: "no" }, ["x", 3, "no"]],
    ["gpus = 4", [], {}, [0]],
    ["toString, constructor = 1", ["x"], {}, ["x", undefined]],
    ["[a, b], c", [[1, 2]], { c: 3 }, [[1, 2], 3]],
    ["{ a }, b", [{ a: 1 }], { b: 3 }, [{ a: 1 }, 3]],
  ]);
});

Deno.test("bindArguments() collects other names in an object with the options", async (t) => {
  await testBound(t, [
    ["{ a }", [], {}, [OPTIONS]],
    ["{ a }", [], { a: "x" }, [{ ...OPTIONS, a: "x" }]],
    ["{ a } = {}", [], { a: "x" }, [{ ...OPTIONS, a: "x" }]],
    ["b, { a }", [], { a: "x", b: "y" }, ["y", { ...OPTIONS, a: "x" }]],
    ["b = 1, { a }", [], { a: "x" }, [undefined, { ...OPTIONS, a: "x" }]],
    ["{ a, ...b }", [], { c: "x" }, [{ ...OPTIONS, c: "x" }]],
    ["{ ...b }", [], { __proto__: "x" } as never, [OPTIONS]],
    ["options", [], { c: "x" }, [{ ...OPTIONS, c: "x" }]],
    ["a, opts = {}", ["y"], { c: "x" }, ["y", { ...OPTIONS, c: "x" }]],
    ["...a", ["x", "y"], { c: 1 }, ["x", "y", { ...OPTIONS, c: 1 }]],
    ["a, ...b", ["x", "y"], { c: 1 }, ["x", "y", { ...OPTIONS, c: 1 }]],
    ["a, ...b", [], { a: 1 }, [1, OPTIONS]],
    ["{ gpus }", [], { gpus: "2" }, [{ ...OPTIONS, gpus: "2" }]],
    ["{ cpuJob }", [], { cpu_job: "no" }, [{ gpus: 0, cpuJob: "no", cpu_job: "no" }]],
    ["{ cpu_job }", [], {}, [{ ...OPTIONS, cpu_job: true }]],
    ["{ cpu_job }", [], { cpu_job: "no" }, [{ gpus: 0, cpuJob: "no", cpu_job: "no" }]],
    ["kwargs", [], { cpu_job: "no" }, [{ gpus: 0, cpuJob: "no", cpu_job: "no" }]],
    ["{ startYear }", [], { start_year: "1" }, [{ ...OPTIONS, startYear: "1", start_year: "1" }]],
    ["{ a }", [{ a: 1 }], {}, [{ a: 1 }]],
    ["b, options", [1, { a: 1 }], {}, [1, { a: 1 }]],
  ]);
});

Deno.test("bindArguments() names every argument that does not fit, and the parameters", async (t) => {
  const cases: [
    parameters: string,
    args: unknown[],
    kwargs: Record<string, unknown>,
    message: string,
  ][] = [
    ["hello, extra = 3", ["x", "y"], { b: 5 }, '"b" is not a parameter'],
    ["hello, extra = 3", ["x"], { ekstra: 5 }, '"ekstra" is not a parameter (did you mean extra?)'],
    ["a", [], {}, '"a" has no value (write a=VALUE)'],
    ["valueOf", [], {}, '"valueOf" has no value (write valueOf=VALUE)'],
    ["a = 1, b", ["x"], {}, '"b" has no value (write b=VALUE)'],
    ["[a], b", [], { b: 1 }, '"[a]" has no value'],
    ["a, b", ["x", "y", "z", 4], {}, 'no parameter is left for "z" and 4'],
    ["{ name }", ["Fr"], {}, 'no parameter is left for "Fr" (write name=Fr)'],
    ["options", ["Fr"], {}, 'no parameter is left for "Fr"'],
    ["a", ["x"], { a: "y" }, '"a" is given twice, also by the argument "x"'],
    [
      "startYear",
      [],
      { start_year: 1, startYear: 2 },
      '"startYear" is given twice, also by another spelling',
    ],
    ["{ nam }", [], { name: 1 }, '"name" is not a parameter (did you mean nam?)'],
    ["{ a }", [], { workers: 4 }, '"workers" is not a parameter (the option is --workers)'],
    [
      "{ a }",
      [],
      { maxAttempts: 4 },
      '"maxAttempts" is not a parameter (the option is --max-attempts)',
    ],
    ["{ a }", [], { dev: 4 }, '"dev" is not a parameter (the option is --dev)'],
    [
      "a, b",
      [],
      { a: 1, y: 2, x: 3 },
      '"y" is not a parameter, "x" is not a parameter, "b" has no value ' +
      "(call it options or take it apart, { ... }, to receive all named values)",
    ],
  ];
  for (const [parameters, args, kwargs, problem] of cases) {
    await t.step(problem, async () => {
      assertEquals(
        (await assertRejects(() => bind(parameters, args, kwargs), UsageError)).message,
        `Cannot run "m.f": ${problem}; its parameters are: ${parameters}`,
      );
    });
  }
  const { message } = await assertRejects(() => bind("", [], { a: 1 }), UsageError);
  assertEquals(message, 'Cannot run "m.f": "a" is not a parameter; it has no parameters');
});
