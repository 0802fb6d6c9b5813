/**
 * The values that CommonJS and ES modules get from each other, as in Node.
 *
 * @see {@link https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require}
 *
 * @module
 */

/**
 * Makes a CommonJS module the default import of any module. The bundler would use its property
 * `default` when it is the output of a compiler. A module that throws an error is loaded again when
 * it is required again, also by Node.
 *
 * A `require` of an ES module returns its export `module.exports`, or else its namespace object. Only
 * a module with a default export looks like the output of a compiler. A module that waits for a
 * top-level `await` cannot be required. Keeps all lines.
 */
export function likeNode(code: string): string {
  const waiting = new Set(Array.from(code.matchAll(WAITING), ([, init]) => init));
  return code.replaceAll("isNodeMode || !mod || !mod.__esModule ?", "true ?")
    .replaceAll("throw mod = 0, e;", "throw mod.forget?.(), mod = 0, e;")
    .replace(TO_COMMON, `$1${REQUIRED_VALUE}`)
    .replace(REQUIRE, (call, init) => waiting.has(init) ? `__toCommonJS(${init})` : call);
}

// The functions that load modules with a top-level `await`.
const WAITING = /^var (init_[\w$]+) = __esm\(\{\n *async "/gm;
// The calls for a `require` of an ES module, and the bundler's function that makes its value.
const REQUIRE = /\((init_[\w$]+)\(\), __toCommonJS\([\w$]+\)\)/g;
const TO_COMMON =
  /^( *var __toCommonJS = )\(mod\) => __copyProps\(__defProp\(\{\}, "__esModule", \{ value: true \}\), mod\);$/m;

const NO_REQUIRE = `Object.assign(new Error(${
  JSON.stringify("require() cannot load a module with a top-level await, use import() instead")
}), { code: "ERR_REQUIRE_ASYNC_MODULE" })`;
const MARKED = `__defProp(Object.create(null), "__esModule", { value: true, enumerable: true })`;
const REQUIRED_VALUE = `((made) => (mod) => {` +
  ` if (typeof mod === "function") throw ${NO_REQUIRE};` +
  ` if ("module.exports" in mod) return mod["module.exports"];` +
  ` if (!("default" in mod) || "__esModule" in mod) return mod;` +
  ` if (!made.has(mod)) made.set(mod, __copyProps(${MARKED}, mod));` +
  ` return made.get(mod); })(new Map());`;
