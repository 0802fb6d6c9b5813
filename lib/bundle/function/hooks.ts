/**
 * The functions `setup` and `teardown`, which a worker calls once each.
 *
 * @module
 */

import type { FunctionRef } from "../../job_dir/record.ts";
import { fromFileUrl } from "../../util/paths.ts";

/** The functions that a worker calls once, when the job's function is passed as a value. */
export interface Hooks {
  /** Called before the first task. Its result is `ctx.state`. */
  readonly setup?: ((...args: never[]) => unknown) | undefined;
  /** Called after the last task. */
  readonly teardown?: ((...args: never[]) => unknown) | undefined;
}

const NAMES = ["setup", "teardown"] as const;

/**
 * Returns the text that exports the hooks of a user's module, and the schema of its elements.
 *
 * The bundler keeps all exports of a module whose exports are read by name at run time, so the text
 * is empty when the module cannot export a hook.
 */
export function hooksOfModule({ module, method }: FunctionRef): string {
  // The name tells the schema of the elements from a variable `args` in the program.
  const names = [...NAMES, "args: schema"].filter((name) => name.split(":")[0] !== method);
  if (!mayExport(module)) return "";
  return `import * as all from ${JSON.stringify(module)};\n` +
    `export const { ${names.join(", ")} } = all;\n`;
}

/** Returns true when the text of a module names a hook or a schema, or exports what other modules export. */
function mayExport(module: string): boolean {
  // The text of a module from the network is not known yet.
  if (!module.startsWith("file:")) return true;
  try {
    const text = Deno.readTextFileSync(fromFileUrl(module.replace(/[?#].*$/, "")));
    return /\b(?:setup|teardown)\b|\bexport\s*\*|\bexport\b[^;]*\bargs\b/.test(text);
  } catch {
    return false; // The bundler reports why the module cannot be read.
  }
}

/**
 * Returns the text that exports hooks that were passed as values.
 *
 * @throws {UsageError} when the source of a hook cannot run elsewhere.
 */
export async function hooksOfValues(hooks: Hooks): Promise<string> {
  const { functionSource } = await import("./function_source.ts");
  const texts = NAMES.map(async (name) => {
    const hook = hooks[name];
    return hook ? `export const ${name} = ${await functionSource(hook)};\n` : "";
  });
  return (await Promise.all(texts)).join("");
}
