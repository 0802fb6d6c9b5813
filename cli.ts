/**
 * The `dl_jobs` command: `deno run -A cli.ts run module.method`.
 *
 * @module
 */

import { findCommand } from "./lib/bundle/command.ts";

/** Loads the command. An import of a literal path would make Deno look at all its modules first. */
async function load(): Promise<typeof import("./lib/cli/mod.ts")> {
  return await import(
    await findCommand(Deno.args) ?? new URL("lib/cli/mod.ts", import.meta.url).href
  );
}

if (import.meta.main) Deno.exit(await (await load()).main(Deno.args));
