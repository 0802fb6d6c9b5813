/**
 * The part of a program that is the worker. It has a scope of its own, so that none of its names
 * renames a class or a function of the user.
 *
 * @module
 */

import { loadMappings } from "../../deps.ts";
import type { FunctionRef } from "../../job_dir/record.ts";

/** The global variable of a program with the exports of `worker/main.ts`. */
export const WORKER = "__dl_jobs_worker";

/**
 * Returns the text of an entry module that starts the worker with the user's function. No name in it
 * can be a name of the user.
 *
 * @param from the user's module and its export, if any
 * @param worker the text of the worker
 */
export function workerEntry(from: FunctionRef | undefined, worker: string): string {
  return `
    const __dl_jobs_load = Object.assign(() => import("dl-jobs:user"), {
      module: ${JSON.stringify(from?.module)},
      method: ${JSON.stringify(from?.method)},
      usesNode: __dl_jobs_uses_node,
    });
    const __dl_jobs_work = (options) => ${WORKER}.serve(__dl_jobs_load, options);
    export { __dl_jobs_load as load, __dl_jobs_work as work };
    if (__dl_jobs_main) ${WORKER}.serve(__dl_jobs_load);
    if (false) [${globalsIn(worker).join(", ")}];`;
}

/**
 * Returns the global names in the text of the worker. The bundler renames the variables of the user
 * that would hide a global name of another module, but it does not see the worker as a module.
 */
function globalsIn(worker: string): string[] {
  const words = new Set(worker.match(/\b[A-Za-z]\w*/g));
  return Object.getOwnPropertyNames(globalThis).filter((name) => words.has(name));
}

/** The line of a program that is true when it loads the modules of Node before the worker starts. */
export const USES_NODE = "const __dl_jobs_uses_node = false;";

const MAP = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S*)\n/;

/** A source map, in the form of its version 3. */
export interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** Returns the text of a part without its source map. */
export function withoutMap(part: string): string {
  return part.replace(MAP, "\n");
}

/** Returns the source map at the end of a program or a part, if any. */
export function mapOf(text: string): SourceMap | undefined {
  const base64 = MAP.exec(text)?.[1];
  return base64 === undefined
    ? undefined
    : JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(base64)));
}

/**
 * Adds the source map of a part to the source map of the program that contains it.
 *
 * @param map the source map of the program
 * @param code the text of the program
 * @param part the text of the part, with its source map
 */
export async function addMap(map: SourceMap, code: string, part: string): Promise<SourceMap> {
  const added = mapOf(part);
  if (!added) return map;
  const { decode, encode } = await loadMappings();
  const first = code.slice(0, code.indexOf(withoutMap(part))).split("\n").length - 1;
  const lines = decode(map.mappings), shift = map.sources.length;
  for (const [index, line] of decode(added.mappings).entries()) {
    lines[first + index] = line.map(([column, source = 0, row = 0, from = 0]) =>
      [column, source + shift, row, from] as const
    ) as never;
  }
  return { ...map, sources: [...map.sources, ...added.sources], mappings: encode(lines) };
}
