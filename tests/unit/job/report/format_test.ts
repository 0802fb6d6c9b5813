/**
 * The summary of a run, and the steps that follow it.
 *
 * @module
 */

import { failureText, summaryText } from "../../../../lib/job/report/format.ts";
import { nextCommand, nextSteps } from "../../../../lib/job/report/next_steps.ts";
import type { Summary } from "../../../../lib/job/report/summary.ts";
import { assertEquals } from "../../../support/assert.ts";

const SUMMARY: Summary = {
  ...{ id: "7", name: "size", total: 30, succeeded: 30, failed: 0, failedElements: 0, canceled: 0 },
  ...{ isInterrupted: false, reused: 0, ms: 20, commonErrors: [] },
  paths: { folder: "/jobs/7" },
};
const times = (longest: number) => ({ median: 0.1, p95: 1, longest });

Deno.test("summaryText() shows times of tasks that took some time", () => {
  const cases: [longest: number, text: string][] = [
    [9, "30 of 30 succeeded, in 20 ms"],
    [
      2500,
      "30 of 30 succeeded, in 20 ms\n  times   half under 1 ms, 95% under 1 ms, the longest 2.5 s",
    ],
  ];
  for (const [longest, text] of cases) {
    assertEquals(summaryText({ ...SUMMARY, times: times(longest) }), text);
  }
});

Deno.test("summaryText() shows paths below the working folder without it", () => {
  const folder = Deno.cwd();
  const paths = { folder, results: `${folder}/out/a.csv`, errors: "errors/a", log: `${folder}x/b` };
  assertEquals(
    summaryText({ ...SUMMARY, paths }),
    `30 of 30 succeeded, in 20 ms\n  results out/a.csv\n  errors  errors/a\n  log     ${folder}x/b`,
  );
});

Deno.test("summaryText() shows errors with their type and their place, cut at words", () => {
  const long = `no ${"tile ".repeat(60)}here, buy one`;
  const commonErrors = [
    { message: "'Population'", count: 2, task: 1, type: "KeyError", place: "a.csv:3" },
    { message: "", count: 1, task: 8, type: "AssertionError" },
    { message: "Cannot read a.csv:9: no", count: 1, task: 7, place: "a.csv:9" },
    { message: long, count: 1, task: 9 },
  ];
  const tiles = (count: number) => Array(count).fill("tile").join(" ");
  assertEquals(summaryText({ ...SUMMARY, commonErrors }).split("\n").slice(1), [
    "  failed  2 tasks, such as task 1 (a.csv:3): KeyError: 'Population'",
    "          task 8: AssertionError",
    "          task 7: Cannot read a.csv:9: no",
    `          task 9: no ${tiles(18)} … ${tiles(10)} here, buy one`,
  ]);
});

Deno.test("failureText() is one line about all that did not succeed", () => {
  const cases: [part: Partial<Summary>, text: string | undefined][] = [
    [{}, undefined],
    [{ failed: 3 }, "size: 3 of 30 tasks failed, see dl_jobs errors 7"],
    [{ failed: 1, total: 1 }, "size: 1 of 1 task failed, see dl_jobs errors 7"],
    [{ canceled: 2 }, "size: 2 tasks did not run, see dl_jobs resume 7"],
    [
      { canceled: 1, failed: 2, isPartial: true },
      "size: 2 of 30 tasks read so far failed, see dl_jobs errors 7; " +
      "1 task and the rest of the list did not run, see dl_jobs resume 7",
    ],
    [
      { isInterrupted: true, isPartial: true },
      "size: the rest of the list did not run, see dl_jobs resume 7",
    ],
    [{ isInterrupted: true }, "size: it was stopped, see dl_jobs resume 7"],
    [
      { failed: 3, failedElements: 1, paths: { folder: "", errors: "errors/a" }, canceled: 1 },
      "size: 3 of 30 tasks failed, see dl_jobs errors 7; 1 element of lists failed, see errors/a; " +
      "1 task did not run, see dl_jobs resume 7",
    ],
  ];
  for (const [part, text] of cases) assertEquals(failureText({ ...SUMMARY, ...part }), text);
});

Deno.test("nextSteps() names the job, the errors, and the file to mend", () => {
  const file = (path: string) => ({ path, size: 1, modified: 1 });
  const source = { kind: "file", ...file(`${Deno.cwd()}/cities.csv`) } as const;
  const job = { id: "7", source, options: { memory: 200e6 } };
  const oom = { message: "it used too much", count: 1, task: 3, class: "oom" } as const;
  const mend = "fix cities.csv, then start a new job with --reuse";
  const cases: [counts: Parameters<typeof nextSteps>[1], steps: string[]][] = [
    [{ failed: 0, isOpen: false }, []],
    [{ failed: 0, isOpen: true }, ["dl_jobs resume 7"]],
    [{ failed: 1, isOpen: false }, ["dl_jobs retry 7"]],
    [{ failed: 2, isOpen: false }, ["dl_jobs errors 7", "dl_jobs retry 7"]],
    [{ failed: 1, isOpen: false, errors: [oom] }, ["dl_jobs retry 7 --memory 400MB"]],
    [{ failed: 1, isOpen: true, errors: [oom] }, ["dl_jobs resume 7"]],
    [{ failed: 1, invalid: 1, isOpen: false }, [mend]],
    [{ failed: 2, invalid: 1, isOpen: false }, ["dl_jobs errors 7", "dl_jobs retry 7", mend]],
    [{ failed: 2, invalid: 2, isOpen: true }, ["dl_jobs errors 7", "dl_jobs resume 7", mend]],
  ];
  for (const [counts, steps] of cases) {
    assertEquals(nextSteps(job, counts), steps);
    assertEquals(nextCommand(job, counts), steps.find((step) => /re(?:try|sume) 7/.test(step)));
  }
  const sources = [
    { kind: "files", files: [file("/a.csv")] },
    { kind: "files", files: [file("/a"), file("/b")] },
    { kind: "stream" },
  ] as const;
  const only = { failed: 1, invalid: 1, isOpen: false };
  assertEquals(sources.map((one) => nextSteps({ ...job, source: one }, only)[0]!.split(",")[0]), [
    "fix /a.csv",
    "fix the list",
    "fix the list",
  ]);
});
