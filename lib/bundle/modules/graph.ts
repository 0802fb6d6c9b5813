/**
 * The module graph of a user's module, as Deno resolves it with the user's configuration, lock file
 * and packages.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { dirname, fromFileUrl, shortPath } from "../../util/paths.ts";
import { loaderOf } from "./addresses.ts";
import { importFlags, reasonOf, runDeno } from "./deno.ts";
import { importMap, nearestConfig } from "./import_map.ts";

/** The resolved imports of a module and of everything that it imports. */
export interface ModuleGraph {
  /**
   * Returns the address of an import, with the exact version of a package. Returns undefined for an
   * import that Deno cannot resolve or does not know.
   */
  target(importer: string, specifier: string): string | undefined;
  /**
   * Returns the packages that some packages need, at any depth, with their exact versions.
   *
   * @param addresses the addresses of imports, such as `npm:debug@4.4.1`
   */
  neededBy(addresses: readonly string[]): readonly string[];
  /**
   * Finds the module of a package that Deno has installed in a folder `node_modules`, where the user
   * may have changed its files. Returns undefined for a package in the cache of Deno.
   *
   * @param address the address of an import, such as `npm:debug@4.4.1`
   */
  installed(address: string): Installed | undefined;
  /** Returns true for the address of an import of the modules that load with the module. */
  has(address: string): boolean;
  /** The addresses of the local modules that load with the module, or by an `import("name")`. */
  readonly local: readonly string[];
  /** The addresses of the local files that these modules import as JSON. */
  readonly json: readonly string[];
}

/** A module of a package that is installed for the project. */
export interface Installed {
  /** The name of the package, and the path of the module in it, if any. */
  readonly name: string;
  /** The folder `node_modules` with the package. */
  readonly folder: string;
}

/** The graph of a program whose imports Deno does not need to resolve. */
export const NO_GRAPH: ModuleGraph = {
  target: () => undefined,
  neededBy: () => [],
  installed: () => undefined,
  has: () => false,
  local: [],
  json: [],
};

/** The part of the output of `deno info --json` that this module uses. */
interface DenoInfo {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly Dependency[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Packages;
}

/** An import of a module. */
interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
  /** The attribute `type` of the import. */
  readonly assertionType?: string;
}

/** Packages by an id, which dependencies refer to. */
type Packages = Readonly<Record<string, Package>>;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** Its folder: in the cache of Deno, or in a folder `node_modules`. */
  readonly localPath?: string;
}

/**
 * Reads the graph of a local module. An executable made by `deno compile` has no `deno info`, so its
 * graph is empty.
 *
 * @param permissions Deno's permission flags of the job, which decide on the hosts of its imports
 * @throws {UsageError} when Deno refuses the graph, such as for a lock file that does not match.
 */
export async function readGraph(
  module: string | undefined,
  permissions: readonly string[] = [],
): Promise<ModuleGraph> {
  if (!module?.startsWith("file:") || Deno.build.standalone) return NO_GRAPH;
  // Broken configurations get a better message here than from Deno.
  await importMap(await nearestConfig(module));
  const flags = ["--json", "--quiet", "--sloppy-imports", ...importFlags(permissions)];
  const found = await runDeno(["info", ...flags, module], dirname(fromFileUrl(module)));
  if (found.success) return toGraph(JSON.parse(found.stdout));
  throw new UsageError(`Cannot load ${shortPath(module)}: ${reasonOf(found)}`);
}

function toGraph({ roots, modules, redirects, npmPackages = {} }: DenoInfo): ModuleGraph {
  const keyOf = (importer: string, specifier: string) => `${importer} ${specifier}`;
  const targets = new Map<string, string>();
  for (const { specifier: importer, dependencies = [] } of modules) {
    for (const { specifier, code } of dependencies) {
      if (code?.specifier) {
        targets.set(keyOf(importer, specifier), follow(code.specifier, redirects));
      }
    }
  }
  const loaded = reachedFrom(roots, modules, isStatic);
  const included = reachedFrom(roots, modules, (one, from) => isStatic(one) || isNamed(one, from));
  const addresses = new Set(
    loaded.flatMap(({ specifier, dependencies = [] }) =>
      dependencies.map((dependency) => targets.get(keyOf(specifier, dependency.specifier)))
    ),
  );
  const sound = included.filter(({ error }) => error === undefined)
    .map(({ specifier }) => specifier);
  const asJson = new Set(
    included.flatMap(({ dependencies = [] }) => dependencies)
      .filter(({ assertionType }) => assertionType === "json").map(({ code }) => code?.specifier),
  );
  return {
    has: (address) => addresses.has(address),
    target: (importer, specifier) => targets.get(keyOf(importer, specifier)),
    neededBy: (addresses) => neededBy(addresses, npmPackages),
    installed: (address) => installed(address, Object.values(npmPackages)),
    local: sound.filter(isCode),
    json: sound.filter((address) => address.startsWith("file:") && asJson.has(address)),
  };
}

/**
 * Returns the modules that some modules reach by imports which a filter accepts. Imports of types
 * do not count.
 */
function reachedFrom(
  roots: readonly string[],
  modules: DenoInfo["modules"],
  accepts: (dependency: Dependency, importer: string) => boolean,
): DenoInfo["modules"] {
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set(roots);
  // The loop also visits the modules that it adds.
  for (const name of found) {
    const { dependencies = [] } = byName.get(name) ?? {};
    dependencies.filter((one) => accepts(one, name))
      .forEach(({ code }) => found.add(code?.specifier ?? name));
  }
  return modules.filter(({ specifier }) => found.has(specifier));
}

function isStatic({ isDynamic }: Dependency): boolean {
  return !isDynamic;
}

/**
 * Returns true for an `import("name")`. Deno also lists the files that a name with variable parts
 * could match, and these need not be parts of the program.
 */
function isNamed({ specifier }: Dependency, importer: string): boolean {
  if (!isCode(importer)) return false;
  const name = new RegExp(`\\bimport\\s*\\(\\s*(["'\`])${RegExp.escape(specifier)}\\1`);
  return name.test(Deno.readTextFileSync(fromFileUrl(importer)));
}

/** Returns true for the address of a module of the user that is code. */
function isCode(address: string): boolean {
  return address.startsWith("file:") && loaderOf(new URL(address).pathname) !== undefined;
}

function installed(address: string, packages: readonly Package[]): Installed | undefined {
  const isIn = (one: Package) => `${address}/`.startsWith(`${exactAddress(one)}/`);
  const found = packages.find((one) => one.localPath?.includes("/node_modules/") && isIn(one));
  if (!found) return undefined;
  const { name, localPath } = found;
  return {
    name: name + address.slice(exactAddress(found).length),
    folder: localPath!.slice(0, -`/${name}`.length),
  };
}

function exactAddress({ name, version }: Package): string {
  return `npm:${name}@${version}`;
}

function neededBy(addresses: readonly string[], packages: Packages): string[] {
  const addressOf = (id: string) => exactAddress(packages[id]!);
  const isGiven = (id: string) =>
    addresses.some((address) => `${address}/`.startsWith(`${addressOf(id)}/`));
  const found = new Set(Object.keys(packages).filter(isGiven));
  // The loop also visits the ids that it adds.
  for (const id of found) packages[id]?.dependencies.forEach((needed) => found.add(needed));
  return [...found].filter((id) => id in packages).map(addressOf);
}

/** Follows redirects to the exact version of a package: `npm:ms@^2.1.0` to `npm:ms@2.1.3`. */
function follow(address: string, redirects: DenoInfo["redirects"]): string {
  let found = address;
  for (const seen = new Set([found]); redirects[found] && !seen.has(redirects[found]!);) {
    found = redirects[found]!;
    seen.add(found);
  }
  // The version of a package with peers ends with their versions: `npm:/a@1.0.0_b@2.0.0/part`.
  return found.replace(/^npm:\/((?:@[^/]+\/)?[^/@]+@[^/_]+)(?:_[^/]*)?/, "npm:$1");
}
