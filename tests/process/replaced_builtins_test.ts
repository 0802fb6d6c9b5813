/**
 * Tasks that replace built-in functions of JavaScript. All tasks of a job run in one worker, so each
 * task runs with the replacements of all tasks before it.
 *
 * @module
 */

import { within } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { enterFolder, readEvents, readLines, runJob } from "../support/jobs.ts";

/** The built-in functions, in the order in which tasks replace them. */
const NAMES = `
JSON.stringify JSON.parse JSON.rawJSON JSON
String.prototype.charCodeAt String.prototype.indexOf String.prototype.slice String.prototype.split
String.prototype.includes String.prototype.startsWith String.prototype.replace
String.prototype.replaceAll String.prototype.trim String.prototype.at String
Array.prototype.push Array.prototype.pop Array.prototype.map Array.prototype.join
Array.prototype.slice Array.prototype.filter Array.prototype.forEach Array.prototype.includes
Array.prototype.findIndex Array.prototype.some Array.prototype.indexOf Array.isArray Array.from
Array.prototype.Symbol.iterator
Map.prototype.get Map.prototype.set Map Set.prototype.add Set.prototype.delete Set
Object.keys Object.entries Object.getPrototypeOf Object.defineProperty Object.create
Object.getOwnPropertyDescriptor Object.prototype.toString Object.prototype.hasOwnProperty
Function.prototype.apply Function.prototype.bind
Reflect.apply Number.isFinite Number.isSafeInteger Number.isInteger Number Math.floor Math.abs Math.round Math
RegExp.prototype.exec RegExp.prototype.test RegExp.prototype.Symbol.replace
Promise.prototype.then Promise.prototype.catch Promise.prototype.finally Promise.race Promise.all
Promise.resolve Promise.withResolvers Promise
Date.now Date.prototype.getTime Date performance.now
TextEncoder.prototype.encode TextEncoder.prototype.encodeInto TextEncoder
TextDecoder.prototype.decode TextDecoder
Uint8Array.prototype.subarray Uint8Array.prototype.set Uint8Array.prototype.indexOf
Uint8Array.prototype.slice Uint8Array.prototype.fill Uint8Array
setTimeout clearTimeout setInterval queueMicrotask structuredClone BigInt
Deno.inspect Deno.stdout.writeSync Deno.stdin.read console.log console Error.isError
`.trim().split(/\s+/);

const MODULE = `
const NAMES = ${JSON.stringify(NAMES)};
const { defineProperty, getPrototypeOf } = Object, { split } = String.prototype;
const parts = NAMES.map((name) => name.replace("Symbol.", "Symbol@").split("."));
const { iterator, replace } = Symbol, Later = Promise, start = setTimeout, Bytes = Uint8Array;
function replaceBuiltin(path, replacement) {
  let object = globalThis;
  for (let i = 0; i < path.length - 1; i++) object = object[path[i]];
  let key = path[path.length - 1];
  if (key === "Symbol@iterator") key = iterator;
  if (key === "Symbol@replace") key = replace;
  // The methods of a typed array belong to its parent.
  if (object === Bytes.prototype) object = getPrototypeOf(object);
  defineProperty(object, key, { value: replacement, writable: true, configurable: true });
}
const REPLACEMENTS = { throws: () => { throw new TypeError("replaced"); }, lies: () => "junk" };
function task(id, kind) {
  if (id === 0) console.log("begun");
  replaceBuiltin(parts[id], REPLACEMENTS[kind]);
  if (id % 5 === 4) throw new RangeError("task " + id);
  return { id, text: "ü".repeat(2), list: [1, { id }], big: id % 5 === 3 ? 2n ** 64n : id / 2 };
}
export const throws = (id) => task(id, "throws");
export const lies = (id) => task(id, "lies");
export const throwsLater = async (id) => { await new Later((done) => start(done, 1)); return task(id, "throws"); };
export const liesLater = async (id) => { await new Later((done) => start(done, 1)); return task(id, "lies"); };
`;

/** Returns the line of a task in the results, or its message in the errors. */
function expected(id: number): string {
  if (id % 5 === 4) return `task ${id}`;
  const big = id % 5 === 3 ? "18446744073709551616" : `${id / 2}`;
  return `{"id":${id},"text":"üü","list":[1,{"id":${id}}],"big":${big}}`;
}

for (const concurrency of [1, 3]) {
  for (const methodName of ["throws", "lies", "throwsLater", "liesLater"]) {
    Deno.test(`${methodName}() replaces built-in functions, ${concurrency} at a time`, async () => {
      await using _folder = await enterFolder({ "m.js": MODULE });
      const options = { moduleName: "./m.js", methodName, concurrency, workers: 1, ordered: true };
      const { paths } = await within(runJob({ ...options, argsList: NAMES.length }), methodName);
      const all = NAMES.map((_, id) => id), isFailed = (id: number) => id % 5 === 4;
      assertEquals(
        readLines(paths.results),
        all.filter((id) => !isFailed(id)).map(expected),
      );
      const errors = readLines(paths.errors).map((line) => JSON.parse(line));
      assertEquals(
        errors.map(({ ERROR, type }) => [ERROR, type]).sort(),
        all.filter(isFailed).map((id) => [expected(id), "RangeError"]).sort(),
      );
      assertEquals(readEvents(paths.folder).length, NAMES.length);
    });
  }
}

const ADDITIONS = `
for (const kind of [Object, Array, String, Number, Function, Promise, Map, Date, Error]) {
  kind.prototype.added = 1;
  kind.prototype.first = function () { return this[0]; };
}
export const task = async (x) => {
  if (x % 2) await new Promise((resolve) => setTimeout(resolve, 1));
  if (x % 3 === 0) throw new RangeError("task " + x);
  return { x, list: [x, NaN, new Date(0)] };
};
`;

for (const concurrency of [1, 3]) {
  Deno.test(`a module adds to prototypes, ${concurrency} at a time`, async () => {
    await using _folder = await enterFolder({ "m.js": ADDITIONS });
    const options = { moduleName: "./m.js", concurrency, workers: 1, ordered: true };
    const { paths } = await within(runJob({ ...options, argsList: 9 }), "the job");
    const date = "1970-01-01T00:00:00.000Z";
    assertEquals(
      readLines(paths.results),
      [1, 2, 4, 5, 7, 8].map((x) => `{"x":${x},"list":[${x},null,"${date}"]}`),
    );
    const errors = readLines(paths.errors).map((line) => JSON.parse(line).ERROR);
    assertEquals(errors.sort(), ["task 0", "task 3", "task 6"]);
  });
}
