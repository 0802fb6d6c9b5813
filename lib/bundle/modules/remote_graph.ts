/**
 * Modules from the network, as Deno loads them within the permissions of a job.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { readModule } from "../../util/remote.ts";
import { importFlags, runDeno } from "./deno.ts";

/** The modules that a module from the network needs. */
export interface RemoteGraph {
  /** Returns the address that an address redirects to. */
  addressOf(url: string): string;
  /**
   * Returns the source text of a module.
   *
   * @throws {TypeError} when the module cannot be loaded, or the permissions do not include it.
   */
  read(url: string): Promise<string>;
}

/** The part of the output of `deno info --json` that this module uses. */
interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly local?: string;
    readonly error?: string;
  }[];
  readonly redirects: Readonly<Record<string, string>>;
}

/**
 * Loads a module from the network and everything that it imports.
 *
 * A process with the permissions of the job loads the modules. This process has all permissions: it
 * would follow a redirect to any host, and from Deno's cache even to a local file.
 *
 * @param entry the URL of the module
 * @param permissions Deno's permission flags of the job
 * @throws {UsageError} when Deno cannot load anything, or when this executable cannot limit it.
 * @see https://docs.deno.com/runtime/reference/cli/info/
 */
export async function loadGraph(
  entry: string,
  permissions: readonly string[],
): Promise<RemoteGraph> {
  if (Deno.build.standalone) return compiledGraph(entry, permissions);
  const { modules, redirects } = await inspect(entry, permissions);
  const found = new Map(modules.map((module) => [module.specifier, module]));
  return {
    addressOf: (url) => redirects[url] ?? url,
    async read(url) {
      const { local, error = `Module not found "${url}"` } = found.get(url) ?? {};
      if (local === undefined) throw new TypeError(error);
      return await Deno.readTextFile(local);
    },
  };
}

/** Returns the graph for an executable of `deno compile`, which has no `deno info`. */
function compiledGraph(entry: string, permissions: readonly string[]): RemoteGraph {
  if (permissions.includes("--allow-all")) return { addressOf: (url) => url, read: readModule };
  throw new UsageError(
    `Cannot load ${entry}: the compiled dl_jobs cannot limit what it loads; install Deno and run ` +
      "dl_jobs with it, or trust the code with --allow-all",
  );
}

async function inspect(entry: string, permissions: readonly string[]): Promise<Info> {
  const { stdout, stderr } = await runDeno([
    ...["info", "--json", "--quiet", "--no-lock", "--no-npm", "--node-modules-dir=none"],
    ...importFlags(permissions),
    entry,
  ]);
  // The output also describes the modules that cannot be loaded.
  if (stdout === "") throw new UsageError(`Cannot load ${entry}: ${stderr.trim()}`);
  return JSON.parse(stdout);
}
