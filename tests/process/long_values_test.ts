/**
 * Long results and outputs of tasks.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { enterFolder, readLines, readLogs, runJob } from "../support/jobs.ts";

const TYPESCRIPT = `
export const text = (size: number) => "é".repeat(size);
export const list = (size: number) => ["é".repeat(size)];
export const print = (size: number) => { console.log("x" + "😀".repeat(size)); return size; };
`;
const PYTHON = `
def text(size):
    return "é" * size

def list(size):
    return ["é" * size]

def print_long(size):
    print("x" + "😀" * size)
    return size
`;
const LONG = 1_500_000, SHORT = 400_000;

for (const [language, module] of [["TypeScript", "./m.ts"], ["Python", "./m.py"]]) {
  for (const methodName of ["text", "list"]) {
    Deno.test(`a ${methodName} above max_result fails in ${language}, and a shorter one arrives`, async () => {
      await using _folder = await enterFolder({ "m.ts": TYPESCRIPT, "m.py": PYTHON });
      const { paths } = await runJob({
        moduleName: module!,
        methodName,
        argsList: [SHORT, LONG, 3, SHORT],
        groupedResults: true,
        ordered: true,
        maxResult: "1MB",
      });
      const lengths = readLines(paths.results).map((line) => line.length);
      const around = methodName === "text" ? 2 : 4;
      assertEquals(lengths, [SHORT + around, 3 + around, SHORT + around]);
      const errors = readLines(paths.errors).map((line) => JSON.parse(line).ERROR);
      assertEquals(errors, [
        "Cannot return a result of 3 MB: max_result is 1 MB, write it to a file in ctx.dir and " +
        "return its path",
      ]);
    });
  }
}

Deno.test("a long output is logged in pieces that do not cut a character", async (t) => {
  await using _folder = await enterFolder({ "m.ts": TYPESCRIPT, "m.py": PYTHON });
  for (const [moduleName, methodName] of [["./m.ts", "print"], ["./m.py", "print_long"]] as const) {
    await t.step(moduleName, async () => {
      const argsList = [LONG];
      const { paths } = await runJob({ moduleName, methodName, argsList, printLogs: false });
      const texts = readLogs(paths.folder).map(({ text }) => text);
      assertEquals(texts.length > 1, true);
      assertEquals(texts.every((text) => text.isWellFormed()), true);
      assertEquals(texts.join("") === `x${"😀".repeat(LONG)}\n`, true);
      assertEquals(readLines(paths.results), [`${LONG}`]);
    });
  }
});
