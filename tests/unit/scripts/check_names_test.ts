import { checkNames } from "../../../scripts/check_names.ts";
import { assertEquals } from "../../support/assert.ts";

const CASES: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  findings: readonly string[],
])[] = [
  ["different names", { "lib/a.ts": "export const a = 1;", "lib/b.ts": "export class B {}" }, []],
  [
    "one name in two files",
    {
      "lib/a.ts": "export async function* read() {}",
      "lib/b.ts": "\n/** Reads. */\nexport type read = 1;",
    },
    ["lib/b.ts exports read, as lib/a.ts does: rename one of them"],
  ],
  [
    "names that are not exported",
    { "lib/a.ts": "const a = 1;", "lib/b.ts": "export const a = 2;" },
    [],
  ],
  [
    "the signatures of one function",
    { "lib/a.ts": "export function a(): void;\nexport function a(): void {}" },
    [],
  ],
  [
    "types with the name of a global",
    {
      "lib/a.ts": "export interface Request {}\nexport abstract class Element {}",
      "lib/b.ts": "export type Window = 1;",
    },
    [
      "lib/a.ts exports Request, which hides a global of the web: rename it",
      "lib/a.ts exports Element, which hides a global of the web: rename it",
      "lib/b.ts exports Window, which hides a global of the web: rename it",
    ],
  ],
  ["a function with the name of a global", { "lib/a.ts": "export function print() {}" }, []],
];

Deno.test("checkNames() finds names that are exported twice or hide a global", async (t) => {
  for (const [name, files, findings] of CASES) {
    await t.step(name, () => {
      const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
      assertEquals(checkNames(texts), [...findings]);
    });
  }
});
