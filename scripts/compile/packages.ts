/**
 * Fetches npm packages for any kind of machine as files. Deno downloads them, so no other program
 * is needed.
 *
 * @module
 */

import { deno } from "../steps/deno.ts";

/** Packages in a folder that is removed on disposal. */
export interface Packages extends AsyncDisposable {
  /** The folder whose `node_modules` has the packages. */
  readonly folder: string;
  /** Returns the path of a file in a package. */
  path(name: string, file: string): string;
}

/** Fetches packages by their names and versions. */
export async function fetchPackages(
  dependencies: Readonly<Record<string, string>>,
): Promise<Packages> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "dl_jobs_packages_" }));
  const packages = {
    folder,
    path: (name: string, file: string) => `${folder}/node_modules/${name}/${file}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  try {
    await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ dependencies }));
    await install(folder);
    return packages;
  } catch (error) {
    await packages[Symbol.asyncDispose]();
    throw error;
  }
}

async function install(folder: string): Promise<void> {
  const { success, stderr } = await deno(
    ["install", "--quiet", "--no-lock", "--node-modules-dir=auto"],
    { cwd: folder, env: { NO_COLOR: "1" } },
  ).output();
  const said = new TextDecoder().decode(stderr).split("\n\nStack backtrace:")[0]!.trim();
  if (!success) throw new Error(`Cannot fetch packages: ${said.replace(/^error: /, "")}`);
}
