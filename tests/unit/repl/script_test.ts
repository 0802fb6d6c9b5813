/**
 * A session as a script.
 *
 * @module
 */

import { loadAcorn, loadPeriscopic } from "../../../lib/deps.ts";
import { toScript } from "../../../repl/script.ts";
import { assertEquals } from "../../support/assert.ts";

const parsers = { ...await loadAcorn(), ...await loadPeriscopic() };
const HEAD = "// From a session of dl_jobs. Run it: deno run -A scripts/a.ts";
const LIBRARY = "https://example.org/mod.ts";

/** Entries, with `!` before failed ones, and the script without its first line. */
const CASES: Record<string, { entries: string[]; script: string[] }> = {
  "what failed is left out": {
    entries: ["const a = 1", "!b()", "a.b.c.d", "const c = 3"],
    script: ["const a = 1", "const c = 3"],
  },
  "what only looked is left out, what does something stays": {
    entries: ["1 + a", "x", "results(run)", "await status()", "jobs(); help", "await run", "f(3)"],
    script: ["await run", "f(3)"],
  },
  "what starts a job to look at it stays": {
    entries: [
      "results(local(j))",
      "await results(await submit(j), { ...o, [k]: -1 })",
      "results(run, { limit: 3, ...o })",
      "job(f, { argsList: [1, { a: 2 }] })",
      "status(ids[0])",
    ],
    script: [
      `import { local } from "${LIBRARY}";`,
      "",
      "results(local(j))",
      "await results(await submit(j), { ...o, [k]: -1 })",
    ],
  },
  "what the REPL refused to parse is left out": {
    entries: ["let a: number = 1", "this is not code", 'const b = "no end', "const c = 08"],
    script: ["let a: number = 1"],
  },
  "imports come first, paths from the script's folder, the same one once": {
    entries: [
      "const a = 1",
      'import { b } from "./b.ts"; b(a)',
      'import type { C } from "../c.ts"',
      'import { d } from "npm:d@1.0.0"',
      'import { d } from "npm:d@1.0.0"',
      'import "./work/e.ts"',
    ],
    script: [
      'import { b } from "../b.ts";',
      'import { d } from "npm:d@1.0.0"',
      'import "../work/e.ts"',
      "",
      "const a = 1",
      "b(a)",
      'import type { C } from "../../c.ts"',
    ],
  },
  "an import() of an entry has its path from the script's folder, that of a job's function keeps it":
    {
      entries: [
        "const { b } = await import(\"./b.ts\"), c = [await import('../c.ts')]",
        'const f = async () => await import("./f.ts")',
        'await import("npm:d@1.0.0"); await import(`./${b}.ts`)',
        "console.log(\"import type { C } from './c.ts'\")",
      ],
      script: [
        'const { b } = await import("../b.ts"), c = [await import("../../c.ts")]',
        'const f = async () => await import("./f.ts")',
        'await import("npm:d@1.0.0"); await import(`./${b}.ts`)',
        "console.log(\"import type { C } from './c.ts'\")",
      ],
    },
  "an entry never continues the one before it": {
    entries: [
      "let a = 1",
      "[a] = [2]",
      "(await f()).g()",
      "a++;",
      "`${a}`.match(f(a))",
      "// why",
      "/a/.exec(f(a))",
      "/* why */ [1].map(f)",
      "-f(a)",
    ],
    script: [
      "let a = 1",
      ";[a] = [2]",
      ";(await f()).g()",
      "a++;",
      "`${a}`.match(f(a))",
      "// why",
      ";/a/.exec(f(a))",
      ";/* why */ [1].map(f)",
      ";-f(a)",
    ],
  },
  "helpers are imported when they are used": {
    entries: ["const run = local(job(f, { argsList: 3 }))", "const status = 3", "await run"],
    script: [
      `import { job, local } from "${LIBRARY}";`,
      "",
      "const run = local(job(f, { argsList: 3 }))",
      "const status = 3",
      "await run",
    ],
  },
  "the last declaration of a name stays, without what was done with the others": {
    entries: [
      "function f() { bug }",
      "const r = f()",
      "r.go()",
      "function f() {}",
      "const r = f()",
    ],
    script: ["function f() {}", "const r = f()"],
  },
  "functions stay as typed, apart from the rest": {
    entries: ["const a = 1", "function f(x: number) {\n  // why\n  return `\n${x}`;\n}", "f(a)"],
    script: [
      "const a = 1",
      "",
      "function f(x: number) {\n  // why\n  return `\n${x}`;\n}",
      "",
      "f(a)",
    ],
  },
  "types and enums stay": {
    entries: ["interface A { b: 1 }", "interface A { b: 2 }", "enum E { A }", "const e = E.A"],
    script: ["interface A { b: 2 }", "enum E { A }", "const e = E.A"],
  },
};

Deno.test("toScript() keeps only the entries that a script needs", async (t) => {
  for (const [name, { entries, script }] of Object.entries(CASES)) {
    await t.step(name, () => {
      const typed = entries.map((text) => ({
        source: text.replace(/^!/, ""),
        hasFailed: text.startsWith("!"),
      }));
      const { text } = toScript(typed, {
        path: "scripts/a.ts",
        cwd: "/project",
        library: LIBRARY,
        helpers: ["job", "local", "status"],
      }, parsers);
      assertEquals(text, `${[HEAD, "", ...script].join("\n")}\n`);
    });
  }
});

Deno.test("toScript() quotes the script's path in the command that runs it", () => {
  const options = { path: "my scripts/a.ts", cwd: "/project", library: LIBRARY, helpers: [] };
  const { text } = toScript([{ source: "f()", hasFailed: false }], options, parsers);
  assertEquals(
    text.split("\n")[0],
    "// From a session of dl_jobs. Run it: deno run -A 'my scripts/a.ts'",
  );
});
