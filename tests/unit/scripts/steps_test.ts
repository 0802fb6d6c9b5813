import { type Plan, runSteps, type Step } from "../../../scripts/steps/step.ts";
import { runTests } from "../../../scripts/steps/run_tests.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";

const COUNTS = { passed: 3, failed: 0, skipped: 1 };

/** Runs steps and returns what they print, without times, and the total. */
async function play(plan: Plan, lanes: number) {
  const lines: string[] = [], { log } = console;
  console.log = (line: string) => lines.push(line.replace(/ [\d.]+ s$/, ""));
  try {
    return { total: await runSteps(plan, lanes), lines };
  } finally {
    console.log = log;
  }
}

Deno.test("runSteps() runs all steps, prints a line for each and adds up their tests", async () => {
  const quick: Step[] = [
    { name: "lint", run: () => Promise.resolve({ ok: true, output: "not shown" }) },
    {
      name: "unit",
      run: () => Promise.resolve({ ok: true, counts: COUNTS, leftOut: ["no tmux"] }),
    },
    { name: "fmt", run: () => Promise.resolve({ ok: false, output: " a.ts is not formatted\n" }) },
  ];
  const process: Step = {
    name: "process",
    isSlow: true,
    run: () =>
      Promise.resolve({ ok: false, output: "a failure", counts: { ...COUNTS, failed: 2 } }),
  };
  const { total, lines } = await play({ quick, slow: [process] }, 1);
  assertEquals(lines, [
    "lint ok",
    "unit ok",
    "fmt failed",
    "a.ts is not formatted",
    "process failed",
  ]);
  assertEquals(total, {
    passed: 6,
    failed: 3,
    skipped: 2,
    findings: ["process:\na failure"],
    leftOut: ["no tmux"],
  });
});

Deno.test("runSteps() counts a failed step whose tests all passed", async () => {
  const unit: Step = { name: "unit", run: () => Promise.resolve({ ok: false, counts: COUNTS }) };
  const { total } = await play({ quick: [unit], slow: [] }, 2);
  assertEquals(total.failed, 1);
});

Deno.test("runSteps() runs quick steps at the same time, then slow and single ones", async () => {
  const events: string[] = [];
  const step = (name: string, others: readonly string[] = []): Step => ({
    name,
    run: async () => {
      events.push(`${name} starts`);
      // A step that needs another one to run at the same time never ends where it does not.
      await until(
        () => others.every((other) => events.includes(`${other} starts`)),
        `${name} runs alone`,
      );
      events.push(`${name} ends`);
      return { ok: true };
    },
  });
  const quick = [step("a", ["b"]), step("b", ["a"])];
  // The lane of the single steps takes the last slow one, while the other lane is busy.
  const single = [step("c", ["d"]), step("e")], slow = [step("d", ["c", "f"]), step("f")];
  const { total } = await play({ quick, slow, single }, 2);
  assertEquals(total.failed, 0);
  const at = (event: string) => events.indexOf(event);
  assert(at("a ends") < at("c starts") && at("b ends") < at("c starts"));
  assert(at("c ends") < at("e starts") && at("e ends") < at("f starts"));
});

Deno.test("runTests() counts tests, and returns the failures and the reasons for skips", async () => {
  await using folder = await makeFolder({
    "a_test.ts": `
      Deno.test("passes", () => {});
      Deno.test("breaks", () => { throw new Error("not today"); });
      Deno.test({ name: "needs it (skipped: it is away)", ignore: true, fn() {} });`,
  });
  const { ok, counts, output = "", leftOut } = await runTests([`${folder.path}/a_test.ts`], {
    flags: ["--no-check"],
  });
  assertEquals({ ok, counts, leftOut }, {
    ok: false,
    counts: { passed: 1, failed: 1, skipped: 1 },
    leftOut: ["it is away"],
  });
  assertStringIncludes(output, "not today");
});

Deno.test("runTests() has no counts where a file does not load, and returns the reason", async () => {
  await using folder = await makeFolder({ "a_test.ts": `import "./none.ts";` });
  const { ok, counts, output = "" } = await runTests([`${folder.path}/a_test.ts`], {
    flags: ["--no-check"],
  });
  assertEquals({ ok, passed: counts?.passed ?? 0 }, { ok: false, passed: 0 });
  assertMatch(output, /none\.ts/);
});
