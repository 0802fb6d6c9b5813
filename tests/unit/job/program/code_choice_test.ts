/**
 * The choice between the programs of a job: every request, with and without changed sources.
 *
 * @module
 */

import { hashSources } from "../../../../lib/bundle/modules/sources.ts";
import { chooseCode, type CodeChoice } from "../../../../lib/job/program/code_choice.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

const SINCE = "2026-01-01T00:00:00Z";

interface Case {
  readonly code?: CodeChoice;
  readonly isRetry?: boolean;
  readonly isChanged?: boolean;
  readonly lasting?: string;
  /** The program, and the beginnings of what the user is told. */
  readonly chosen: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "resume without a change": { chosen: ["last"] },
  "resume after a change": { isChanged: true, chosen: ["last", "resume runs the code of the job"] },
  "retry without a change": { isRetry: true, chosen: ["last", "note: retry runs the same code"] },
  "retry after a change": {
    isRetry: true,
    isChanged: true,
    chosen: ["today", "retry runs the current code"],
  },
  "the code of the start": { code: "original", isChanged: true, chosen: ["first"] },
  "the current code": { code: "current", isChanged: true, chosen: ["today"] },
  "the current code without a change": { code: "current", chosen: ["today"] },
  "a value in a script": {
    isRetry: true,
    isChanged: true,
    lasting: "it is a value",
    chosen: ["last", "retry runs the code of the job"],
  },
  "the current code of a value": { code: "current", lasting: "it is a value", chosen: ["last"] },
};

Deno.test("chooseCode() chooses a program and says why", async (t) => {
  await using folder = await makeFolder({ "a.ts": "1", "b.ts": "1" });
  const a = `${folder.path}/a.ts`, b = `${folder.path}/b.ts`;
  const sources = { ...await hashSources([a]), ...await hashSources([b]) };
  for (const [name, { isRetry = false, isChanged = false, ...given }] of Object.entries(CASES)) {
    await t.step(name, async () => {
      await Deno.writeTextFile(a, isChanged ? "2" : "1");
      const told: string[] = [];
      const { code, tell } = await chooseCode(
        { hash: "h", file: "bundle.js", since: SINCE, sources },
        jobFolder("20260101T000000-000aaa", folder.path),
        { verb: "runs", verbAgain: "runs", lasting: given.lasting },
        {
          code: given.code,
          isRetry,
          warn: (text) => told.push(text),
          note: isRetry ? (text) => told.push(`note: ${text}`) : undefined,
        },
      );
      tell();
      assertEquals([code, ...told.map((text) => beginning(text, given.chosen))], given.chosen);
    });
  }
});

/** Returns the expected text that a text begins with, or the text itself. */
function beginning(text: string, expected: readonly string[]): string {
  return expected.find((one) => text.startsWith(one)) ?? text;
}
