/**
 * Messages about code that cannot be built or loaded.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { importMethod } from "../../../lib/bundle/import_method.ts";
import type { FunctionRef } from "../../../lib/job_dir/record.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";
import { locationIn, runByHand } from "./programs.ts";

// No server has this port.
const NOT_THERE = "http://127.0.0.1:1/c.ts";

/** Returns the message that refuses a bundle of some files, with `DIR` for their folder. */
async function refusal(
  files: Record<string, string>,
  name: string,
  make: (location: FunctionRef) => Promise<unknown> = bundleTask,
): Promise<string> {
  await using folder = await makeFolder(files);
  const error = await assertRejects(() => make(locationIn(folder, name)), UsageError);
  return error.message.replaceAll(folder.path, "DIR");
}

Deno.test("bundleTask() explains errors in the user's code", async (t) => {
  const cases: [name: string, files: Record<string, string>, method: string, message: string][] = [
    [
      "a syntax error",
      { "a.ts": "\nexport const task = ;" },
      "a.ts",
      'Cannot load DIR/a.ts:2:21: Unexpected ";"',
    ],
    [
      "a syntax error in a helper with signs in its name",
      { "a.ts": 'export * from "./b #1%.ts";', "b #1%.ts": "let 1;" },
      "a.ts",
      'Cannot load DIR/b #1%.ts:1:5: Expected ";" but found "1"',
    ],
    [
      "a deferred import",
      { "a.ts": 'import defer * as b from "./b.ts";\nexport const task = b;', "b.ts": "" },
      "a.ts",
      "Cannot load DIR/a.ts:1:26: Bundling with deferred imports is not supported unless they are " +
      "external; import the module without defer, or with await import() in the function",
    ],
    [
      "a missing file",
      { "a.ts": 'import "./b.ts";\nexport const task = 1;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:8: Could not resolve "./b.ts", no such file',
    ],
    [
      "a name that resolves to nothing",
      { "a.ts": 'import { x } from "lodash";\nexport const task = x;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "lodash"; ' +
      'add it to "imports" in deno.json or write it as npm:lodash',
    ],
    [
      "a package of npm that is not installed",
      {
        "a.ts": 'import { x } from "@scope/size/x.js";\nexport const task = x;',
        "package.json": "{}",
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "@scope/size/x.js"; run npm install @scope/size',
    ],
    [
      "a member of a workspace that is not installed",
      {
        "app/a.ts": 'import { x } from "size/x";\nexport const task = x;',
        "app/package.json": '{ "devDependencies": { "size": "workspace:*" } }',
        "package.json": '{ "workspaces": ["app", "size"] }',
        "size/package.json": '{ "name": "size", "exports": { "./x": "./x.ts" } }',
      },
      "app/a.ts",
      'Cannot load DIR/app/a.ts:1:19: Could not resolve "size/x"; ' +
      "install the packages of package.json, for example with npm install",
    ],
    [
      "a module that an installed package does not have",
      {
        "a.ts": 'import { x } from "size/none.js";\nexport const task = x;',
        "package.json": "{}",
        "node_modules/size/package.json": '{ "name": "size", "version": "1.0.0" }',
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "size/none.js", ' +
      "which the installed package does not have",
    ],
    [
      "a module that Node does not have",
      { "a.ts": 'import { x } from "node:none";\nexport const task = x;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "node:none", no such module',
    ],
    [
      "an alias that is not declared, with a colon",
      { "a.ts": 'import { x } from "app:size";\nexport const task = x;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "app:size"; add it to "imports" in deno.json',
    ],
    [
      "an alias that is not declared",
      { "a.ts": 'import { x } from "@/size.ts";\nexport const task = x;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "@/size.ts"; ' +
      'add it to "imports" in deno.json',
    ],
    [
      "a name of paths in a tsconfig.json that another one extends",
      {
        "a.ts": 'import { x } from "@lib/size.ts";\nexport const task = x;',
        "package.json": "{}",
        "tsconfig.json": '{ "extends": "./base.json" } // ours',
        "base.json": '{ "compilerOptions": { "paths": { "*": ["./*"], "@lib/*": ["./lib/*"] } } }',
        "lib/size.ts": "export const x = 1;",
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "@lib/size.ts"; Deno does not read "paths" of ' +
      'DIR/tsconfig.json, add "@lib/" to "imports" in deno.json',
    ],
    [
      "a name of paths in deno.json",
      {
        "a.ts": 'import { x } from "size";\nexport const task = x;',
        "deno.json": '{ "compilerOptions": { "paths": { "siz": [], "size": ["./size.ts"] } } }',
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "size"; Deno does not read "paths" of ' +
      'DIR/deno.json, add "size" to "imports" in deno.json',
    ],
    [
      "an export that is not there",
      { "a.ts": "export const tusk = 1, Task = 2, mean = 3; export default 4;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports Task, tusk, mean, default, write DIR/a.ts#NAME',
    ],
    [
      "no export at all",
      { "a.ts": "const task = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports nothing',
    ],
    [
      "a CommonJS module that Deno does not know as one",
      { "a b.ts": "const size = 1;\nmodule.exports = { task: () => size };" },
      "a b.ts",
      'Cannot find "task" in DIR/a b.ts: it exports nothing; to use module.exports, ' +
      'name it a b.cts, or write "type": "commonjs" in package.json',
    ],
    [
      "an import of such a module",
      {
        "a.ts": 'import { size } from "./b.js";\nexport const task = size;',
        "b.js": "exports.size = 1;",
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:10: No matching export in "DIR/b.js" for import "size"; ' +
      'to use module.exports, name it b.cjs, or write "type": "commonjs" in package.json',
    ],
    [
      "an export that is a type",
      { "a.ts": "export type task = () => number; export interface mean {}; export const x = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports x, write DIR/a.ts#x',
    ],
    [
      "exports of other files",
      {
        "a.ts": 'export { mean } from "./b.ts"; export * from "./b.ts";',
        "b.ts": "export const mean = 1, median = 2;",
      },
      "a.ts#means",
      'Cannot find "means" in DIR/a.ts: it exports mean, median',
    ],
    [
      "a name that is not an identifier",
      { "a.ts": "export const task = 1;" },
      'a.ts#ta sk"',
      'Cannot find "ta sk\\"" in DIR/a.ts: it exports task',
    ],
    [
      "an import that a helper does not export",
      {
        "a.ts": 'import { b } from "./b.js";\nexport const task = () => b;',
        "b.js": "export const c = 1;",
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:10: No matching export in "DIR/b.js" for import "b"',
    ],
    [
      "an export that another file does not have",
      {
        "a.ts": 'interface Unused {}\nexport { f as task } from "./b.ts";',
        "b.ts": "export const g = 1; export type f = 1;",
      },
      "a.ts",
      'Cannot load DIR/a.ts:2:10: No matching export in "DIR/b.ts" for import "f"',
    ],
    [
      "an export that a file passes on from another one",
      {
        "a.ts": 'export * from "./b.ts";',
        "b.ts": 'import { g as task } from "./c.ts";\nexport { task };',
        "c.ts": "export const f = 1;",
      },
      "a.ts",
      'Cannot load DIR/b.ts:1:10: No matching export in "DIR/c.ts" for import "g"',
    ],
    [
      "an import of a file that decorators see types of",
      {
        "a.ts":
          'interface Unused {\n  a: 1;\n}\nconst tag = (_: any, __: any) => {};\nclass A {\n  @tag\n  x: Unused = 1 as any;\n}\nimport { none } from "./b.ts";\nexport const task = () => [A, none];',
        "b.ts": "export const f = 1;",
        "deno.json":
          '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
      },
      "a.ts",
      'Cannot load DIR/a.ts:9:10: No matching export in "DIR/b.ts" for import "none"',
    ],
    [
      "a broken helper where an export is missing, too",
      { "a.ts": 'import "./b.ts";', "b.ts": "let 1;" },
      "a.ts",
      'Cannot load DIR/b.ts:1:5: Expected ";" but found "1"',
    ],
    [
      "a file that is not code",
      { "a.txt": "" },
      "a.txt",
      "Cannot load DIR/a.txt: the file is not a module; name a file that ends in .ts, .js or .py",
    ],
    [
      "an import of a file that is not code",
      { "a.ts": 'import "./a.txt"; export const task = 1;', "a.txt": "" },
      "a.ts",
      'Cannot load DIR/a.ts:1:8: the file is not a module; add with { type: "text" }',
    ],
    [
      "no such module",
      {},
      "a.ts",
      "Cannot find DIR/a.ts: no such file",
    ],
    [
      "a broken configuration",
      { "a.ts": "export const task = 1;", "deno.json": '{ "imports": }' },
      "a.ts",
      'Cannot read DIR/deno.json: Cannot parse JSONC: unexpected token "}" in JSONC at position 13',
    ],
    [
      "an import map that is not there",
      { "a.ts": "export const task = 1;", "deno.json": '{ "importMap": "./maps/nope.json" }' },
      "a.ts",
      "Cannot read DIR/maps/nope.json: no such file; DIR/deno.json names it as its import map",
    ],
  ];
  for (const [name, files, method, message] of cases) {
    await t.step(name, async () => assertEquals(await refusal(files, method), message));
  }
});

Deno.test("bundleTask() lists the exports of a file with special characters in its name", async () => {
  await using folder = await makeFolder({ "b #1%20.ts": "export const mean = 1;" });
  const location = { module: folder.url("b #1%20.ts"), method: "means" };
  const { message } = await assertRejects(() => bundleTask(location), UsageError);
  assertEquals(
    message,
    `Cannot find "means" in ${folder.path}/b #1%20.ts: it exports mean`,
  );
});

Deno.test("importMethod() explains why a module cannot be used", async (t) => {
  const cases: [name: string, files: Record<string, string>, method: string, message: string][] = [
    [
      "it throws while it loads",
      {
        "a.ts": 'import { b } from "./b.ts";\nexport const task = () => b;',
        "b.ts":
          '\nconst fail = () => { throw new RangeError("no disk"); };\nexport const b = fail();',
      },
      "a.ts",
      [
        "Cannot load DIR/a.ts: RangeError: no disk",
        "    at fail (file://DIR/b.ts:2:28)",
        "    at file://DIR/b.ts:3:18",
      ].join("\n"),
    ],
    [
      "it imports a package that cannot be loaded",
      {
        "a.ts": 'import { b } from "./b.ts";\nexport const task = () => b;',
        "b.ts": `\n  import c from "${NOT_THERE}";\nexport const b = c;`,
      },
      "a.ts",
      `Cannot load DIR/b.ts:2:17: ${NOT_THERE}: Connection refused`,
    ],
    [
      "it throws something else",
      { "a.ts": 'throw "no disk";\nexport const task = 1;' },
      "a.ts",
      "Cannot load DIR/a.ts: no disk",
    ],
    [
      "its method is not a function",
      { "a.ts": "export const task = { a: 1 };" },
      "a.ts",
      'Cannot call "task" of DIR/a.ts: it is not a function',
    ],
    [
      "its method is not there",
      { "a.ts": "export const tasks = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports tasks, write DIR/a.ts#tasks',
    ],
  ];
  for (const [name, files, method, message] of cases) {
    await t.step(name, async () => {
      assertEquals(await refusal(files, method, importMethod), message);
    });
  }
});

Deno.test("a worker names the file whose import or export cannot be used", async (t) => {
  const cases: [name: string, files: Record<string, string>, message: string][] = [
    [
      "an import",
      {
        "a.ts": 'import { b } from "./lib/b.ts";\nexport const task = () => b;',
        "lib/b.ts": `// The package.\nimport c from "${NOT_THERE}";\nexport const b = c;`,
      },
      `Cannot load lib/b.ts:2:15: ${NOT_THERE}: `,
    ],
    [
      "an export",
      { "a.ts": "export const task = 3;" },
      'Cannot call the function: "task" of a.ts is not a function\n',
    ],
    [
      "a class",
      { "a.ts": "export class task { run() {} }" },
      'Cannot call the function: "task" of a.ts is a class, export a function\n',
    ],
    [
      "a variable of CommonJS",
      { "a.ts": "const here = __dirname;\nexport const task = () => here;" },
      "Cannot load the function: its module threw ReferenceError: __dirname is not defined, " +
      "write import.meta.dirname\n",
    ],
    [
      "a name of Python",
      { "a.py": "task = 3\n" },
      'Cannot call the function: "task" of a.py is not a function\n',
    ],
  ];
  for (const [name, files, message] of cases) {
    const module = Object.keys(files)[0]!;
    for (const engine of module.endsWith(".py") ? ["local"] : ["local", "inline"]) {
      await t.step(`${name} on ${engine}`, async () => {
        await using _folder = await enterFolder(files);
        const call = ["map", `${module}#task`, "--engine", engine, "--no-noisy", ":::", "1"];
        assertStringIncludes((await cli(call)).stderr, `Error: ${message}`);
      });
    }
  }
});

Deno.test("a worker explains why a module cannot be used", async (t) => {
  const cases: [name: string, text: string, err: string][] = [
    [
      "it throws while it loads",
      '\nthrow new RangeError("no disk");\nexport const task = 1;',
      "RangeError: no disk\n    at file://DIR/a.ts:2:7\n",
    ],
    [
      "it is rejected while it loads",
      'await Promise.reject("no disk");\nexport const task = 1;',
      "no disk\n",
    ],
    [
      "its method is not a function",
      "export const task = 1;",
      '"task" of DIR/a.ts is not a function\n',
    ],
  ];
  for (const [name, text, err] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "a.ts": text });
      const done = await runByHand(await bundleTask(locationIn(folder, "a.ts")));
      assertEquals({ ...done, err: done.err.replaceAll(folder.path, "DIR") }, { status: 1, err });
    });
  }
});
