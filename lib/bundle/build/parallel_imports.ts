/**
 * The order of modules with a top-level `await`.
 *
 * The bundler loads the imports of a module one after the other. In the language, a module that
 * waits does not delay the modules that are imported after it.
 *
 * @see {@link https://tc39.es/ecma262/#sec-async-module-execution}
 *
 * @module
 */

/** Lets the imports of each module in a program load at the same time. Keeps all lines. */
export function parallelImports(code: string): string {
  const loaders = new Set(Array.from(code.matchAll(LOADER), ([, name]) => name));
  return code.replace(HEAD, (text, head: string, calls: string) => {
    const lines = calls.split("\n").slice(0, -1);
    // The user's own statements may look the same.
    const end = lines.findIndex((line) => !loaders.has(CALL.exec(line)![2]));
    const count = end < 0 ? lines.length : end;
    const waits = lines.slice(0, count).some((line) => CALL.exec(line)![1]);
    return count > 1 && waits ? head + join(lines, count) : text;
  });
}

const LOADER = /^var (init_[\w$]+) = __esm\(/gm;
const HEAD = /^( *async "(?:[^"\\]|\\.)*"\(\) \{\n)((?: +(?:await )?[\w$]+\(\);\n)+)/gm;
const CALL = /^ +(await )?([\w$]+)\(\);$/;

function join(lines: readonly string[], count: number): string {
  return lines.map((line, index) => {
    if (index >= count) return `${line}\n`;
    const start = index === 0 ? "await Promise.all([" : "";
    return `${start}${CALL.exec(line)![2]}()${index === count - 1 ? "]);" : ","}\n`;
  }).join("");
}
