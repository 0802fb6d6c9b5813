/**
 * Modules from the network that try to read local files.
 *
 * @module
 */

/** The addresses that hostile modules use. */
export interface Targets {
  /** The URL of the folder with the secret files. */
  readonly files: string;
  /** The path of this folder. */
  readonly path: string;
  /** The URL of the folder of the module. */
  readonly own: string;
  /** The URL of this folder on another host, which the job must not use. */
  readonly other: string;
}

/** A hostile module: the files that the server has for it, by their names. */
export type Site = Readonly<Record<string, string | { readonly redirect: string }>>;

/** Returns the text of a module whose task returns a value. */
const task = (value: string, head = "") =>
  `${head}\nexport const task = async () => { ${
    value.includes(";") ? value : `return ${value}`
  } };`;
const text = `with { type: "text" }`, json = `with { type: "json" }`;
const textOption = `{ with: { type: "text" } }`, jsonOption = `{ with: { type: "json" } }`;
const asData = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

/** Returns the hostile modules by the names of their tricks. `main.ts` has the task. */
export function hostileSites({ files, path, own, other }: Targets): Record<string, Site> {
  const one = (main: string): Site => ({ "main.ts": main });
  const dataModule = asData(`import s from "${files}/secret.txt" ${text}; export default s;`);
  const upward = `${"../".repeat(20)}${path.slice(1)}`;
  const computed = (address: string, option = "") =>
    one(task(`const p = [${JSON.stringify(address)}].join(""); return (await import(p${option}))`));
  return {
    "file: as text": one(task("s", `import s from "${files}/secret.txt" ${text};`)),
    "file: as JSON": one(task("s", `import s from "${files}/secret.json" ${json};`)),
    "file: as bytes": one(task("s", `import s from "${files}/secret.txt" with { type: "bytes" };`)),
    "file: as CSS": one(task("s", `import s from "${files}/secret.css" with { type: "css" };`)),
    "file: as code": one(task("secret", `import { secret } from "${files}/secret.js";`)),
    "FILE: in capitals": one(
      task("secret", `import { secret } from "${files.replace("file", "FILE")}/secret.js";`),
    ),
    "file: after a space": one(task("secret", `import { secret } from " ${files}/secret.js";`)),
    "file: with a newline in it": one(
      task("secret", `import { secret } from "fi\\nle://${path}/secret.js";`),
    ),
    "file: with a host": one(
      task("secret", `import { secret } from "file://localhost${path}/secret.js";`),
    ),
    "file: without slashes": one(
      task("secret", `import { secret } from "file:${path}/secret.js";`),
    ),
    "an export of file:": one(`export { task } from "${files}/secret.js";`),
    "all exports of file:": one(`export * from "${files}/secret.js";`),
    "an absolute path": one(task("secret", `import { secret } from "${path}/secret.js";`)),
    "an absolute path as text": one(task("s", `import s from "${path}/secret.js" ${text};`)),
    "an absolute path with %20": one(
      task("secret", `import { secret } from "${path}/a%20secret.js";`),
    ),
    "an absolute path with %20, as text": one(
      task("s", `import s from "${path}/a%20secret.js" ${text};`),
    ),
    "an encoded dot and slash": one(
      task("secret", `import { secret } from "${path}/%2e%2e%2fsecret.js";`),
    ),
    "many dots": one(
      task("secret", `import { secret } from "${upward}/secret.js";`),
    ),
    "backslashes": one(
      task("secret", `import { secret } from "${path.replaceAll("/", "\\\\")}\\\\secret.js";`),
    ),
    "a name of the import map": one(task("secret", `import { secret } from "mapped";`)),
    "a folder of the import map": one(task("s", `import s from "folder/secret.txt" ${text};`)),
    "a name of the import map, imported in a try": one(
      task(`try { return (await import("mapped")).secret; } catch { return 0; }`),
    ),
    "a name with #": one(task("secret", `import { secret } from "#mapped";`)),
    "a second module": {
      "main.ts": task("s", `import s from "./second.ts";`),
      "second.ts": `export { default } from "${files}/secret.txt" ${text};`,
    },
    "a second module without an extension": {
      "main.ts": task("s", `import s from "./second";`),
      "second": `export { default } from "${files}/secret.txt" ${text};`,
    },
    "a second module that imports at run time": {
      "main.ts": task("s", `import s from "./second";`),
      "second": `export default await import("${files}/secret.txt", ${textOption});`,
    },
    "a third module of another host": {
      "main.ts": task("s", `import s from "${other}/second.ts";`),
      "second.ts": `import s from "${files}/secret.txt" ${text}; export default s;`,
    },
    "another host without a scheme": {
      "main.ts": task("s", `import s from "${other.replace("http:", "")}/second.ts";`),
      "second.ts": `export default 1;`,
    },
    "another host with backslashes": {
      "main.ts": task("s", `import s from "${other.replace("http://", "\\\\\\\\")}/second.ts";`),
      "second.ts": `export default 1;`,
    },
    "a redirect to file:": {
      "main.ts": task("s", `import s from "./moved.js";`),
      "moved.js": { redirect: `${files}/secret.js` },
    },
    "a redirect of the module itself": { "main.ts": { redirect: `${files}/secret.js` } },
    "a redirect to another host": {
      "main.ts": task("s", `import s from "./moved.ts";`),
      "moved.ts": { redirect: `${other}/second.ts` },
      "second.ts": `export default 1;`,
    },
    "a redirect to data:": {
      "main.ts": task("s", `import s from "./moved.ts";`),
      "moved.ts": { redirect: dataModule },
    },
    "a redirect to file:, imported as text at run time": {
      "main.ts": task(`(await import("./moved.txt", ${textOption})).default`),
      "moved.txt": { redirect: `${files}/secret.txt` },
    },
    "data:": one(task("s", `import s from "${dataModule}";`)),
    "data: in base64": one(
      task(
        "s",
        `import s from "data:text/javascript;base64,${
          btoa(decodeURIComponent(
            dataModule.slice("data:text/javascript,".length),
          ))
        }";`,
      ),
    ),
    "data: at run time": one(task(`(await import("${dataModule}")).default`)),
    "data: computed": computed(dataModule),
    "data: within data:": computed(
      asData(`export { default } from ${JSON.stringify(dataModule)};`),
    ),
    "blob:": one(task(
      `const code = 'export { secret } from "${files}/secret.js";';
       const blob = new Blob([code], { type: "text/javascript" });
       return (await import(URL.createObjectURL(blob))).secret;`,
    )),
    "import() of file:": one(task(`(await import("${files}/secret.txt", ${textOption})).default`)),
    "import() of file: in a try": one(
      task(`try { return await import("${files}/secret.js"); } catch { return 0; }`),
    ),
    "import() of file: with catch": one(
      task(`await import("${files}/secret.js").catch(() => 0)`),
    ),
    "import() that never runs": one(
      task(`return 1; await import("${files}/secret.json", ${jsonOption});`),
    ),
    "import() of one of two": one(
      task(`(await import(Date.now() ? "${files}/secret.js" : "./main.ts")).secret`),
    ),
    "import() of a computed address": computed(`${files}/secret.txt`, `, ${textOption}`),
    "import() of a template": one(
      task("const name = `secret`; return (await import(`" + files + "/${name}.js`)).secret"),
    ),
    "import() of a relative template": one(
      task("const name = `job`; return await import(`./${name}.json`, " + jsonOption + ")"),
    ),
    "import() of a relative sum": one(
      task(`const name = "job"; return await import("./" + name + ".json", ${jsonOption})`),
    ),
    "import() of a relative template above": one(
      task("const name = `secret`; return await import(`" + upward + "/${name}.js`)"),
    ),
    "import() of a relative template above, as text": one(
      task(`const x = "secret"; return await import("${upward}/" + x + ".txt", ${textOption})`),
    ),
    "require() of a relative template above": one(
      task("const name = `secret`; return require(`" + upward + "/${name}.json`)"),
    ),
    "import.meta.resolve()": one(
      task(`(await import(import.meta.resolve("${files}/secret.js"))).secret`),
    ),
    "require()": one(task(`require("${path}/secret.json")`)),
    "require() in a try": one(
      task(`try { return require("${path}/secret"); } catch { return 0; }`),
    ),
    "createRequire()": one(task(
      `createRequire("${path}/x.js")("./secret.json")`,
      `import { createRequire } from "node:module";`,
    )),
    "a worker of file:": one(task(`await heard("${files}/posts.js")`, HEARD)),
    "a worker of data:": one(
      task(
        `await heard(${
          JSON.stringify(asData(
            `import s from "${files}/secret.txt" ${text}; postMessage(s);`,
          ))
        })`,
        HEARD,
      ),
    ),
    "a worker of a module": {
      "main.ts": task(`await heard("${own}/posts.js")`, HEARD),
      "posts.js": `const s = await import("${files}/secret.txt", ${textOption}); postMessage(s);`,
    },
    "fetch() of file:": one(task(`await (await fetch("${files}/secret.txt")).text()`)),
    "a source map": one(
      `export const task = () => { throw new Error(); };\n//# sourceMappingURL=${files}/secret.json`,
    ),
    "a relative source map": one(
      `export const task = () => { throw new Error(); };\n//# sourceMappingURL=${path}/secret.json`,
    ),
    "a reference": one(`/// <reference path="${files}/secret.js" />\n${task("1")}`),
    "types": one(`// @deno-types="${files}/secret.js"\nimport "./a.js";\n${task("1")}`),
    "the source of JSX": {
      "main.tsx": `/** @jsxRuntime automatic @jsxImportSource ${files} */\n${task("<a/>")}`,
      "main.ts": `export { task } from "./main.tsx";`,
    },
    "the source of JSX from the import map": {
      "main.tsx": `/** @jsxRuntime automatic @jsxImportSource folder */\n${task("<a/>")}`,
      "main.ts": `export { task } from "./main.tsx";`,
    },
    "a module of Node": one(
      task(`readFileSync("${path}/secret.txt", "utf8")`, `import { readFileSync } from "node:fs";`),
    ),
    "WebAssembly": one(task("s", `import * as s from "${files}/secret.wasm";`)),
    "a part of the program": one(task("s", `import * as s from "dl-jobs:entry";`)),
    "a part of the library": one(
      task("s", `import * as s from "dl-jobs:engines/slurm/../../../../..${path}/secret";`),
    ),
    "the folder of the job": one(task(`Deno.readTextFileSync("${path}/.dl_jobs/1/job.json")`)),
    "a module that is imported later": {
      "main.ts": task(`(await import("./" + "late" + ".js")).default`),
      "late.js": `export { default } from "${files}/secret.txt" ${text};`,
    },
  };
}

const HEARD = `const heard = (address) => new Promise((resolve) => {
  const worker = new Worker(address, { type: "module" });
  worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
  worker.onerror = (event) => (event.preventDefault(), resolve(event.message));
});`;
