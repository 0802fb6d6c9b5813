/**
 * CommonJS modules in a program. The program is an ES module, in which all code is strict: the text
 * of a module that is not strict would have another `this` and other errors. Such a module is
 * therefore compiled from its text when it is first required.
 *
 * @module
 */

import { isFile } from "../../util/files/fs.ts";
import { dirname, fromFileUrl } from "../../util/paths.ts";
import { tryJson } from "../../util/try_json.ts";
import { isInPackage } from "../modules/addresses.ts";
import { META } from "./import_meta.ts";
import { moduleParser } from "./module_parser.ts";

/** Returns the `type` in the package.json of a file's package; undefined when it has none. */
export type PackageTypes = (path: string) => unknown;

/** Returns a function that looks for the package of each folder only once. */
export function packageTypes(): PackageTypes {
  const types = new Map<string, unknown>();
  const typeOf = (folder: string): unknown => {
    if (!types.has(folder)) types.set(folder, findType(folder));
    return types.get(folder);
  };
  const findType = (folder: string) => {
    const file = `${folder}/package.json`, parent = dirname(folder);
    if (isFile(file)) return typeIn(Deno.readTextFileSync(file));
    return parent === folder ? undefined : typeOf(parent);
  };
  return (path) => typeOf(dirname(path));
}

/**
 * Returns true when a file is a CommonJS module. Its ending decides, or else the `type` of its
 * package, or else its text.
 *
 * @param isRequired true when a CommonJS module requires the file. An `import` of a file whose package
 * has no type is one of an ES module.
 * @see {@link https://docs.deno.com/runtime/fundamentals/node/#commonjs-support}
 */
export async function isCommon(
  path: string,
  text: string,
  types: PackageTypes = packageTypes(),
  isRequired = false,
): Promise<boolean> {
  if (/\.cjs$/i.test(path)) return true;
  if (/\.m[jt]s$/i.test(path)) return false;
  const isTyped = /\.cts$/i.test(path);
  if (!isTyped && !mayBeCommon(path, types, isRequired)) return false;
  // A text with `await` outside of functions is an ES module, too.
  if (/\bawait\b/.test(text) && !COMMON.test(text)) return false;
  if (!/\b(?:import|export)\b/.test(text)) return true;
  if (/\.js$/i.test(path)) return !await isModule(text);
  return !(isTyped ? MODULE_SYNTAX : /^\s*(?:import|export)\b/m).test(text);
}

// Imports and exports of values in TypeScript, but not `import a = require("a")` and `export = a`.
const MODULE_SYNTAX = /^\s*(?:import\b(?!\s*\(|\s+type\b|\s+[\w$]+\s*=)|export\b(?!\s*=))/m;

/** Returns true when the package of a file permits CommonJS. */
function mayBeCommon(path: string, types: PackageTypes, isRequired: boolean): boolean {
  const type = types(path);
  return type === "commonjs" || (type !== "module" && (isRequired || isInPackage(path)));
}

function typeIn(text: string): unknown {
  // Deno itself reports a package.json that it cannot read.
  return Object(tryJson(text)).type;
}

/** Returns true for JavaScript with syntax that only ES modules have. */
async function isModule(code: string): Promise<boolean> {
  const parse = await moduleParser();
  try {
    const [, , , hasModuleSyntax] = parse(code);
    return hasModuleSyntax;
  } catch {
    return /^\s*(?:import|export)\b/m.test(code);
  }
}

/** Returns the text of a CommonJS module in the form for the bundler. */
export async function commonModule(text: string, url: string): Promise<string> {
  const imports = await importsIn(text);
  const isPlain = isStrict(text) && COMMON.test(text) && !ODD.test(text) &&
    !text.includes("createRequire") && !imports?.areComputed;
  return isPlain ? strictModule(text, url) : compiledModule(text, url, imports);
}

/** The calls of `import()` in a CommonJS module. */
interface Imports {
  /** The names that are known. */
  readonly names: readonly string[];
  /** True when a name is known only at run time. */
  readonly areComputed: boolean;
}

async function importsIn(text: string): Promise<Imports | undefined> {
  if (!/\bimport\s*\(/.test(text)) return undefined;
  const parse = await moduleParser();
  try {
    const calls = parse(text)[0].filter(({ d }) => d >= 0);
    // An import with attributes is one at run time.
    const known = calls.filter(({ a }) => a < 0).map(({ n }) => n);
    const names = known.filter((name) => name !== undefined);
    return { names, areComputed: names.length < known.length };
  } catch {
    // Deno itself reports the syntax error.
    return { names: [], areComputed: true };
  }
}

function strictModule(text: string, url: string): string {
  const [filename, dirname] = pathsOf(url).map((path) => JSON.stringify(path));
  const start = `if (require(${MODULES}).addCommon(module, __filename)) return;`;
  // The first line keeps its number.
  return `var __filename = ${filename}, __dirname = ${dirname};${start}${
    text.replace(/^#!/, "//")
  }`;
}

function pathsOf(url: string): [filename: string, dirname: string] {
  const filename = fromFileUrl(url);
  return [filename, dirname(filename)];
}

/** Returns true when a module starts with the directive that makes it strict. */
function isStrict(text: string): boolean {
  return /^["']use strict["']/.test(text.replace(BEFORE_CODE, ""));
}

// This always matches. One pattern with the directive would try all ends of all comments.
const BEFORE_CODE = /^(?:\s|\/\/.*|#!.*|\/\*[\s\S]*?\*\/)*/;
// A use of what the bundler does not know, such as `require.resolve`, `require(name)` and `module.id`.
const ODD = /(?<!\.)\b(?:require\b(?!\s*\(\s*["'][^"'\n]+["']\s*\))|module\b(?!\s*\.\s*exports\b))/;
const COMMON = /\b(?:module|exports|require)\b/;

/**
 * Returns the text of a module that compiles and runs a CommonJS module. As in Deno, it is not the
 * main module, so code after `if (!module.parent)` does not run.
 *
 * @param text the text of the CommonJS module
 * @param url its URL, which its stacks name
 * @param imports its calls of `import()`, if any
 */
function compiledModule(text: string, url: string, imports: Imports | undefined): string {
  const [filename, dirname] = pathsOf(url);
  // A module that empties the cache wants modules of its own.
  const found = text.includes("require.cache") ? [] : text.matchAll(REQUIRE);
  const names = new Set(Array.from(found, ([, name]) => JSON.stringify(name)));
  const known = [...names].map((name) => `${name}: () => require(${name})`);
  return `
    const { addCommon, shareCommon } = require(${MODULES});
    shareCommon();
    if (addCommon(module, ${JSON.stringify(filename)})) return;
    const known = { ${known.join(", ")} };
    const Module = process.getBuiltinModule("node:module");
    const other = Module.createRequire(${JSON.stringify(url)});
    const { resolve, cache, extensions } = other;
    const need = Object.assign((name) => Object.hasOwn(known, name) ? known[name]() : other(name), {
      resolve, cache, extensions, main: null,
    });
    Object.assign(module, {
      id: ${JSON.stringify(filename)},
      path: ${JSON.stringify(dirname)},
      filename: ${JSON.stringify(filename)},
      loaded: false,
      children: [],
      paths: Module._nodeModulePaths(${JSON.stringify(dirname)}),
      parent: Object.assign(new Module(${JSON.stringify(filename)}), {
        filename: ${JSON.stringify(filename)},
      }),
      require: need,
    });
    const compile = process.getBuiltinModule("node:vm").compileFunction;
    compile(${JSON.stringify(text.replace(/^#!/, "//"))}, ${PARAMETERS}, {
      filename: ${JSON.stringify(url)},${imports ? importCallback(imports.names, url) : ""}
    }).call(module.exports, module.exports, need, module, ${JSON.stringify(filename)}, ${
    JSON.stringify(dirname)
  });
    module.loaded = true;`;
}

/** Returns the option that imports the modules of the program, and others at run time. */
function importCallback(names: readonly string[], url: string): string {
  const texts = [...new Set(names)].map((name) => JSON.stringify(name));
  const known = texts.map((name) => `${name}: () => import(${name})`).join(", ");
  return `
      importModuleDynamically(name, _code, attributes = {}) {
        const known = { ${known} }, isPlain = Object.keys(attributes).length === 0;
        if (isPlain && Object.hasOwn(known, name)) return known[name]();
        const { load } = require(${JSON.stringify(`${META}:resolve ${url}`)});
        return load((a, b) => import(a, b), name, isPlain ? undefined : { with: attributes });
      },`;
}

const MODULES = `"dl-jobs:bundle/imports/common_modules"`;
const PARAMETERS = `["exports", "require", "module", "__filename", "__dirname"]`;
const REQUIRE = /\brequire\s*\(\s*["']([^"'\n]+)["']\s*\)/g;
