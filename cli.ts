/**
 * The command line of dl_jobs: `deno run -A cli.ts --help`.
 *
 * @module
 */

import { isHelp, isMainHelp } from "./lib/cli/help_request.ts";

/** Runs a command line. The version and the help of `dl_jobs` itself need no command. */
async function run(args: readonly string[]): Promise<number> {
  const isVersion = VERSION_WORDS.includes(args[0] ?? "");
  if (!isVersion && !isMainHelp(args)) return await (await loadCommand(args)).main(args);
  try {
    console.log(
      isVersion
        ? await (await import("./lib/cli/version.ts")).versionText()
        : (await import("./lib/cli/main_help.ts")).mainHelp(),
    );
    return 0;
  } catch (error) {
    console.error(`Error: ${(error as Error).message}`);
    return 1;
  }
}

const VERSION_WORDS = ["--version", "-V", "version"];

/** Loads the command as one program, or from its modules. */
async function loadCommand(args: readonly string[]): Promise<typeof import("./lib/cli/mod.ts")> {
  const folder = new URL(".", import.meta.url);
  // Without this question, Deno asks about each of several hundred modules.
  if (folder.protocol === "file:") await Deno.permissions.request({ name: "read", path: folder });
  // Deno would load all modules of a literal import at the start, also for the help.
  const load = (path: string) => import(new URL(path, folder).href);
  const { findCommand }: typeof import("./lib/bundle/program/cli_program.ts") = await load(
    "lib/bundle/program/cli_program.ts",
  );
  const program = await findCommand(isHelp(args) ? "help" : "all", args);
  // Another process may have removed the program meanwhile, or the disk cannot read it.
  const loaded = program && await load(program).catch(() => undefined);
  return loaded ?? await load("lib/cli/mod.ts");
}

if (import.meta.main) Deno.exit(await run(Deno.args));
