/**
 * Errors of the bundler, translated into messages for the user.
 *
 * @module
 */

import { type Esbuild, loadMappings } from "../../deps.ts";
import { toTaskError } from "../../journal/task_error.ts";
import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";
import { nearest } from "../../util/text/nearest.ts";
import { isDict } from "../../util/is_dict.ts";
import { shortPath, toFileUrl } from "../../util/paths.ts";
import { shortenMissing } from "../../util/remote.ts";
import { withoutNamespace } from "../modules/addresses.ts";
import { buildOptions } from "./build_options.ts";
import { pathsEntryOf } from "../modules/compiler_options.ts";
import { filesAbove, readConfig } from "../modules/config_files.ts";
import { nearestConfig } from "../modules/import_map.ts";
import type { ProgramParts } from "../program/program.ts";
import { NOT_A_MODULE } from "../imports/user_imports.ts";
import { mapOf } from "../program/worker_part.ts";

/** Returns the stack of an error, or a short message when the error is a failed download. */
export function stackOf(error: unknown): string {
  const { message, stack } = toTaskError(error);
  const short = shortenMissing(message);
  return short === message ? stack ?? message : short;
}

/** The properties of a bundler error that this module uses. */
interface BuildMessage {
  readonly text: string;
  readonly location: { file: string; line: number; column: number; lineText: string } | null;
}

const NO_EXPORT = /^No matching export in "(.*)" for import "(.*)"$/;
const NO_EXPORTS =
  /^Import "(.*)" will always be undefined because the file "(.*)" has no exports$/;

/** Returns true when the bundler cannot read the source map of a module. Deno runs such a module. */
export function hasBadMap(error: unknown): boolean {
  const { errors = [] } = error as { errors?: BuildMessage[] };
  return errors.some(({ text }) => text.endsWith("in source map"));
}

/**
 * Translates an error of the bundler.
 *
 * @returns a {@linkcode UsageError} with the place of the first error and a hint; an error from
 * another source is returned unchanged
 */
export async function toUsageError(
  error: unknown,
  program: ProgramParts,
  esbuild: Esbuild,
): Promise<unknown> {
  const errors = ((error as { errors?: BuildMessage[] }).errors ?? []).map((
    { text, location },
  ) => ({
    text: text.replace(NO_EXPORTS, 'No matching export in "$2" for import "$1"'),
    location,
  }));
  const isMissing = ({ text, location }: BuildMessage) =>
    NO_EXPORT.test(text) && location?.file === "dl-jobs:user";
  // A missing export may only be the result of another error, such as a syntax error. The other
  // error is shown first.
  const first = errors.find((message) => !isMissing(message)) ?? errors[0];
  if (!first) return error;
  if (isMissing(first)) return await noExport(program, esbuild);
  const text = first.text.replace(
    NO_EXPORT,
    (_, file, name) => `No matching export in "${fileOf(file)}" for import "${name}"`,
  );
  const isEntry = first.location?.file.startsWith("dl-jobs:") === true;
  const place = `${await placeOf(first, program)}: `;
  // The text of a network error already begins with the address.
  const module = program.from?.module;
  const advice = commonHint(NO_EXPORT.exec(first.text)?.[1]) ??
    await pathsHint(text, module) ?? await hint(text, isEntry, module);
  return new UsageError(`Cannot load ${text.startsWith(place) ? "" : place}${text}${advice}`);
}

/**
 * Throws if a module imports a name from a file without exports. The bundler only warns. A property
 * of a namespace object may be missing.
 */
export function refuseMissing(warnings: readonly BuildMessage[]): void {
  const errors = warnings.filter(({ text, location }) =>
    NO_EXPORTS.test(text) && location && !isProperty(location)
  );
  if (errors.length > 0) throw new AggregateError(errors);
}

function isProperty({ lineText, column }: NonNullable<BuildMessage["location"]>): boolean {
  // The column counts bytes.
  return new TextEncoder().encode(lineText)[column - 1] === ".".charCodeAt(0);
}

/** Returns the warnings for constructs that may behave differently in a program. */
export async function toWarnings(
  messages: readonly (BuildMessage & { id: string })[],
  program: ProgramParts,
): Promise<string[]> {
  const shown = messages.filter(({ id, location }) => id in WARNINGS && location !== null);
  return await Promise.all(
    shown.map(async (one) => `${await placeOf(one, program)}: ${WARNINGS[one.id]}`),
  );
}

const WARNINGS: Readonly<Record<string, string>> = {
  "direct-eval": "eval may see the names of other modules; pass what it needs to new Function",
};

async function placeOf(
  { location }: BuildMessage,
  { from, compiled }: ProgramParts,
): Promise<string> {
  if (location && !location.file.startsWith("dl-jobs:")) {
    const text = compiled?.get(toFileUrl(`/${location.file}`));
    const { line, column } = text === undefined ? location : await beforeCompiler(location, text);
    return `${fileOf(location.file)}:${line}:${column + 1}`;
  }
  return from ? shortPath(from.module) : "the function";
}

/** A place in a file: the line from 1, and the column from 0. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Returns the place in the user's file of a place in its compiled text. */
async function beforeCompiler(place: Place, compiled: string): Promise<Place> {
  const map = mapOf(`${compiled}\n`);
  if (!map) return place;
  const { decode } = await loadMappings();
  const found = decode(map.mappings)[place.line - 1]?.findLast(([start]) => start <= place.column);
  return found && found.length > 1 ? { line: found[2]! + 1, column: found[3]! } : place;
}

/** Returns the address of a file to show to a user. */
function fileOf(file: string): string {
  const name = withoutNamespace(file);
  return /^\w+:/.test(name) ? name : shortPath(toFileUrl(`/${name}`));
}

/**
 * Returns the advice for a file that Node would read as a CommonJS module, and Deno reads as an ES
 * module without exports.
 *
 * @param file the file, as the bundler or an address names it
 */
function commonHint(file: string | undefined): string | undefined {
  const url = file && new URL(/^\w+:/.test(file) ? file : toFileUrl(`/${file}`));
  if (!url || url.protocol !== "file:" || !/\.[jt]sx?$/.test(url.pathname)) return undefined;
  if (!COMMON.test(Deno.readTextFileSync(url))) return undefined;
  const name = url.pathname.split("/").at(-1)!.replace(/(?=[jt]sx?$)/, "c").replace(/x$/, "");
  return `; to use module.exports, name it ${decodeURIComponent(name)}, or write ` +
    '"type": "commonjs" in package.json';
}

const COMMON = /^\s*(?:module\.exports\b|exports\.[\w$]+\s*=|Object\.defineProperty\(exports\b)/m;

const UNRESOLVED = /^Could not resolve "([^"]+)"/;

/** Returns the advice for a name of `paths`. A package with the same name is not what it means. */
async function pathsHint(text: string, module = ""): Promise<string | undefined> {
  const name = UNRESOLVED.exec(text)?.[1];
  if (name === undefined || /^[./]/.test(name) || !module.startsWith("file:")) return undefined;
  // A wrong file somewhere above must not hide the error of the import.
  const entry = await pathsEntryOf(name, module).catch(() => undefined);
  return entry && `; Deno does not read "paths" of ${shortPath(entry.file.href)}, ` +
      `add "${entry.name}" to "imports" in deno.json`;
}

async function hint(text: string, isEntry: boolean, module = ""): Promise<string> {
  if (text === NOT_A_MODULE) {
    return isEntry ? "; name a file that ends in .ts, .js or .py" : '; add with { type: "text" }';
  }
  if (/deferred imports/.test(text)) {
    return "; import the module without defer, or with await import() in the function";
  }
  const name = UNRESOLVED.exec(text)?.[1];
  if (name === undefined) return "";
  if (/^[./]/.test(name)) return ", no such file";
  if (name.startsWith("node:")) return ", no such module";
  const [found] = PACKAGE.exec(name) ?? [];
  if (found === undefined) return '; add it to "imports" in deno.json';
  const isAbove = (path: string) =>
    module.startsWith("file:") && filesAbove(module, [path]).some(exists);
  if (isAbove(`node_modules/${found}`)) return ", which the installed package does not have";
  // The name alone would install another version, or another package than that of the workspace.
  if (await isListed(found, module)) {
    return "; install the packages of package.json, for example with npm install";
  }
  return isAbove("package.json")
    ? `; run npm install ${found}`
    : `; add it to "imports" in deno.json or write it as npm:${found}`;
}

/** Returns true when a package.json above a module lists a package. */
async function isListed(name: string, module: string): Promise<boolean> {
  if (!module.startsWith("file:")) return false;
  const found = await Promise.all(
    filesAbove(module, ["package.json"]).map((url) => readConfig(url).catch(() => undefined)),
  );
  return found.some((config) =>
    LISTS.some((key) => {
      const listed = config?.[key];
      return isDict(listed) && Object.hasOwn(listed, name);
    })
  );
}

const LISTS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

const PACKAGE = /^(?:@[\w.-]+\/)?\w[\w.-]*(?=\/|$)/;

async function noExport(program: ProgramParts, esbuild: Esbuild): Promise<UsageError> {
  const { module, method } = program.from!;
  const { metafile } = await esbuild.build({
    ...await buildOptions(program, await nearestConfig(program.from?.module)),
    entryPoints: [module],
    metafile: true,
  });
  const names = Object.values(metafile!.outputs).flatMap((output) => output.exports);
  const path = shortPath(module);
  // The method of a module that was named without one.
  const way = method === "task" ? `, write ${path}#${names.length === 1 ? names[0] : "NAME"}` : "";
  const known = names.length > 0
    ? `it exports ${await nearest(method, names)}${way}`
    : `it exports nothing${commonHint(module) ?? ""}`;
  return new UsageError(`Cannot find ${JSON.stringify(method)} in ${path}: ${known}`);
}
