/**
 * Finds exported names with two meanings: `deno run -A scripts/check_names.ts`.
 *
 * Two rules apply to lib/ and repl/. No two files export the same name, and no class or type hides
 * a global of the web. Prints one line for each finding, with the way to fix it. Exits with status
 * 1 when it finds anything.
 *
 * @module
 */

import { listFiles, readTexts, type SourceText } from "./source_files.ts";

/** Globals of browsers that Deno lacks, so `globalThis` does not list them. */
const BROWSER_GLOBALS =
  "Attr CDATASection Comment Document DocumentFragment Element FormDataEntryValue History Image Lock " +
  "MutationObserver Node NodeList Notification Option Plugin Range Screen Selection Text Window";

const GLOBALS = new Set([...Object.getOwnPropertyNames(globalThis), ...BROWSER_GLOBALS.split(" ")]);

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(function|class|const|let|interface|type|enum)\*? (\w+)/gm;

/**
 * Checks the exported names of some files.
 *
 * @returns the findings, one line each
 */
export function checkNames(files: readonly SourceText[]): string[] {
  const names = files.flatMap(exportedNames);
  const places = Map.groupBy(names, ({ name }) => name);
  return [
    ...[...places].flatMap(([name, exports]) => {
      // Overloads of a function, and a type and a value of the same name, share one file.
      const [first, ...others] = new Set(exports.map(({ path }) => path));
      return others.map((path) => `${path} exports ${name}, as ${first} does: rename one of them`);
    }),
    ...names.filter(({ kind, name }) => isType(kind) && GLOBALS.has(name)).map(({ path, name }) =>
      `${path} exports ${name}, which hides a global of the web: rename it`
    ),
  ];
}

function exportedNames({ path, text }: SourceText) {
  return [...text.matchAll(EXPORT)].map(([, kind, name]) => ({ path, kind: kind!, name: name! }));
}

function isType(kind: string): boolean {
  return ["class", "interface", "type", "enum"].includes(kind);
}

async function main(root: string): Promise<number> {
  const paths = (await listFiles(root)).filter((path) => /^(lib|repl)\//.test(path));
  const findings = checkNames(await readTexts(root, paths));
  for (const finding of findings) console.log(finding);
  console.log(`${paths.length} files, ${findings.length} findings`);
  return findings.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(`${import.meta.dirname}/..`));
