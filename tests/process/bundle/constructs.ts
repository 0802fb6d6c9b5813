/**
 * Small modules, each with a construct of the language or of Deno. Each must return the same value
 * under `deno run` and as a task.
 *
 * @module
 */

/** The files of a program. The function is `task` of the first file. */
export type Files = Readonly<Record<string, string>>;

const WASM = "AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABagsACgRuYW1lAgMBAAA=";

/** Values that a CommonJS module gets from its loader. */
const SEEN =
  `typeof module.id, module.filename === __filename, module.paths.length > 0, module.parent === undefined,
  require.main === module, require.resolve("./part.cjs") === __dirname + "/part.cjs", require(["./part", "cjs"].join(".")),
  typeof require.cache, (() => { try { require("not-there"); } catch (error) { return error.code; } })()`;

/** Names of classes, functions and errors. */
export const NAMES: Readonly<Record<string, Files>> = {
  "a class in two modules": {
    "m.ts": `
      import { NotFound as Other } from "./other.ts";
      export class NotFound extends Error { override name = this.constructor.name; }
      export const task = () => [new NotFound("a").name, new Other("b").constructor.name, NotFound.name];`,
    "other.ts": "export class NotFound extends Error {}",
  },
  "names of the worker": {
    "m.ts": `
      class ResponseWriter {} class TaskRunner {} class Channel {}
      function serve() {} function exit() {} const load = () => {}, work = function () {};
      export const task = () => [ResponseWriter, TaskRunner, Channel, serve, exit, load, work].map((f) => f.name);`,
  },
  "a function in a function": {
    "m.ts": `
      import { load as other } from "./other.ts";
      function load() {}
      export function task() {
        function load2() {}
        const inner = () => { function load() {} class task {} return [load.name, task.name]; };
        return [load.name, other.name, load2.name, task.name, inner.name, inner()];
      }`,
    "other.ts": "export function load() {} export function inner() {}",
  },
  "a class that uses itself": {
    "m.ts": `
      export class Tile { static of() { return new Tile(); } static title = Tile.name; kind = this.constructor.name; }
      export const task = () => [Tile.name, Tile.title, Tile.of().kind, Tile.of() instanceof Tile];`,
  },
  "default exports without names": {
    "m.ts": `
      import f from "./f.ts"; import g from "./g.ts"; import h from "./h.ts"; import K from "./k.ts";
      export const task = () => [f.name, g.name, h.name, K.name, new K().kind];`,
    "f.ts": "export default () => 1;",
    "g.ts": "export default function () {}",
    "h.ts": "export default async function* () {}",
    "k.ts": "export default class { kind = this.constructor.name; }",
  },
  "names from properties": {
    "m.ts": `
      const key = "computed";
      const o = { a: () => {}, b: function () {}, [key]: () => {}, get c() { return () => {}; }, ["d e"]() {} };
      class P { static #x = () => {}; static y = class {}; static x() { return P.#x.name; } }
      const sym = { [Symbol("s")]: () => {} };
      export const task = () => [o.a.name, o.b.name, o.computed.name, o["d e"].name, o.c.name, P.x(), P.y.name,
        Object.getOwnPropertySymbols(sym).map((s) => (sym as any)[s].name)];`,
  },
  "names in a module with parameter properties": {
    "m.ts": `
      import { load } from "./other.ts";
      export class Tile { static title = ""; static { this.title = this.name; } constructor(readonly x = 1) {} }
      export const task = () => {
        class Tile { static title = ""; static { this.title = this.name; } constructor(readonly x = 1) {} }
        class NotFound extends Error { constructor(readonly id = 1) { super(); this.name = new.target.name; } }
        const inner = () => { function load() {} class NotFound {} return [load.name, NotFound.name]; };
        return [Tile.name, Tile.title, new NotFound().name, inner(), load()];
      };
      export class NotFound extends Error {}`,
    "other.ts": "export const load = () => load.name;",
  },
  "names of class expressions with parameter properties": {
    "m.ts": `
      const Outer = class { static size = 1; #x = 2; static title = this.name; constructor(readonly y = 1) {} };
      export const task = () => {
        const Inner = class { static size = 1; #x = 2; static { Outer.title += this.name; } constructor(readonly y = 1) {} };
        class Own { #x = 1; static of = () => {}; static Part = class {}; static of2() { return Own; } constructor(readonly y = 1) {} }
        return [Outer.name, Outer.title, Inner.name, Own.name, Own.of.name, Own.Part.name, Own.of2().name];
      };`,
  },
  "names in a module with using": {
    "m.ts": `
      import { load } from "./other.ts";
      using _done = { [Symbol.dispose]() {} };
      class Tile {}
      export const task = () => {
        using _done = { [Symbol.dispose]() {} };
        class Tile {}
        const inner = () => { class Tile {} const load = () => {}; return [Tile.name, load.name]; };
        return [Tile.name, inner(), load()];
      };
      export class Other extends Tile { static title = this.name; }`,
    "other.ts": "export const load = () => load.name;",
  },
  "names in a module with computed imports": {
    "m.ts": `
      import { load } from "./other.ts";
      export const task = async () => {
        const inner = () => { function load() {} return load.name; };
        return [inner(), load(), (await import(["./other", "ts"].join("."))).load()];
      };`,
    "other.ts": "export const load = () => load.name;",
  },
  "a class in a function, with the name of a class in another module": {
    "m.ts": `
      import { Tile as Base } from "./tile.ts"; import * as all from "./tile.ts"; import Plain from "./grid.ts";
      const make = () => new (class Tile extends Base { k = 1; }), wrap = (base: any) => base;
      const mix = (base: any, arg = class Tile extends all.Tile {}) => class Tile extends wrap(base) { static kind = Base.kind; twin() { return [new Base().size, arg.name]; } };
      class Own { static part = class Grid extends Plain {}; part = class Grid extends Plain { inner = class Tile { base = Base.kind; }; }; }
      function used() { return class Tile extends Base { again() { return [Tile.name, Base.kind, new Tile() instanceof Base]; } }; }
      const text = (id: string) => \`class Tile {
  \${id}\n}\`;
      export const task = () => {
        const Mixed: any = mix(Base), Part = new Own().part;
        return [make().k, make() instanceof Base, make().constructor.name, Mixed.kind, Mixed.name, new Mixed().twin(), Own.part.name,
          Part.name, new Part() instanceof Plain, new (new Part().inner)().base, new (used())().again(), text("x")];
      };`,
    "tile.ts": `export class Tile { static kind = "base"; size = 7; }`,
    "grid.ts": `export default class Grid {}`,
  },
  "a class in a function, with the name of a class in another module, and decorators": {
    "m.ts": `
      import { Tile as Base } from "./tile.ts"; const tag = (_: any, __: any) => {}, Object = 5;
      const make = () => class Tile extends Base { constructor(readonly y = 2) { super(); } z = this.y; of() { return new Base().size; } };
      const tagged = () => @tag class Tile extends Base { @tag y = 1; };
      export const task = () => { const Made = make(), Tagged = tagged(); return [new Made().z, new Made().of(), Made.name, new Tagged().y, Tagged.name, Object]; };`,
    "tile.ts": "export class Tile { size = 7; }",
  },
  "names of functions before they are declared": {
    "m.ts":
      `import * as other from "./other.ts"; import common from "./c.cjs"; import { late } from "./waits.ts";
      const names = [load, wait, each].map((f) => f.name), table = { [load.name]: load };
      function load() {} async function wait() {} function* each() {}
      export const task = () => [names, Object.keys(table), other.load.name, other.names, common.map((f: any) => f.name ?? f), late];`,
    "other.ts":
      `export const names = [load.name, wait.name]; export function load() {} export function wait() {} export function each() {}`,
    "c.cjs":
      `"use strict"; module.exports = [load, load.name, each]; function load() {} function each() {}`,
    "waits.ts":
      `import "./slow.ts"; import "./other.ts"; export const late = [load.name, await wait()]; function load() {} async function wait() { return await wait.name; }`,
    "slow.ts": `await Promise.resolve(1);`,
  },
  "names of bound and anonymous functions": {
    "m.ts": `
      const f = function () {}, g = f.bind(null), h = new Function("return 1");
      let late; late = () => {};
      const [d = () => {}] = [];
      export const task = (x: unknown, fn = () => {}) => [f.name, g.name, h.name, late!.name, d.name, fn.name, (() => {}).name];`,
  },
};

/** Modules and their order. */
export const MODULES: Readonly<Record<string, Files>> = {
  "the order of effects": {
    "m.ts": `
      import "./a.ts"; import { b } from "./b.ts"; import "./c.ts";
      (globalThis as any).order.push("m", b);
      export const task = () => (globalThis as any).order;`,
    "a.ts": `((globalThis as any).order ??= []).push("a");`,
    "b.ts": `import "./c.ts"; (globalThis as any).order.push("b"); export const b = 1;`,
    "c.ts": `(globalThis as any).order.push("c");`,
  },
  "top-level await": {
    "m.ts": `
      import { order } from "./order.ts"; import "./slow.ts"; import "./fast.ts";
      order.push(await Promise.resolve("m"));
      export const task = () => order;`,
    "slow.ts":
      `import { order } from "./order.ts"; await new Promise((r) => setTimeout(r, 20)); order.push("slow");`,
    "fast.ts": `import { order } from "./order.ts"; order.push("fast");`,
    "order.ts": "export const order: string[] = [];",
  },
  "modules that need each other": {
    "m.ts": `
      import { odd } from "./odd.ts";
      export function even(n: number): boolean { return n === 0 || odd(n - 1); }
      export class Base { static kind = "base"; }
      export const task = () => [even(10), odd(7)];`,
    "odd.ts": `
      import { even } from "./m.ts";
      export function odd(n: number): boolean { return n !== 0 && even(n - 1); }`,
  },
  "exports of other modules": {
    "m.ts": `
      import * as all from "./all.ts";
      export * as inner from "./all.ts";
      export const task = () => [Object.keys(all), all.x, all.y, all.default, typeof all, "z" in all];`,
    "all.ts":
      `export * from "./x.ts"; export { y, y as "a name" } from "./x.ts"; export default 3;`,
    "x.ts": "export const x = 1, y = 2; export default 9; export type z = 1;",
  },
  "names that a namespace object does not have": {
    "m.ts":
      `import * as esm from "./esm.ts"; import * as none from "./none.ts"; import * as cjs from "./c.cjs";
      export const task = () => ["é", typeof (esm as any).default, String((esm as any).z), String((none as any).y), String((cjs as any).x)];`,
    "esm.ts": "export const a = 1;",
    "none.ts": "globalThis;",
    "c.cjs": "exports.a = 1;",
  },
  "live bindings": {
    "m.ts": `
      import { count, add } from "./count.ts"; import * as ns from "./count.ts";
      export const task = () => { add(); return [count, ns.count, String(add()), count]; };`,
    "count.ts": "export let count = 0; export const add = () => { count++; };",
  },
  "a module at run time": {
    "m.ts": `
      import * as still from "./b.ts";
      export const task = async () => {
        const one = await import("./b.ts"), two = await import("./b.ts");
        return [one === two, one.b === still.b, Object.keys(one), (await import("./c.ts")).default];
      };`,
    "b.ts": "export const b = {}; export const a = 2;",
    "c.ts": "export default 5;",
  },
  "a module with a computed name": {
    "m.ts": `
      const name = "./" + ["parts", "b.ts"].join("/");
      export const task = async () => [(await import(name)).b, (await import(\`./parts/\${"c"}.ts\`)).c,
        (await import(new URL("./parts/b.ts", import.meta.url).href)).b,
        (await import(["node", "path"].join(":"))).sep, (await import(import.meta.resolve("./parts/c.ts"))).c];`,
    "parts/b.ts": `export const b: string = import.meta.url.split("/").at(-1)!;`,
    "parts/c.ts": "export const c: number = 2;",
  },
  "one instance of a module, also under a computed name": {
    "m.ts":
      `import { Tile, made } from "./tile.ts"; import { read } from "./read.ts"; import given from "./d.json" with { type: "json" }; export const own = {};
      export const task = async () => {
        const tile = "file://" + import.meta.dirname + "/tile.ts", me = await import(import.meta.url);
        const { Tile: Same } = await import(tile), { default: data } = await import("file://" + import.meta.dirname + "/d.json", { with: { type: "json" } });
        const late = "./late" + ".json", { default: one } = await import(late, { with: { type: "json" } });
        return [Same === Tile, me.own === own, me.task === task, await read(tile) === made, data, data === given, one === (await import("./late.json", { with: { type: "json" } })).default];
      };`,
    "tile.ts": "export class Tile {} export const made = [new Tile()];",
    "read.ts":
      "export const read = async (name: string): Promise<unknown> => (await import(name)).made;",
    "d.json": "[1]",
    "late.json": "[2]",
  },
  "one instance of a module, also of one that only import() names": {
    "m.ts": `const name = "./" + "late.ts";
      export const task = async () => {
        const [one, two, none] = [await import("./late.ts"), await import(name), await import("./none.ts").catch((error) => error.name)];
        return [one.x === two.x, one.part === (await import("./" + ["part", "ts"].join("."))).part, none];
      };`,
    "late.ts": `export { part } from "./part.ts"; export const x = {};`,
    "part.ts": "export const part = {};",
  },
  "a computed name in a package": {
    "m.ts":
      `import { load } from "pack"; export const task = async () => [(await load("part")).x, (await load("part")).x === (await load("part")).x];`,
    "package.json": `{ "dependencies": { "pack": "1" } }`,
    "node_modules/pack/package.json":
      `{ "name": "pack", "version": "1.0.0", "type": "module", "main": "./i.js" }`,
    "node_modules/pack/i.js":
      'import "./part.js"; export const load = (name) => import([".", name + ".js"].join("/"));',
    "node_modules/pack/part.js": "export const x = {};",
  },
  "a path with variable parts, and files that the program does not have": {
    "m.ts": `
      const load = async (load: () => Promise<unknown>) => { try { return await load(); } catch (error) { return [(error as Error).name, (error as { code?: string }).code ?? null]; } };
      export async function task(x: number) {
        await Deno.writeTextFile(new URL("./parts/made.ts", import.meta.url), "export const value = 2;");
        const part = ["", "made"][x]!, a = await import(\`./parts/\${part}.ts\`), json = "nothing";
        return [
          a.value, await import(\`./parts/\${x}.ts\`).catch((error) => error.name), await load(() => import("./parts/" + x + ".ts")),
          await load(() => import(\`./parts/\${json}.json\`, { with: { type: "json" } })),
          (await import(\`./parts/\${["b.ts?1"][x - 1]}\`)).value, (await import(\`./parts/\${["../parts/b.ts"][x - 1]}\`)).value,
        ];
      }`,
    "parts/b.ts": "export const value = 1;",
    "parts/b.json": "1",
  },
  "a path that other files match": {
    "m.ts": `const name = "a";
      export const task = async () => [(await import("./parts/" + name + ".ts")).x, (await import(\`./mixed/\${name + ".ts"}\`)).x,
        (await import(\`./\${name}.ts\`)).x, await import(\`./parts/\${"b"}.ts\`).catch((error) => error.name)];`,
    "a.ts": "export const x = 0;",
    "test.ts": `import "npm:this-package-does-not-exist-anywhere"; export const x = 9;`,
    "parts/a.ts": "export const x = 1;",
    "parts/b.ts": `import { z } from "not-there"; export const x: number = z;`,
    "parts/c.ts": "export const x = ;",
    "mixed/a.ts": "export const x = 2;",
    "mixed/README.md": "# Parts",
  },
  "a module that throws while it loads": {
    "m.ts": `
      export const task = async () => {
        const tell = (error: Error) => [error.name, error.message];
        return [await import("./bad.ts").catch(tell), await import("./bad.ts").catch(tell),
          await import("./none" + ".ts").catch((error) => error.name)];
      };`,
    "bad.ts": `throw new RangeError("bad");`,
  },
  "two instances by query": {
    "m.ts": `
      import { one } from "./b.ts?v=1"; import { one as two } from "./b.ts?v=2"; import { one as three } from "./b.ts?v=1";
      export const task = () => [one === two, one === three, two.url.split("/").at(-1)];`,
    "b.ts": "export const one = { url: import.meta.url };",
  },
  "names that are encoded": {
    "m.ts": `
      import { v as a } from "./a%23b.ts"; import { v as b } from "./c%3Fd.ts"; import { v as c } from "./half%25.ts";
      import { v as d } from "./with%20space.ts"; import { v as e } from "./%C3%BC.ts"; import { v as f } from "./ü.ts";
      import data from "./da%23ta.json" with { type: "json" };
      export const task = () => [a, b, c, d, e, f, data];`,
    "a#b.ts": `export const v = import.meta.url.split("/").at(-1);`,
    "c?d.ts": `export const v = import.meta.filename!.split("/").at(-1);`,
    "half%.ts": "export const v = 3;",
    "with space.ts": "export const v = 4;",
    "ü.ts": "export const v = {};",
    "da#ta.json": "[1]",
  },
  "names with brackets": {
    "[a]/m.ts": `import { id } from "./[id].ts"; import { v } from "../b^c|d.ts";
      export const task = async () => [import.meta.url.split("/").slice(-2), await id(), v,
        (await import(import.meta.url)).task === task, (await import("./" + "[id].ts")).id === id];`,
    "[a]/[id].ts": `import { w } from "lib"; export const id: () => Promise<unknown> = async () =>
      [import.meta.url.split("/").slice(-2), (await import(import.meta.url)).id === id, w];`,
    "b^c|d.ts": `export const v = import.meta.url.split("/").at(-1);`,
    "deno.json": `{ "imports": { "lib": "./[a]/lib[1].ts" } }`,
    "[a]/lib[1].ts": "export const w = import.meta.url.split('/').at(-1);",
  },
  "endings in capitals, and no ending": {
    "m.TS":
      `import { a } from "./A.MJS"; import { b } from "./B.TSX"; import { c } from "./C.CJS"; import { d } from "./parts/d"; import { e } from "./.e";
      const names = ["./A.MJS", "./parts/d"];
      export const task = async (): Promise<unknown> => [a, b, c, d, e, (await import(names[0]!)).a === a, (await import(names[1]!)).d === d];`,
    "A.MJS": "export const a = [1];",
    "B.TSX": "export const b: number = 2;",
    "C.CJS": "exports.c = typeof __dirname;",
    "parts/d": "export const d: number[] = [3];",
    ".e": "export const e: number = 4;",
  },
  "names that differ only in upper and lower case": {
    "m.ts": `
      import * as a from "./Tile.ts"; import * as b from "./tile.ts"; import c from "./P/c.cjs"; import d from "./p/c.cjs";
      import e from "./D.json" with { type: "json" }; import f from "./d.json" with { type: "json" };
      export const task = async () => {
        const name = ["./tile", "ts"].join(".");
        return [a.at, b.at, (await import(name)).Tile === b.Tile, a.Tile.name, b.Tile.name, c, d, e, f];
      };`,
    "Tile.ts": `export class Tile {} export const at = import.meta.url.split("/").pop();`,
    "tile.ts": `export class Tile {} export const at = import.meta.url.split("/").pop();`,
    "P/c.cjs": `module.exports = ["P", require("./X"), require("./x")];`,
    "P/X.js": `module.exports = "X";`,
    "P/x.js": `module.exports = "x";`,
    "p/c.cjs": `module.exports = "p";`,
    "D.json": "1",
    "d.json": "2",
  },
  "a linked file": {
    "m.ts": `import { one } from "./parts/one.ts"; import { one as two, from } from "./link.ts";
      export const task = () => [one === two, from];`,
    "parts/one.ts":
      `export const one = {}; export const from = import.meta.url.split("/").slice(-2);`,
    "link.ts": "-> parts/one.ts",
  },
  "a name that contains an encoding": {
    "m.ts": `import { v } from "./a%2520b.ts"; export const task = () => [v, v.length];`,
    "a%20b.ts": `export const v = import.meta.url.split("/").at(-1)!;`,
  },
  "an import map with scopes": {
    "m.ts": `import { x } from "lib"; import { y } from "~/y.ts"; import { z } from "./old.ts";
      export const task = async () => [x, y, z, import.meta.resolve("lib").split("/").at(-1), (await import(["l", "ib"].join(""))).x];`,
    "src/lib.ts": `export { x } from "lib";`,
    "src/real.ts": "export const x = 1;",
    "src/y.ts": "export const y = 2;",
    "new.ts": "export const z = 3;",
    "deno.json": JSON.stringify({
      imports: { lib: "./src/lib.ts", "~/": "./src/", "./old.ts": "./new.ts" },
      scopes: { "./src/": { lib: "./src/real.ts" } },
    }),
  },
  "computed names of an import map in another folder": {
    "m.ts":
      `export const task = async () => [import.meta.resolve("lib").split("/").at(-1), (await import(["l", "ib"].join(""))).x, (await import("parts/" + ["y", "ts"].join("."))).y];`,
    "src/lib.ts": "export const x = 1;",
    "src/y.ts": "export const y = 2;",
    "maps/ours.json": `{ "imports": { "lib": "../src/lib.ts", "parts/": "../src/" } }`,
    "deno.json": `{ "importMap": "./maps/ours.json" }`,
  },
  "computed names of the import map of a workspace": {
    "part/m.ts": `const names = ["shared", "sub/a.ts", "own", "both"];
      export const task = async () => [import.meta.resolve("shared").split("/").at(-1), await Promise.all(names.map(async (name) => (await import(name)).value))];`,
    "deno.json":
      `{ "workspace": ["./part"], "imports": { "shared": "./a.ts", "sub/": "./", "both": "./a.ts" } }`,
    "a.ts": "export const value = 'a';",
    "part/b.ts": "export const value = 'b';",
    "part/deno.json": `{ "imports": { "own": "./b.ts", "both": "./b.ts" } }`,
  },
  "compiler options of a workspace": {
    "a/m.ts":
      `const seen: unknown[] = [], tag = (target: any, key?: any) => { seen.push(typeof target, key ?? null); };
      class Tiles { @tag m() {} } export const task = () => [seen, Tiles.name];`,
    "a/deno.json": `{ "name": "@us/a", "version": "1.0.0", "exports": "./m.ts" }`,
    "deno.json": `{ "workspace": ["./a"], "compilerOptions": { "experimentalDecorators": true } }`,
  },
  "compiler options of the members of a workspace": {
    "m.tsx": `import { seen, made } from "./old/m.tsx"; import { types } from "./types/m.ts";
      const tag = (_: any, { kind }: any) => { kinds.push(kind); }, kinds: string[] = [], h = (...all: unknown[]) => all;
      class Tiles { @tag m() {} } export const task = () => [seen, made, types, kinds, <b />, Tiles.name];`,
    "old/m.tsx":
      `export const seen: unknown[] = []; const tag = (...all: any[]) => { seen.push(typeof all[0], all[1]); };
      class Tiles { @tag m() {} } const make = (...all: unknown[]) => all;
      class Part { y = this.x; constructor(readonly x = 1) {} } export const made = [<i />, Tiles.name, new Part().y];`,
    "old/deno.json":
      `{ "name": "@us/old", "exports": "./m.tsx", "compilerOptions": { "experimentalDecorators": true, "jsxFactory": "make" } }`,
    "types/m.ts": `export const types: unknown[] = [];
      (Reflect as any).metadata = (key: string, value: any) => () => { types.push(key, value?.name ?? null); };
      const tag = (_: any, __: any) => {}; class Tiles { @tag title: string = "a"; }`,
    "types/deno.json":
      `{ "name": "@us/types", "exports": "./m.ts", "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }`,
    "deno.json":
      `{ "workspace": ["./old", "./types"], "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }`,
  },
  "compiler options of tsconfig.json": {
    "m.ts":
      `const seen: unknown[] = [], tag = (target: any, key?: any) => { seen.push(typeof target, key ?? null); };
      class Tiles { @tag m() {} } export const task = () => [seen, Tiles.name];`,
    "tsconfig.json":
      `{ "extends": "./base.json", /* ours */ "compilerOptions": { "strict": true, }, }`,
    "base.json": `{ "compilerOptions": { "experimentalDecorators": true } }`,
    "package.json": "{}",
  },
  "members of a workspace": {
    "a/m.ts":
      `import { b } from "@us/b"; import { c } from "@us/b/c"; export const task = () => [b, c];`,
    "deno.json": `{ "workspace": ["./a", "./b"] }`,
    "a/deno.json": `{ "name": "@us/a", "version": "1.0.0", "exports": "./m.ts" }`,
    "b/deno.json":
      `{ "name": "@us/b", "version": "1.0.0", "exports": { ".": "./mod.ts", "./c": "./c.ts" }, "imports": { "own": "./own.ts" } }`,
    "b/mod.ts": `export { own as b } from "own";`,
    "b/own.ts": `export const own = 1;`,
    "b/c.ts": "export const c = 2;",
  },
};

/** Values that describe the program. */
export const PROGRAM: Readonly<Record<string, Files>> = {
  "import.meta": {
    "m.ts": `import { of } from "./sub/b.ts";
      const { url, filename, dirname, main } = import.meta;
      export const task = () => [url, filename, dirname, main, import.meta.resolve("./x"), Object.keys({ ...import.meta }).sort(), of(),
        new URL("./data.txt", import.meta.url).pathname, Deno.readTextFileSync(new URL("./data.txt", import.meta.url))];`,
    "sub/b.ts": "export const of = () => [import.meta.url, import.meta.dirname];",
    "data.txt": "data",
  },
  "arguments of the program": {
    "m.ts": `import process from "node:process";
      export const task = () => [Deno.args, process.argv.length, (globalThis as any).process.argv.length, process.argv.slice(2), Deno.args.length];`,
  },
  "a module that Node would not run as the main module": {
    "m.ts":
      `import { realpathSync } from "node:fs"; import { fileURLToPath, pathToFileURL } from "node:url";
      const [, main] = process.argv, own = fileURLToPath(import.meta.url);
      export const task = () => [main === own, realpathSync(main!) === own, pathToFileURL(main!).href === import.meta.url, import.meta.main];`,
  },
  "arguments without Node": {
    "m.ts":
      `export const task = () => [Deno.args, typeof Deno.mainModule, Deno.build.os, Deno.cwd(), navigator.userAgent, typeof window, typeof self];`,
  },
  "a worker of the web": {
    "m.ts": `export const task = () => new Promise((resolve) => {
        const worker = new Worker(new URL("./w.ts", import.meta.url), { type: "module" });
        worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
        worker.postMessage(2);
      });`,
    "w.ts": "self.onmessage = ({ data }: any) => (self as any).postMessage(data * 2);",
  },
};

/** Classes with decorators that use themselves while they are defined. */
const SELF_USED = `
      const dec = (): any => (_: any, __?: any) => {}, names: string[] = [], reg = (c: any) => void names.push(c.name);
      class Foo { static text = "Hello"; static size = Foo.text.length; @dec() read() { return Foo.size; } }
      @reg class Tile { static a = 1; static b = Tile.a + 1; static title = Tile.name; #x = 3; static of() { return new Tile().#x; } }
      export const task = () => [Foo.size, Foo.name, new Foo().read(), Tile.b, Tile.title, Tile.of(), names];`;

/** Syntax. */
export const SYNTAX: Readonly<Record<string, Files>> = {
  "enums and namespaces": {
    "m.ts": `
      enum Size { Small = 1, Big } const enum Fast { One = 1 } enum Text { A = "a" } declare const unused: number;
      namespace Tiles { export const mean = 2; export namespace Deep { export const x = mean; } }
      export const task = () => [Size, Size[2], Fast.One, Text, Tiles.mean, Tiles.Deep.x];`,
  },
  "fields and accessors": {
    "m.ts": `
      class A { constructor(public x: number, readonly y = 2) {} #p = 1; static s = [1]; get p() { return this.#p; } static { this.s.push(2); } }
      class B extends A { declare x: number; q = this.x; }
      export const task = () => [Object.entries(new B(5)), new A(1).p, A.s];`,
  },
  "fields that use parameter properties": {
    "m.ts": `
      class A { constructor(private readonly x: number, public y = f(")")) {} z = this.x; #w = () => this.y; w() { return this.#w(); } #p = [this.x]; get p() { return this.#p; } late?: number; }
      class B extends A {
        k = 5; static s = this.name;
        constructor(n: { a: number; b: string }, /* public */ override readonly y: string) { const x = n.a * 2; super(x); this.k += n.a; }
        o = this.y + this.k; ["c" + "d"] = this.z;
      }
      const C = class<T> { constructor(protected v: T) {} v2 = [this.v]; };
      class Set { set x(v: number) { this.got = v; } got = 0; } class D extends Set { override x = 5; constructor(public q: number) { super(); } }
      const seen: unknown[] = [], tag = (_: unknown, { name }: any) => { seen.push(String(name)); };
      class E { @tag #p = 1; constructor(readonly q = 2) {} @tag r = this.q; @tag m() { return this.#p; } }
      const f = (x: string) => x, b = new B({ a: 1, b: "" }, "y");
      const thrown = () => { try { new (class { constructor(public x: any) {}
        z = this.x.none.here; })(1); } catch (error) { return (error as Error).stack!.split("\\n")[1]!.match(/m.ts.*/)![0]; } };
      export const task = () => [new A(1), Object.keys(new A(1)), new A(1).p, new A(2).w(), b, Object.keys(b), B.s, new C(3), new D(1), new E(), new E().m(), seen, thrown()];`,
  },
  "decorators": {
    "m.ts": `
      const log: unknown[] = [];
      const tag = (value: any, { kind, name }: any) => { log.push([kind, String(name), typeof value]); };
      @tag class Tiles { @tag x = 1; @tag static m() {} @tag get g() { return 1; } @tag #p = 1; p() { return this.#p; } }
      export const task = () => [log, Tiles.name, new Tiles().p()];`,
  },
  "decorators of before": {
    "m.ts": `
      const log: unknown[] = [];
      const tag = (target: any, key?: any) => { log.push([typeof target, String(key)]); };
      @tag class Tiles { @tag x = 1; @tag static m(@((_: any, k: any, i: number) => { log.push([k, i]); }) _a: number) {} }
      export const task = () => [log, Tiles.name];`,
    "deno.json": `{ "compilerOptions": { "experimentalDecorators": true } }`,
  },
  "classes with decorators that use themselves": {
    "m.ts": SELF_USED,
  },
  "classes with decorators of before that use themselves": {
    "m.ts": SELF_USED,
    "deno.json": `{ "compilerOptions": { "experimentalDecorators": true } }`,
  },
  "types that decorators see": {
    "m.ts": `import { at } from "./at.ts"; const seen: unknown[] = [];
      (Reflect as any).metadata = (key: string, value: any) => () => { seen.push([key, value?.name ?? value.map((v: any) => v.name)]); };
      const tag = (_: any, __: any) => {};
      class Tiles { @tag title: string = "a"; @tag mean(_x: number): boolean { return true; } }
      export const task = () => [seen, Tiles.name, at(), import.meta.url.split("/").at(-1)];`,
    "at.ts": `const tag = (_: any, __: any) => {}; class K { @tag m(): void {} }
      export const at = (): unknown => [K.name, new Error("here").stack!.split("\\n")[1]];`,
    "deno.json":
      `{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }`,
  },
  "using": {
    "m.ts": `
      export const task = async () => {
        const said: string[] = [];
        { using _a = { [Symbol.dispose]: () => void said.push("a") }; await using _b = { [Symbol.asyncDispose]: async () => void said.push("b") }; }
        try { using _c = { [Symbol.dispose]: () => { throw new Error("c"); } }; throw new Error("d"); } catch (error) { said.push((error as Error).name); }
        return said;
      };`,
  },
  "using, outside of functions": {
    "m.ts": `const said: string[] = [];
      using a = { [Symbol.dispose]() { said.push("a"); } };
      await using b: AsyncDisposable = { async [Symbol.asyncDispose]() { said.push("b"); } };
      export class Tile { static of() { return new Tile(); } }
      export const task = () => [said, typeof a, typeof b, Tile.name, Tile.of() instanceof Tile];
      said.push("end");`,
  },
  "JSX whose package a comment names": {
    "m.tsx": `/** @jsxImportSource ours */
      export const task = async () => [<b a={1}>bold</b>, (await import(["./o", ".tsx"].join(""))).o];`,
    "o.tsx":
      `/** @jsxImportSource ours */ const name = "./p.ts"; export const o: unknown = [<i />, await import([name].join(""))];`,
    "p.ts": "export const p = 1;",
    "rt/jsx-runtime.ts":
      `export const jsx = (...all: unknown[]) => all.slice(0, 2); export const jsxs = jsx;`,
    "deno.json": `{ "imports": { "ours/jsx-runtime": "./rt/jsx-runtime.ts" } }`,
  },
  "JSX": {
    "m.tsx": `
      /** @jsx h */ /** @jsxFrag Frag */
      const h = (tag: unknown, props: unknown, ...inside: unknown[]) => [typeof tag, props, inside]; const Frag = () => {};
      export const task = () => <><b title="x &amp; y">bold {1}  two</b></>;`,
  },
  "JSX of a package": {
    "m.tsx": `export const task = () => <b a={1} key="k">bold</b>;`,
    "rt/jsx-runtime.ts":
      `export const jsx = (...all: unknown[]) => all.slice(0, 3); export const jsxs = jsx, Fragment = "f";`,
    "deno.json":
      `{ "imports": { "ours/jsx-runtime": "./rt/jsx-runtime.ts" }, "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "ours" } }`,
  },
  "types that vanish": {
    "m.ts": `
      import { type T, v } from "./t.ts"; import type X from "./none.ts"; import { U } from "./t.ts"; import * as unused from "./effect.ts";
      export type { T }; export { type U } from "./t.ts";
      const x = { a: 1 } satisfies T, y = <number> x.a, z = x!.a as unknown as X;
      export const task = (_?: U) => [v, y, z, (globalThis as any).effect ?? "none"];
      let keep: typeof unused;`,
    "t.ts": "export interface T { a: number } export type U = 1; export const v = 2;",
    "effect.ts": "(globalThis as any).effect = 1; export const e = 1;",
  },
  "strictness and globals": {
    "m.js": `
      export const task = () => [(function () { return this === undefined; })(), typeof this, typeof globalThis, typeof undeclared,
        (() => { try { Object.freeze([]).push(1); } catch (error) { return error.name; } })(),
        (() => { try { undeclared = 1; } catch (error) { return error.name; } })(), new Function("return this")() === globalThis];`,
  },
  "variables with the names of globals": {
    "m.js":
      `var name = 1, status = 2, process = 3, Buffer = 4, Deno = 5, JSON = { parse: 6, stringify: () => 7 };
      function fetch() { return 8; } class Map { kind = this.constructor.name; } const Promise = 9, Object = 10, Error = 11, Uint8Array = 12;
      const performance = 13, setTimeout = 14, TextEncoder = 15, console = 16, queueMicrotask = 17; let Array = 18; class String {}
      export const task = () => [name, status, process, Buffer, Deno, JSON.stringify(), fetch(), new Map().kind, Promise, Object, Error,
        Uint8Array, performance, setTimeout, TextEncoder, console, queueMicrotask, Array, Map.name, String.name, fetch.name];`,
  },
  "CommonJS that was compiled from ES modules": {
    "m.ts":
      `import whole, { named } from "./c.cjs"; import * as ns from "./c.cjs"; import pack from "pack";
      export const task = async () => [whole, named, ns.default === whole, (await import("./c.cjs")).default === whole, pack];`,
    "c.cjs":
      `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.default = 1; exports.named = 2;`,
    "package.json": `{ "dependencies": { "pack": "*" } }`,
    "node_modules/pack/package.json": `{ "name": "pack", "version": "1.0.0" }`,
    "node_modules/pack/index.js":
      `Object.defineProperty(exports, "__esModule", { value: true }); exports.default = 3; exports.d = require("./d");`,
    "node_modules/pack/d.js":
      `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.default = 4;`,
  },
  "what CommonJS modules see of their loader": {
    "m.ts":
      `import loose from "./loose.cjs"; import strict from "./strict.cjs"; import again from "./again.cjs";
      export const task = () => [loose, strict, again];`,
    "loose.cjs": `module.exports = [${SEEN}];`,
    "strict.cjs": `"use strict"; module.exports = [${SEEN}];`,
    "again.cjs": `const one = require("./n.cjs"); delete require.cache[require.resolve("./n.cjs")];
      module.exports = [one, require("./n.cjs")];`,
    "n.cjs": "module.exports = globalThis.times = (globalThis.times ?? 0) + 1;",
    "part.cjs": "module.exports = 'part';",
  },
  "one instance of a CommonJS module, also of one that Node requires": {
    "m.ts":
      `import pack from "pack"; import c from "./c.cjs"; import { createRequire } from "node:module";
      const require = createRequire(import.meta.url), early = require("./early.cjs");
      import { late } from "./late.ts";
      export const task = async () => [pack("a"), pack("b"), pack("a"), require("pack") === pack, require("./c.cjs") === c, c.loads,
        (await late()) === early, require("./early.cjs") === early, (await import("pack/" + ["lib", "base"].join("/") + ".js")).default === require("pack/lib/base.js")];`,
    "c.cjs": "exports.loads = globalThis.loads = (globalThis.loads ?? 0) + 1;",
    "early.cjs": `"use strict"; exports.loads = globalThis.early = (globalThis.early ?? 0) + 1;`,
    "late.ts": `export const late = async () => (await import("./early.cjs")).default;`,
    "package.json": `{ "dependencies": { "pack": "1" } }`,
    "node_modules/pack/package.json": `{ "name": "pack", "version": "1.0.0" }`,
    "node_modules/pack/index.js": `const Base = require("./lib/base"), made = require("./lib/made");
      module.exports = (name) => { const { Part } = require("./parts/" + name); return [new Part() instanceof Base, made.list, made.circle()]; };`,
    "node_modules/pack/lib/base.js": `"use strict"; module.exports = class Base {};`,
    "node_modules/pack/lib/made.js":
      `exports.list = []; const name = "./circle"; exports.circle = () => [Object.keys(require(name).made), Object.getPrototypeOf(exports) === Object.prototype]; exports.circle();`,
    "node_modules/pack/lib/circle.js": `exports.made = require("./made");`,
    "node_modules/pack/parts/a.js":
      `const Base = require("../lib/base"); require("../lib/made").list.push("a"); exports.Part = class extends Base {};`,
    "node_modules/pack/parts/b.js":
      `const Base = require("../lib/base.js"); require("../lib/made").list.push("b"); exports.Part = class extends Base {};`,
  },
  "createRequire in a module with decorators": {
    "m.ts": `import { createRequire } from "node:module"; import c from "./c.cjs";
      const require = createRequire(import.meta.url), mark = (..._: any[]) => {};
      class Tile { @mark size: number = 1; }
      export const task = () => [require("./c.cjs") === c, c.loads, new Tile().size];`,
    "c.cjs": `"use strict"; exports.loads = globalThis.loads = (globalThis.loads ?? 0) + 1;`,
    "deno.json":
      `{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }`,
  },
  "CommonJS modules that throw an error, also when Node requires them": {
    "m.ts":
      `import tries from "./tries.cjs"; export const task = () => [tries, globalThis.strict, globalThis.sloppy];`,
    "tries.cjs":
      `const at = (load) => { try { return load(); } catch (error) { return error.message; } };
      const names = ["strict", "sloppy"].map((name) => "./" + name + ".cjs");
      module.exports = [at(() => require("./loads.cjs")), at(() => require("./loads.cjs")), ...names.map((name) => at(() => require(name)))];`,
    "loads.cjs": `"use strict"; try { require("./sloppy.cjs"); } catch {} require("./strict.cjs");`,
    "strict.cjs":
      `"use strict"; exports.part = 1; throw new Error("strict " + (globalThis.strict = (globalThis.strict ?? 0) + 1));`,
    "sloppy.cjs":
      `exports.part = 1; throw new Error("sloppy " + (globalThis.sloppy = (globalThis.sloppy ?? 0) + 1));`,
  },
  "imports in CommonJS modules": {
    "m.ts":
      `import { id } from "./part.mjs"; import a from "./a.cjs"; import b from "./b.cjs"; import c from "./c.cjs";
      export const task = async () => [await a(id), await b(id), await c("./part.mjs", id), await a(id) === await a(id)];`,
    "part.mjs": "export const id = { n: 1 }; export default 7;",
    "other.mjs": "export const other = import.meta.url.split('/').at(-1);",
    "data.json": `{ "k": 5 }`,
    "a.cjs": `module.exports = async (id) => {
        const part = await import("./part.mjs"), { default: data } = await import("./data.json", { with: { type: "json" } });
        return [part.id === id, part.default, data.k, (await import("node:path")).basename("/x/y"), typeof module.id];
      };`,
    "b.cjs": `"use strict"; module.exports = async (id) => {
        const part = await import("./part.mjs");
        return [part.id === id, part.default, (await import("node:path")).basename("/x/y")];
      };`,
    "c.cjs": `"use strict"; module.exports = async (name, id) => {
        const part = await import(name), { other } = await import("./ot" + "her.mjs".slice(0));
        return [part.id === id, part.default, other, await import("./not-there.mjs").catch((error) => error.constructor.name)];
      };`,
  },
  "ES modules that CommonJS modules require": {
    "m.ts": `import a from "./a.cjs"; import b from "./b.cjs"; export const task = () => [a, b];`,
    "a.cjs":
      `const whole = require("./whole.mjs"), plain = require("./plain.mjs"); module.exports = [whole(2), plain.x, plain.default];`,
    "b.cjs":
      `"use strict"; module.exports = [require("./whole.mjs")(3), require("./plain.mjs").x];`,
    "whole.mjs":
      `const twice = (x) => x * 2; export { twice as "module.exports" }; export default 5;`,
    "plain.mjs": "export const x = 1; export default 2;",
  },
  "ES modules for compiled CommonJS modules": {
    "m.ts":
      `import strict from "./a.cjs"; import sloppy from "./b.cjs"; import * as plain from "./plain.mjs";
      export const task = async () => [strict.read(plain), sloppy.read(plain), await strict.late(), await sloppy.late()];`,
    "a.cjs":
      `"use strict"; const interop = (module) => module && module.__esModule ? module : { default: module };
      exports.read = (plain) => [interop(require("./plain.mjs")).default.x, interop(require("./whole.mjs")).default, Object.keys(require("./whole.mjs")),
        require("./plain.mjs") === plain, require("./whole.mjs") === require("./whole.mjs"), interop(require("./marked.mjs")).x, typeof require("./marked.mjs").toString];
      exports.late = async () => { try { return require("./waits.mjs").x; } catch (error) { return [error.code, (await import("./waits.mjs")).x]; } };`,
    "b.cjs":
      `const interop = (module) => module && module.__esModule ? module : { default: module };
      exports.read = (plain) => [interop(require("./plain.mjs")).default.x, interop(require("./whole.mjs")).default, require("./plain.mjs") === plain];
      exports.late = async () => { try { return require("./waits.mjs").x; } catch (error) { return [error.code, (await import("./waits.mjs")).x]; } };`,
    "plain.mjs": "export const x = 1;",
    "whole.mjs": "export default 2; export const y = 3;",
    "marked.mjs": "export const __esModule = true, x = 4; export default 5;",
    "waits.mjs": `export { x } from "./part.mjs";`,
    "part.mjs": "export const x = await Promise.resolve(6);",
  },
  "CommonJS modules that may be the main module": {
    "m.ts": `import a from "./a.cjs"; import b from "./b.cjs"; export const task = () => [a, b];`,
    "a.cjs": `const { parent } = module;
      module.exports = [!parent, typeof parent, parent.filename.split("/").at(-1), require.main, require.main === module];
      if (!module.parent) throw new Error("not the main module");`,
    "b.cjs": `"use strict"; module.exports = [!module.parent, process.mainModule === module];`,
  },
  "CommonJS in packages by their type": {
    "m.ts":
      `import a, { named } from "./common/a.js"; import b from "./common/sub/b.ts"; import c from "./common/c.cts"; import own from "./common/esm.js"; import "./common/late.ts";
      import min from "min"; import note from "note"; import { linked } from "@us/linked";
      export const task = () => [a, named, b, c, own, min, note, linked, (globalThis as any).effect, (globalThis as any).late];`,
    "common/late.ts":
      "const late: number = await Promise.resolve(1); (globalThis as any).late = late;",
    "package.json":
      `{ "workspaces": ["./packages/*"], "dependencies": { "@us/linked": "*", "min": "1", "note": "1" } }`,
    "common/package.json": `{ "type": "commonjs" }`,
    "common/a.js":
      "require('./effect'); exports.named = 1; exports.values = [__dirname.split('/').at(-1), typeof require.resolve, (function () { return this === undefined; })()];",
    "common/effect.js": "'use strict'; globalThis.effect = typeof __filename;",
    "common/sub/b.ts": "const size: number = 1; module.exports = [size, typeof __dirname];",
    "common/c.cts": "const size: number = 2; module.exports = [size, typeof require.resolve];",
    "common/esm.js": "export default typeof require;",
    "packages/linked/package.json":
      `{ "name": "@us/linked", "version": "1.0.0", "type": "commonjs", "main": "./i.js" }`,
    "packages/linked/i.js": "exports.linked = [typeof __dirname, typeof require.cache];",
    "node_modules/@us/linked": "-> ../../packages/linked",
    "node_modules/min/package.json": `{ "name": "min", "version": "1.0.0" }`,
    "node_modules/min/index.js": `var module="min",t=[module,typeof exports];export{t as default};`,
    "node_modules/note/package.json": `{ "name": "note", "version": "1.0.0" }`,
    "node_modules/note/index.js":
      "/*\nimport x from y\n*/ module.exports = [typeof __dirname, this === exports];",
  },
  "CommonJS with imports and exports of TypeScript": {
    "m.ts": `import a from "./a.cts"; import b from "./b.cts"; export const task = () => [a, b];`,
    "a.cts": `import path = require("node:path"); import c = require("./c.cts");
      export = [path.basename(__filename), c, (function (this: unknown) { return this === undefined; })()];`,
    "b.cts": `import type { Stats } from "node:fs";
      const stats: Stats | undefined = undefined; module.exports = [String(stats), typeof __dirname];`,
    "c.cts": "enum Size { Small = 4 }\nexport = Size.Small;",
  },
  "CommonJS without strictness": {
    "m.ts":
      `import sloppy, { named } from "./c.cjs"; import * as ns from "./c.cjs"; import strict from "./s.cjs";
      export const task = () => [sloppy, named, ns.default === sloppy, strict];`,
    "c.cjs": `
      function callee() { return arguments.callee.name; } 
      implied = 010;
      exports.named = [(function () { return this === globalThis; })(), this === exports, callee(), implied, typeof require, __filename.split("/").at(-1), typeof module.exports];
      exports.d = require("./d.cjs"); exports.j = require("./j.json"); exports.p = require("path").sep; exports.with = (function (o) { with (o) { return x; } })({ x: 7 });`,
    "s.cjs": `"use strict"; module.exports = [(function () { return this === undefined; })()];`,
    "d.cjs": "module.exports = class D {}.name;",
    "j.json": `{ "j": 1 }`,
  },
  "variables of Node in a module": {
    "m.ts":
      `import strict from "./s.cjs"; declare const __filename: string, module: unknown, exports: unknown, global: unknown;
      export const task = () => [typeof __filename, typeof module, typeof exports, typeof global, typeof process, typeof Buffer, strict];`,
    "s.cjs":
      `"use strict"; module.exports = [typeof __filename, __dirname.split("/").length, typeof require, typeof module];`,
  },
  "imports that only types use, kept": {
    "m.ts":
      `import { T } from "./t.ts"; import {} from "./empty.ts"; export const task = () => [(globalThis as any).t, (globalThis as any).empty].map(String);`,
    "t.ts": "(globalThis as any).t = 1; export const T = 1;",
    "empty.ts": "(globalThis as any).empty = 1;",
    "deno.json": `{ "compilerOptions": { "verbatimModuleSyntax": true } }`,
  },
  "require in a module": {
    "m.ts":
      `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);
      export const task = () => [require("./c.cjs"), require("./j.json"), require("node:path").sep];`,
    "c.cjs": "module.exports = __dirname === require('path').dirname(__filename);",
    "j.json": "[1]",
  },
  "scripts without imports and exports": {
    "m.ts": `import "./umd.js"; import "./old.js"; import "./script.ts";
      export const task = () => { const { Lib, Old, seen } = globalThis as any; return [typeof Lib?.go, typeof Old, seen]; };`,
    "umd.js": `/* May export Lib. */ (function (global, factory) {
        typeof exports === "object" && typeof module !== "undefined" ? factory(exports) : factory((global = globalThis).Lib = {});
      })(this, function (exports) { exports.go = function () {}; });`,
    "old.js":
      `var Old = {}; if (typeof module !== "undefined" && module.exports) module.exports = Old; else globalThis.Old = Old;`,
    "script.ts":
      `(globalThis as any).seen = [typeof this, typeof exports, typeof module, typeof (globalThis as any).hidden]; var hidden: number = 1;`,
  },
  "files that are CommonJS modules only when they are required": {
    "m.ts":
      `import sloppy from "./a.cjs"; import strict from "./b.cjs"; import "./umd.js"; import { x } from "./esm.js";
      export const task = () => [sloppy, strict, typeof (globalThis as any).Umd, strict.esm.x === x];`,
    "a.cjs":
      `module.exports = [require("./part.js"), require("./umd.js"), require("./part") === require("./part.js")];`,
    "b.cjs":
      `"use strict"; exports.all = [require("./part"), require("./umd.js"), require("./strict.js")]; exports.esm = require("./esm.js");`,
    "part.js":
      "module.exports = ['part', typeof __dirname, (function () { return typeof this; })()];",
    "strict.js": "'use strict'; exports.strict = require('./part');",
    "umd.js":
      "if (typeof module !== 'undefined') module.exports = { u: 1 }; else globalThis.Umd = {};",
    "esm.js": "export const x = [typeof module];",
  },
  "names without endings in CommonJS": {
    "m.ts":
      `import sloppy from "./a.cjs"; import strict from "./b.cjs"; export const task = () => [sloppy, strict];`,
    "a.cjs": `module.exports = [require("./x"), require("./y"), require("./dir")];`,
    "b.cjs":
      `"use strict"; module.exports = [require("./x"), require("./y"), require("./dir"), require("./z")];`,
    "package.json": `{ "type": "commonjs" }`,
    "x.js": "module.exports = 'x.js';",
    "x.ts": "module.exports = 'x.ts';",
    "y.json": `"y.json"`,
    "y.ts": "module.exports = 'y.ts';",
    "dir/index.js": "module.exports = 'dir.js';",
    "dir/index.ts": "module.exports = 'dir.ts';",
    "z.jsx": "module.exports = 'z.jsx';",
    "z.js": "module.exports = 'z.js';",
  },
  "a require that a module looks for": {
    "m.ts": `
      import { own } from "./own.js"; declare const require: any, module: any;
      export const task = () => [typeof require, typeof require === "function" && require.main === module, own];
      if (typeof require !== "undefined" && require.main === module) throw new Error("no module of Node");`,
    "own.js": `
      import { createRequire as require } from "node:module"; const load = require(import.meta.url);
      export const own = [typeof require, load("node:path").sep, ((require) => typeof require)(1)];`,
  },
  "the text of a function": {
    "m.js": `
      function plain(a, b) { const load = () => a + b; return load(); }
      export const task = () => [plain.toString().replace(/\\s+/g, " "), new Function("return " + plain)()(1, 2)];`,
  },
  "the text of a function, beside a renamed function": {
    "m.js": `
      import { load as other } from "./b.js";
      const load = (x) => x; const keep = (fn) => fn;
      function plain(a, b) {
        const add = () => a + b, texts = { join: (x) => x, "a b": (x) => x };
        class Part { get() { return keep(function own() { return own.name; })(); } }
        function inner() { return texts.join(add()); }
        return [inner.name, add.name, texts["a b"].name, Part.name, inner()];
      }
      const found = keep(function load(x) { const deep = (y) => y; return [load.name, deep.name, deep(x)]; });
      export const task = () => [load.name, other.name, other()(1).name, plain(1, 2), found(1), ...[plain, other()].map((fn) => new Function("keep", "return " + fn)((x) => x)(1, 2)).map((made) => made.name ?? made)];`,
    "b.js": `
      export const load = () => { const keep = (x) => { const add = () => x; return add; }; return keep; };`,
  },
  "source maps that nothing can read": {
    "m.ts":
      `import { a } from "./a.js"; import { b } from "./b.js"; import c from "./c.cjs"; import { d } from "./d.js";
      export const task = () => [a, b(), c, d];
      //# sourceMappingURL=data:application/json;base64,AAAA`,
    "a.js": "export const a = 1;\n//# sourceMappingURL=data:application/json,{",
    "b.js":
      `export const b = () => new Error("b").stack.split("\\n")[1];\n/*# sourceMappingURL=b.js.map */`,
    "b.js.map": "<html>Not found</html>",
    "c.cjs": `"use strict"; module.exports = 3;\n//# sourceMappingURL=empty.map`,
    "empty.map": "",
    "d.js": "export const d = `\n//# sourceMappingURL=b.js.map\n`;",
  },
  "source in unusual form": {
    "m.ts":
      `\uFEFF#!/usr/bin/env deno\r\nimport { b } from "./b.ts";\r\nexport const task = () => [b, \`x\r\ny\`.length];\r\n`,
    "b.ts": `#!/usr/bin/env deno\nexport const b = import.meta.main;`,
  },
  "code that looks pure": {
    "m.ts": `import "./a.ts"; import { used } from "./lib/mod.ts";
      const unused = /* @__PURE__ */ (() => { (globalThis as any).pure = 1; })();
      export const task = () => [String((globalThis as any).pure), String((globalThis as any).a), used, String((globalThis as any).lib)];`,
    "a.ts":
      `const dead = /* #__PURE__ */ Object.assign(globalThis, { a: 1 }); export const x = dead;`,
    "lib/package.json": `{ "name": "lib", "sideEffects": false }`,
    "lib/mod.ts": `import "./effect.ts"; export const used = 1;`,
    "lib/effect.ts": `(globalThis as any).lib = 1;`,
  },
  "attributes of imports": {
    "m.ts": `
      import data from "./d.json" with { type: "json" }; import note from "./note.txt" with { type: "text" };
      export const task = async () => [data, note, (await import("./d.json", { with: { type: "json" } })).default === data];`,
    "d.json": `{ "__proto__": 1, "a": [1.50] }\n`,
    "note.txt": "héllo\r\n",
  },
  "a namespace object": {
    "m.ts": `import * as ns from "./b.ts";
      export const task = () => [typeof ns, JSON.stringify(ns), Object.keys(ns), "c" in ns, Object.entries(ns)];`,
    "b.ts": "export const b = 1, a = 1;",
  },
  "properties of a namespace object": {
    "m.ts": `
      import * as esm from "./b.ts"; import * as cjs from "./c.cjs"; import * as all from "./all.ts";
      export const task = async () => [{ ...esm }, esm, ...[esm, cjs, all, await import("./b.ts"), await import("./c.cjs")].map((ns: any) => [
        String(Object.getPrototypeOf(ns)), Object.prototype.toString.call(ns), Object.getOwnPropertySymbols(ns).length,
        "toString" in ns, typeof ns["hasOwnProperty"], ns.b, String(ns.default), "decode" in ns, Object.keys(ns).length > 0,
      ])];`,
    "b.ts": "export const b = 1, a = 2; export default 3;",
    "c.cjs": `"use strict"; exports.b = 1; exports.d = require("./d.cjs");`,
    "d.cjs": `"use strict"; module.exports = Object.getPrototypeOf(exports) === Object.prototype;`,
    "all.ts": `export * from "./b.ts"; export * from "node:querystring";`,
  },
  "Unicode and numbers": {
    "m.ts":
      `const ünïcode = "\\u{1F600}", big = 12345678901234567890n, tagged = ((s: TemplateStringsArray) => s.raw[0])\`a\\n\`;
      export const task = () => [ünïcode, String(big), tagged, 0.1 + 0.2, -0 === 0, /(?<y>\\d{4})/v.exec("2024")?.groups?.y, [..."👍🏽"].length];`,
  },
};

/** WebAssembly and packages. */
export const PACKAGES: Readonly<Record<string, Files>> = {
  "WebAssembly": {
    "m.ts":
      `import { add } from "./add.wasm"; import * as ns from "./add.wasm"; export const task = () => [add(1, 2), Object.keys(ns), add.name];`,
    "add.wasm": WASM,
  },
  "WebAssembly that is only compiled": {
    "m.ts": `
      import source module from "./add.wasm";
      export const task = () => [module instanceof WebAssembly.Module, (new WebAssembly.Instance(module).exports as any).add(1, 2)];`,
    "add.wasm": WASM,
  },
  "a package of npm": {
    "m.ts":
      `import ms from "npm:ms@2.1.3"; import * as ns from "npm:ms@2.1.3"; import pkg from "npm:ms@2.1.3/package.json" with { type: "json" };
      export const task = async () => [ms("2 days"), Object.keys(ns).length, pkg.version, (await import("npm:ms@2.1.3")).default === ms];`,
  },
  "computed names of packages and of members of a workspace": {
    "m.ts": `const names = ["common", "esm", "@us/part", "@us/part/more", "@us/root"];
      export const task = async () => {
        const all = [];
        for (const name of names) { const { value, default: own } = await import(name); all.push([name, value, own?.value ?? null]); }
        return all;
      };`,
    "deno.json": `{ "workspace": ["./part"], "name": "@us/root", "exports": "./root.ts" }`,
    "root.ts": "export const value = 'root';",
    "part/deno.json":
      `{ "name": "@us/part", "exports": { ".": "./i.ts", "./more": "./more.ts" }, "imports": { "own": "./more.ts" } }`,
    "part/i.ts": `export { value as default, value } from "own";`,
    "part/more.ts": "export const value: string = 'more';",
    "package.json": `{ "dependencies": { "common": "*" }, "devDependencies": { "esm": "1" } }`,
    "node_modules/common/package.json":
      `{ "name": "common", "version": "1.0.0", "main": "./lib/c.js" }`,
    "node_modules/common/lib/c.js": "exports.value = require('./d').d;",
    "node_modules/common/lib/d.js": "exports.d = (function () { return typeof this; })();",
    "node_modules/esm/package.json":
      `{ "name": "esm", "version": "1.0.0", "type": "module", "exports": { "import": "./e.js", "require": "./n.js" } }`,
    "node_modules/esm/e.js": "export const value = 'esm';",
    "node_modules/esm/n.js": "throw 1;",
  },
  "an optional package that is not installed": {
    "m.ts": `import { load } from "p"; import { load as loadCommon, loadFile } from "c";
      export const task = () => Promise.all([load, loadCommon, loadFile].map((fn) => fn().catch((error) => [error.name, error.code ?? null])));`,
    "package.json": `{ "dependencies": { "p": "1", "c": "1" } }`,
    "node_modules/p/package.json": `{ "name": "p", "version": "1.0.0", "type": "module" }`,
    "node_modules/p/index.js": `export const load = () => import("@none/optional");`,
    "node_modules/c/package.json": `{ "name": "c", "version": "1.0.0" }`,
    "node_modules/c/index.js": `"use strict"; exports.load = () => import("@none/optional");
      exports.loadFile = async () => await import("./none.js");`,
  },
  "computed names of modules in packages": {
    "m.ts": `import { load } from "p"; import { v } from "p/y"; import c from "p/c";
      const names = ["y", "c", "locale/de", "private/x", "none"].map((part) => "p/" + part);
      export const task = async () => {
        const all: unknown[] = [await load(), import.meta.resolve("p/y").split("/").at(-1)];
        for (const name of [...names, "#own/v.ts", "q/lib/a.js", "q/none.js", "@us/q", "q"]) {
          const read = (module: any) => [name, module.v, module.default ?? null, module.v === v, module.default === c];
          all.push(await import(name).then(read, (error) => error.name));
        }
        return [all, (await import("p/" + "y")).v === v];
      };`,
    "package.json":
      `{ "dependencies": { "p": "1", "q": "1", "@us/q": "1" }, "imports": { "#own/*": "./src/*" } }`,
    "src/v.ts": "export const v: number = 9;",
    "node_modules/p/package.json": JSON.stringify({
      ...{ name: "p", version: "1.0.0", type: "module" },
      exports: {
        ".": "./i.js",
        "./y": [{ browser: "./none.js" }, { import: "./y.js", require: "./none.js" }],
        "./c": "./c.cjs",
        "./*": "./none/*.js",
        "./locale/*": "./l/*.js",
        "./private/*": null,
      },
    }),
    "node_modules/p/i.js":
      `const names = ["q", "p/y"]; export const load = async () => [(await import(names[0])).v, (await import(names[1])).v.y, import.meta.resolve("q").split("/").slice(-4)];`,
    "node_modules/p/y.js": "export const v = { y: 1 }; export default 2;",
    "node_modules/p/c.cjs": "exports.v = 3; exports.twice = require('./c.cjs') === exports;",
    "node_modules/p/l/de.js": "export const v = 4;",
    "node_modules/p/private/x.js": "export const v = 5;",
    "node_modules/p/node_modules/q/package.json":
      `{ "name": "q", "version": "2.0.0", "type": "module", "exports": "./i.js" }`,
    "node_modules/p/node_modules/q/i.js": "export const v = 6;",
    "node_modules/q/package.json": `{ "name": "q", "version": "1.0.0" }`,
    "node_modules/q/index.js": "exports.v = 7;",
    "node_modules/q/lib/a.js": "exports.v = __dirname.split('/').at(-1);",
    "node_modules/@us/q/package.json":
      `{ "name": "@us/q", "version": "1.0.0", "type": "module", "main": "x.js" }`,
    "node_modules/@us/q/x.js": "export const v = 8;",
  },
  "names and conditions in packages": {
    "m.ts":
      `import { v, twice } from "p"; import c from "p/c"; import { id } from "q"; export const task = () => [v, c(id), twice === id];`,
    "package.json": `{ "dependencies": { "p": "1", "q": "1" } }`,
    "node_modules/p/package.json": JSON.stringify({
      ...{ name: "p", version: "1.0.0", type: "module" },
      exports: { ".": "./i.js", "./c": "./c.cjs" },
      imports: {
        "#fs": "node:fs",
        "#q": "q",
        "#path": { node: "path", default: "./none.js" },
        "#util": "util",
      },
    }),
    "node_modules/p/i.js":
      `import fs from "#fs"; import path from "#path"; import util from "#util"; import { id } from "#q"; export const twice = id;
      export const v = [typeof fs.readFileSync, path.sep, typeof util.inspect, (await import("#fs")).default === fs, await import("#none").catch((error) => error.name)];`,
    "node_modules/p/c.cjs":
      `module.exports = (id) => [typeof require("#fs").readFileSync, require("#path").sep, require("#q").id === id];`,
    "node_modules/q/package.json":
      `{ "name": "q", "version": "1.0.0", "exports": { "module-sync": "./e.mjs", "default": "./c.cjs" } }`,
    "node_modules/q/e.mjs": "export const id = {};",
    "node_modules/q/c.cjs": "exports.id = {};",
  },
  "a package in node_modules": {
    "m.ts":
      `import one, { named } from "one"; import * as ns from "one"; import { esm } from "esm"; import deep from "one/deep.js"; import { internal } from "#internal";
      export const task = () => [one, named, esm, deep, internal, typeof ns.default];`,
    "package.json":
      `{ "type": "module", "dependencies": { "one": "*", "esm": "*" }, "imports": { "#internal": "./internal.ts" } }`,
    "internal.ts": "export const internal = 1;",
    "node_modules/one/package.json": `{ "name": "one", "version": "1.0.0", "main": "./lib/i.js" }`,
    "node_modules/one/lib/i.js":
      `exports.named = require("two"); exports.kind = (function () { return this === globalThis; })();`,
    "node_modules/one/deep.js": "module.exports = 'deep';",
    "node_modules/two/package.json":
      `{ "name": "two", "version": "1.0.0", "exports": { "import": "./e.mjs", "require": "./r.js" } }`,
    "node_modules/two/e.mjs": "export default 'esm';",
    "node_modules/two/r.js": "module.exports = 'cjs';",
    "node_modules/esm/package.json":
      `{ "name": "esm", "version": "1.0.0", "type": "module", "sideEffects": false, "exports": { "deno": "./d.js", "default": "./n.js" } }`,
    "node_modules/esm/d.js":
      `import "./effect.js"; import two from "two"; export const esm = ["deno", two, String(globalThis.effect)];`,
    "node_modules/esm/n.js":
      `import "./effect.js"; import two from "two"; export const esm = ["node", two, String(globalThis.effect)];`,
    "node_modules/esm/effect.js": "globalThis.effect = 1;",
  },
};

/** Stacks. */
export const STACKS: Readonly<Record<string, Files>> = {
  "lines and columns": {
    "m.ts": `import { deep } from "./lib/deep.ts"; export const here: string = import.meta.url;
interface Tile { id: number }
export function task(x: unknown): unknown { const a: number = 1; /* é */ try { return deep(x as Tile, a); } catch (error) { return (error as Error).stack!.split("\\n").slice(0, 3); } }`,
    "lib/deep.ts": `export class NotHere extends Error { override name = "NotHere"; }
type Name = string;
export const deep = (x: unknown, n: number): number => { const y: Name = "a"; if (here && y && n) throw new NotHere("deep"); return n; };
const here: string = import.meta.url;`,
  },
  "a first line": {
    "m.js":
      `export const url = import.meta.url; export const task = () => { try { null.x; } catch (error) { return error.stack.split("\\n").slice(0, 2); } }`,
  },
  "a method and an inner function": {
    "m.ts": `
class Tiles { static read(): string[] { return new Tiles().inner(); }
  inner(): string[] { function load(): string[] { return new Error("here").stack!.split("\\n").slice(1, 5); } return load(); } }
import { load as other } from "./other.ts";
export const task = (): unknown => [Tiles.read(), other()];`,
    "other.ts":
      `export function load(): string[] { return new Error("there").stack!.split("\\n").slice(1, 2); }`,
  },
};
