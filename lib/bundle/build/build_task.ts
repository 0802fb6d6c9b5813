/**
 * Builds the program of a function, which consists of the worker and the user's code.
 *
 * @module
 */

import { keepCommand } from "./build_cli.ts";
import { buildProgram } from "./build_program.ts";
import { withBundler } from "./bundler.ts";
import { cachedForAll } from "../program/library_cache.ts";
import { readGraph } from "../modules/graph.ts";
import type { BuiltProgram, BundleOptions } from "../program/program.ts";
import type { UserModule } from "../program/user_module.ts";
import { withoutMap, WORKER, workerEntry } from "../program/worker_part.ts";

/** Builds the program of a function. */
export async function buildTask(
  user: UserModule,
  { cache, permissions }: BundleOptions,
): Promise<BuiltProgram> {
  const module = user.from?.module;
  // Both builds use the same process of the bundler.
  return await withBundler(async (esbuild) => {
    const [worker, graph] = await Promise.all([
      buildWorker(cache),
      readGraph(module, permissions),
      cache === undefined ? undefined : keepCommand(esbuild),
    ]);
    const parts = {
      entry: workerEntry(user.from, worker.code),
      worker: worker.code,
      graph,
      isWorker: true,
    };
    const program = await buildProgram({ ...user, ...parts, permissions });
    const mayCheck = mayHaveSchema(program.code, worker.code);
    return { ...program, mayCheck, inputs: [...program.inputs, ...worker.inputs] };
  });
}

const EXPORTS_ARGS = /^\s*args: \(\) =>/m;
const SETS_ARGS = /\.args\s*=[^=]|\bObject\.(?:assign|define\w+)\([^]{0,500}?\bargs\b/;

/** Returns true when a program exports `args`, or sets a property of this name. */
function mayHaveSchema(code: string, worker: string): boolean {
  const text = withoutMap(worker), own = code.slice(code.indexOf(text) + text.length);
  return EXPORTS_ARGS.test(own) || SETS_ARGS.test(own);
}

/** Builds the part of a program that is the worker. */
async function buildWorker(cache: string | undefined): Promise<BuiltProgram> {
  const entry = `export { serve } from "dl-jobs:worker/main";`;
  const parts = { entry, user: "", isLibrary: true, isWorker: true, global: WORKER };
  return await cachedForAll(cache, () => ["worker"], () => buildProgram(parts));
}
