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
 * Returns permission flags that also keep tasks away from the folders of jobs.
 *
 * A denied folder is denied as a whole, whatever is allowed, so a folder for the files of tasks
 * must be outside of it.
 *
 * @param store the folder of all jobs, as an absolute path; `undefined` when it is not here
 * @throws {UsageError} when the path of the folder has a comma, which Deno's flags cannot express.
 */
export function sandboxFlags(flags: readonly string[], store: string | undefined): string[] {
  if (store === undefined) return [...flags];
  const paths = [...new Set([store, Deno.realPathSync(store)])];
  if (paths.some((path) => path.includes(","))) {
    throw new UsageError(
      `Cannot limit the function: the path ${store} has a comma, move the project to another ` +
        "folder, or trust the code with --allow-all",
    );
  }
  const denied = ["read", "write"].map((name) => `--deny-${name}=${paths.join()}`);
  return [...withoutLinks(flags), ...denied];
}

/** Names the root folder, because a task that may write without limits could link to the store. */
function withoutLinks(flags: readonly string[]): string[] {
  return flags.map((flag) => flag === "--allow-write" ? "--allow-write=/" : flag);
}
