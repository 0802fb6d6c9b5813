/**
 * The command line of dl_jobs: `deno run -A cli.ts --help`.
 *
 * @module
 */

import { findCommand } from "./lib/bundle/command.ts";
import { isHelp } from "./lib/cli/help_request.ts";
import { findHelp } from "./lib/cli/help_texts.ts";
import { versionText } from "./lib/cli/version.ts";

/** Runs a command line. The version needs neither the command nor a permission. */
async function run(args: readonly string[]): Promise<number> {
  const text = args[0] === "--version" ? await versionText() : await knownHelp(args);
  if (text === undefined) return await (await load(args)).main(args);
  console.log(text);
  return 0;
}

const FOLDER = new URL(".", import.meta.url);

/** Returns the help that a command line requests, if it was printed before. */
async function knownHelp(args: readonly string[]): Promise<string | undefined> {
  // Without this question, Deno asks about each of several hundred modules.
  if (FOLDER.protocol === "file:") await Deno.permissions.request({ name: "read", path: FOLDER });
  return isHelp(args) ? await findHelp(args) : undefined;
}

/** Loads the command. An import of a literal path would make Deno look at all its modules first. */
async function load(args: readonly string[]): Promise<typeof import("./lib/cli/mod.ts")> {
  const program = await findCommand(isHelp(args) ? "help" : "all", args);
  return await import(program ?? new URL("lib/cli/mod.ts", FOLDER).href);
}

if (import.meta.main) Deno.exit(await run(Deno.args));
