/**
 * Files whose paths differ only in upper and lower case, such as `Tile.ts` and `tile.ts`. The bundler
 * takes them for one module, as on file systems that ignore the case.
 *
 * @module
 */

import type { EsbuildHooks } from "../../deps.ts";

/** The paths that have been resolved, by their form in lower case. Builds of a program share them. */
export type PathCases = Map<string, string[]>;

/**
 * Returns the hooks of a build, whose resolved files have a mark when another one has the same path
 * in another case. The mark is a part of what the bundler compares.
 */
export function withPathCases(build: EsbuildHooks, cases: PathCases): EsbuildHooks {
  return {
    ...build,
    onResolve: (options, resolve) =>
      build.onResolve(options, async (asked) => {
        const found = await resolve(asked);
        if (!found?.path || found.external || (found.namespace ?? "file") !== "file") return found;
        const mark = markOf(found.path, cases);
        return mark ? { ...found, suffix: withoutMark(found.suffix ?? "") + mark } : found;
      }),
  };
}

/** Returns the end of a module's address without the mark. */
export function withoutMark(suffix: string): string {
  return suffix.replace(/#case\d+$/, "");
}

function markOf(path: string, cases: PathCases): string {
  const lower = path.toLowerCase(), paths = cases.get(lower) ?? [];
  if (!paths.includes(path)) cases.set(lower, [...paths, path]);
  const place = cases.get(lower)!.indexOf(path);
  return place > 0 ? `#case${place}` : "";
}
