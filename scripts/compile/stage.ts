/**
 * The project as a folder that runs without a registry. The folder contains the project's files,
 * its packages next to `lib/deps.ts`, and esbuild's program for the target.
 *
 * @module
 */

import { isBuiltin } from "node:module";
import { withBundler } from "../../lib/bundle/build/bundler.ts";
import type { EsbuildPlugin } from "../../lib/deps.ts";
import { ROOT } from "../steps/deno.ts";
import { fetchPackages, type Packages } from "./packages.ts";
import type { Target } from "./targets.ts";

const PACKAGES = "lib/packages";
/** The file that names the packages of the page. */
const PAGE = "lib/web/page/deps.ts";

/** A package as `lib/deps.ts` names it: `npm:deno-std@1.4.0/yaml/mod.js`. */
interface Dependency {
  readonly specifier: string;
  /** The name: `deno-std`. */
  readonly name: string;
  /** The version: `1.4.0`. */
  readonly version: string;
  /** The module that is imported: `deno-std/yaml/mod.js`. */
  readonly entry: string;
  /** The path of its bundle from {@linkcode PACKAGES}: `deno-std/yaml/mod.js`. */
  readonly file: string;
}

/** A folder with everything that the command needs except Deno. It is removed on disposal. */
export async function stage(target: Target): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "dl_jobs_stage_" });
  const folder = { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  try {
    await fill(path, target);
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function fill(folder: string, target: Target): Promise<void> {
  for await (const { name } of Deno.readDir(ROOT)) {
    if (OURS.test(name)) await copy(`${ROOT}/${name}`, `${folder}/${name}`);
  }
  const deps = (await Deno.readTextFile(`${folder}/lib/deps.ts`)).replaceAll(TYPE, "any");
  await Deno.writeTextFile(`${folder}/lib/deps.ts`, withFiles(deps));
  const page = await Deno.readTextFile(`${folder}/${PAGE}`);
  const all = { own: dependenciesOf(deps), page: dependenciesOf(page) };
  await addPackages(folder, all, target);
}

// The files to copy. Only developers of the project need the others.
const OURS = /^(cli\.ts|mod\.ts|deno\.json|LICENSE|docs|lib|python|repl)$/;
const OMITTED = /\/(__pycache__|python\/tests)$|\/docs\/.*\.(png|svg)$/;

async function copy(from: string, to: string): Promise<void> {
  if (OMITTED.test(from)) return;
  if ((await Deno.stat(from)).isFile) return await copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

async function copyFile(from: string, to: string): Promise<void> {
  if (!from.endsWith(".ts")) return await Deno.copyFile(from, to);
  await Deno.writeTextFile(to, CHECKED + await Deno.readTextFile(from));
}

// The folder has no types of the packages, so a user's type check must not include these files.
const CHECKED = "// @ts-nocheck The project's own tests have checked it.\n";

async function addPackages(
  folder: string,
  { own, page }: Readonly<Record<"own" | "page", readonly Dependency[]>>,
  target: Target,
): Promise<void> {
  const versions = Object.fromEntries(
    [...own, ...page].map(({ name, version }) => [name, version]),
  );
  await using packages = await fetchPackages({ ...versions, [target.esbuild]: versions.esbuild! });
  const program = `${folder}/${PACKAGES}/esbuild`;
  await bundle(`${folder}/${PACKAGES}`, own, packages);
  await bundlePage(`${folder}/${PAGE}`, page, packages);
  await Deno.copyFile(packages.path(target.esbuild, "bin/esbuild"), program);
  await Deno.chmod(program, 0o755);
}

const TYPE = /(typeof )?import\("npm:[^"]+"\)(\.\w+)?/g;
const SPECIFIER = /"npm:([^"]+)"/g;

function dependenciesOf(text: string): Dependency[] {
  const specifiers = new Set([...text.matchAll(SPECIFIER)].map(([, specifier]) => specifier!));
  return [...specifiers].map((specifier) => {
    const [, name = "", version = "", path = ""] = /^(@?[^@]+)@([^/]+)(.*)$/.exec(specifier) ?? [];
    const entry = name + path;
    return { specifier, name, version, entry, file: fileOf(specifier) };
  });
}

function fileOf(specifier: string): string {
  return specifier.replace(/(?<=.)@[^/]+/, "").replace(/(\.js)?$/, ".js");
}

/**
 * Replaces specifiers of packages with paths of bundles: literals in imports, URLs in other places.
 */
function withFiles(deps: string): string {
  return deps.replaceAll(SPECIFIER, (_, specifier, at) => {
    const path = JSON.stringify(`./packages/${fileOf(specifier)}`);
    return deps.slice(0, at).endsWith("from ") ? path : `import.meta.resolve(${path})`;
  });
}

/** Bundles each package into one file. Code that several packages share gets its own file. */
async function bundle(
  folder: string,
  dependencies: readonly Dependency[],
  packages: Packages,
): Promise<void> {
  await withBundler((esbuild) =>
    esbuild.build({
      entryPoints: dependencies.map(({ file }) => ({
        in: `package:${file}`,
        out: file.replace(/\.js$/, ""),
      })),
      outdir: folder,
      absWorkingDir: packages.folder,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "esnext",
      mainFields: ["main", "module"],
      conditions: ["deno", "node"],
      logLevel: "silent",
      // esbuild reads this variable. A value from the user may name another version.
      define: { "process.env.ESBUILD_BINARY_PATH": "esbuildProgram" },
      inject: ["package:globals"],
      plugins: [entries(dependencies, packages.folder)],
    })
  );
}

/** Puts the packages of the page into the file that names them. */
async function bundlePage(
  path: string,
  dependencies: readonly Dependency[],
  packages: Packages,
): Promise<void> {
  const entries = new Map(dependencies.map(({ specifier, entry }) => [specifier, entry]));
  const text = await Deno.readTextFile(path);
  const contents = text.replaceAll(SPECIFIER, (_, name) => JSON.stringify(entries.get(name)));
  const { outputFiles } = await withBundler((esbuild) =>
    esbuild.build({
      stdin: { contents, loader: "ts", resolveDir: packages.folder },
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "silent",
    })
  );
  await Deno.writeTextFile(path, CHECKED + outputFiles![0]!.text);
}

// Globals that npm packages expect from Node.
const GLOBALS = `
  export const __filename = import.meta.filename;
  export const __dirname = import.meta.dirname;
  export const esbuildProgram = import.meta.dirname + "/esbuild";`;

/** Creates an esbuild plugin that loads each package with the names that it exports in Deno. */
function entries(dependencies: readonly Dependency[], resolveDir: string): EsbuildPlugin {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^package:/ }, ({ path }) => ({ path, namespace: "package" }));
      build.onLoad({ filter: /^package:globals$/ }, () => ({ contents: GLOBALS }));
      build.onLoad({ filter: /.*/, namespace: "package" }, async ({ path }) => {
        const { specifier, entry } = dependencies.find(({ file }) => path === `package:${file}`)!;
        const names = Object.keys(await import(`npm:${specifier}`))
          .filter((name) => /^[\w$]+$/.test(name) && name !== "default");
        // Packages are loaded with require, because their ES modules may test for Deno and then
        // look for files that no longer exist.
        const contents = [
          `const all = require(${JSON.stringify(entry)});`,
          ...names.map((name, i) => `const name${i} = all.${name};`),
          `export { ${names.map((name, i) => `name${i} as ${name}`)} };`,
          "export default all.default ?? all;",
        ];
        return { contents: contents.join("\n"), resolveDir };
      });
      // An ES module has no require.
      build.onResolve(
        { filter: /^(node:)?[a-z_/]+$/ },
        ({ path, kind }) =>
          kind === "require-call" && isBuiltin(path) ? { path, namespace: "builtin" } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      }));
    },
  };
}
