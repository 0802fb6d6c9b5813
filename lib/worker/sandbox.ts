/**
 * The sandbox of a worker whose permissions are limited.
 *
 * @module
 * @see https://docs.deno.com/runtime/fundamentals/security/
 */

import { UsageError } from "../util/errors.ts";
import { toFileUrl } from "../util/paths.ts";

/**
 * Returns the module that starts a program in the sandbox.
 *
 * Deno checks no permissions for the modules that a program names in its text, nor for what these
 * modules name in turn: an `import("file:///...")` in a package reads any file. It does check them
 * for modules that are imported by a computed address, so the program is imported as a blob. The
 * module does not wait for the tasks: Deno would end it when no task can ever settle.
 */
export function sandboxMain(bundle: string): string {
  const code = `import text from ${JSON.stringify(toFileUrl(bundle))} with { type: "text" };
    const blob = new Blob([text], { type: "text/javascript" });
    const { work } = await import(URL.createObjectURL(blob)).catch(({ message }) => {
      console.error(message);
      Deno.exit(1);
    });
    work(JSON.parse(Deno.args[0]));`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/**
 * Returns permission flags that also keep tasks away from the folders of jobs, except from the
 * folder for their own files.
 *
 * Deno decides by the longest path that contains a file. A permission without a path loses against
 * every denied folder, and so would that of the inner folder, so it becomes that of the root folder.
 * A task that may write without limits could also link to the denied folder.
 *
 * @param store the folder of all jobs, as an absolute path; `undefined` when it is not here
 * @param files the folder for the files of the job's tasks, as an absolute path. @default {none}
 * @throws {UsageError} when a path has a comma, which Deno's flags cannot express.
 */
export function sandboxFlags(
  flags: readonly string[],
  store: string | undefined,
  files?: string,
): string[] {
  const stores = store === undefined ? [] : [...new Set([store, Deno.realPathSync(store)])];
  const folders = files === undefined ? [] : [...new Set([files, ...insideOf(stores, files)])];
  refuseCommas([...stores, ...folders]);
  const denied = stores.length > 0 ? bothFlags("deny", stores) : [];
  const allowed = folders.length > 0 ? bothFlags("allow", folders) : [];
  return [...flags.map(withPath), ...allowed, ...denied];
}

/** Returns the names of a folder below each name of the folder of all jobs. */
function insideOf([store, ...others]: readonly string[], files: string): string[] {
  if (store === undefined || !files.startsWith(`${store}/`)) return [];
  return others.map((other) => other + files.slice(store.length));
}

function bothFlags(kind: "allow" | "deny", paths: readonly string[]): string[] {
  return ["read", "write"].map((name) => `--${kind}-${name}=${paths.join()}`);
}

function withPath(flag: string): string {
  return flag === "--allow-write" || flag === "--allow-read" ? `${flag}=/` : flag;
}

function refuseCommas(paths: readonly string[]): void {
  const path = paths.find((path) => path.includes(","));
  if (path === undefined) return;
  throw new UsageError(
    `Cannot limit the function: the path ${path} has a comma, move the project to another ` +
      "folder, or trust the code with --allow-all",
  );
}
