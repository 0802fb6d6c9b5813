import {
  type HelpRequest,
  helpRequest,
  isHelp,
  isMainHelp,
} from "../../../lib/cli/help_request.ts";
import { assertEquals } from "../../support/assert.ts";

/** A command line as one text: the words in these tests have no spaces. */
function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

Deno.test("helpRequest() finds a request for help before the first --", async (t) => {
  const cases: [string, HelpRequest | undefined][] = [
    ["", undefined],
    ["m --workers 3", undefined],
    ["m --all", undefined],
    ["--help", "common"],
    ["m -h", "common"],
    ["m --wrong --help --all", "all"],
    ["--all -h", "all"],
    ["m -- --help", undefined],
  ];
  for (const [line, expected] of cases) {
    await t.step(line, () => assertEquals(helpRequest(words(line)), expected));
  }
});

Deno.test("isMainHelp() is true for the common help of dl_jobs itself only", () => {
  const lines = ["--help", "-h", "help", "", "help --all", "--help map", "map --help", "version"];
  assertEquals(lines.filter((line) => isMainHelp(words(line))), ["--help", "-h", "help"]);
});

Deno.test("isHelp() is true for command lines that only print help", async (t) => {
  const cases: [string, boolean][] = [
    ["", false],
    ["map m list", false],
    ["map -- ls --help", false],
    ["worker bundle.js --help", false],
    ["--help", true],
    ["-h --all", true],
    ["help", true],
    ["help map --all", true],
    ["map m -h", true],
    ["wrong --help", true],
  ];
  for (const [line, expected] of cases) {
    await t.step(line, () => assertEquals(isHelp(words(line)), expected));
  }
});
