/**
 * The module of a program that exports the user's function.
 *
 * @module
 */

import type { CommandRef } from "../../job_dir/record.ts";
import { isFile } from "../../util/files/fs.ts";
import { fromFileUrl, toFileUrl } from "../../util/paths.ts";
import { hooksOfModule, hooksOfValues } from "../function/hooks.ts";
import type { BundleOptions, JobFunction, ProgramParts } from "./program.ts";

/** The parts of a program that refer to the user's function. */
export type UserModule = Pick<ProgramParts, "user" | "from" | "isLibrary">;

// The bundler replaces the name by that of the export. No module has it.
const METHOD = "__dl_jobs_method";

/**
 * Returns true when the name of the user's function in a program has no declaration, because a
 * module exports a name that it imports from a module without it.
 */
export function lacksMethod(code: string): boolean {
  return new RegExp(`= (?:typeof )?${METHOD}\\b`).test(code) &&
    !new RegExp(`as ${METHOD}\\b`).test(code);
}

/**
 * Returns the parts of a program that refer to the user's function.
 *
 * @throws {UsageError} when the source of a function cannot run elsewhere.
 */
export async function userModule(
  target: Exclude<JobFunction, CommandRef>,
  { spread = false, hooks = {}, script }: BundleOptions,
): Promise<UserModule> {
  if (typeof target === "function") {
    // An expression in an object is named by its key.
    const { functionSource } = await import("../function/function_source.ts");
    const name = JSON.stringify(target.name), source = await functionSource(target);
    const method = `const { [${name}]: method } = { [${name}]: ${source} };\n`;
    const text = `${method}${await hooksOfValues(hooks)}`;
    return { user: `${besideScript(text, script)}${exported("method", spread)}` };
  }
  const [method, module] = [target.method, target.module].map((name) => JSON.stringify(name));
  const user = `import { ${method} as ${METHOD} } from ${module};\n${hooksOfModule(target)}${
    exported(METHOD, spread)
  }`;
  return { user, from: target };
}

/** Refers to files beside a script by their addresses, because the text of a function has none. */
function besideScript(text: string, script: string | undefined): string {
  if (script === undefined) return text;
  return text.replace(RELATIVE_IMPORT, (found, start: string, _, name: string) => {
    const { href } = new URL(name, toFileUrl(script));
    return isFile(fromFileUrl(href)) ? start + JSON.stringify(href) : found;
  });
}

const RELATIVE_IMPORT = /(\bimport\(\s*)(["'])(\.\.?\/[^"'\n]*)\2/g;

function exported(method: string, spread: boolean): string {
  // Object.assign copies the marks that decorators set. The worker reports an export that is not a
  // function.
  const called = spread
    ? `typeof ${method} === "function" ? Object.assign((args) => ${method}(...args), ${method}) : ${method}`
    : method;
  return `export default ${called};`;
}
