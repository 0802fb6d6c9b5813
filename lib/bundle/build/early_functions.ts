/**
 * Functions that V8 compiles together with the program that has them.
 *
 * V8 compiles most functions when they are first called, and its cache of compiled code has only
 * what was compiled with the program. The start of a command calls several hundred functions, so it
 * would compile these each time. V8 takes parentheses around a function for a sign that it is needed
 * at once.
 *
 * @module
 * @see https://v8.dev/blog/code-caching-for-devs#iife-heuristic
 */

/** The part of the bundler's description of its input that names the imports. */
export interface InputImports {
  /** The imports of each module. */
  readonly inputs: Readonly<Record<string, { readonly imports: readonly ModuleImport[] }>>;
}

interface ModuleImport {
  readonly path: string;
  readonly kind: string;
}

/**
 * Returns modules and all that they import, except for imports on demand.
 *
 * @param entries the paths of the modules, as in the description
 */
export function importedBy(
  entries: readonly string[],
  { inputs }: InputImports,
): ReadonlySet<string> {
  // A set also visits the elements that are added meanwhile.
  const found = new Set(entries);
  for (const path of found) {
    const imports = inputs[path]?.imports ?? [];
    imports.filter(({ kind }) => kind === "import-statement").forEach((one) => found.add(one.path));
  }
  return found;
}

// The bundler writes modules one after another, each with its path before it.
const MODULE = /^\/\/ (\S+)$/m;
const FUNCTION = /^((?:async )?function\*? (\w+)\([^]*?^\})$/gm;
const MODULE_BODY = /^( {2}"[^"]+")(\(\) \{\n[^]*?^ {2}\})(?=\n\}\);$)/m;

/**
 * Puts parentheses around the functions of modules. A program of modules that are evaluated on
 * demand calls none of them before it has been evaluated, so functions can be values of variables.
 *
 * @param text the program as the bundler prints it, with its own white space
 * @param modules the paths of the modules
 * @returns the program with the same lines.
 */
export function compileEarly(text: string, modules: ReadonlySet<string>): string {
  const [start = "", ...parts] = text.split(MODULE);
  const changed = parts.map((part, i) => {
    if (i % 2 === 0) return `// ${part}`;
    return modules.has(parts[i - 1]!) ? withParentheses(part) : part;
  });
  return [start, ...changed].join("");
}

function withParentheses(part: string): string {
  return part.replace(FUNCTION, (all, code: string, name: string) => {
    // The end of a function may also be a line of a template in it.
    return code.split("`").length % 2 === 0 ? all : `var ${name} = (${code});`;
  }).replace(MODULE_BODY, "$1: (function$2)");
}
