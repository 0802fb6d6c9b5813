/**
 * The command line of dl_jobs: `deno run -A cli.ts --help`.
 *
 * @module
 */

import { findCommand } from "./lib/bundle/program/cli_program.ts";
import { isHelp } from "./lib/cli/help_request.ts";
import { versionText } from "./lib/cli/version.ts";

/** Runs a command line. The version needs neither the command nor a permission. */
async function run(args: readonly string[]): Promise<number> {
  if (!VERSION_WORDS.includes(args[0] ?? "")) return await (await load(args)).main(args);
  console.log(await versionText());
  return 0;
}

const VERSION_WORDS = ["--version", "-V", "version"];

/** Loads the command. An import of a literal path would make Deno look at all its modules first. */
async function load(args: readonly string[]): Promise<typeof import("./lib/cli/mod.ts")> {
  const folder = new URL(".", import.meta.url);
  // Without this question, Deno asks about each of several hundred modules.
  if (folder.protocol === "file:") await Deno.permissions.request({ name: "read", path: folder });
  const program = await findCommand(isHelp(args) ? "help" : "all", args);
  return await import(program ?? new URL("lib/cli/mod.ts", folder).href);
}

if (import.meta.main) Deno.exit(await run(Deno.args));
