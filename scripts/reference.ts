/**
 * Writes `docs/reference/` from the tables of commands, options and exit statuses, and the tables of
 * contents of other long pages: `deno run -A scripts/reference.ts`.
 *
 * @module
 */

import { COMMANDS } from "../lib/cli/mod.ts";
import { commandPage } from "./reference/commands.ts";
import { enginePage, optionPage } from "./reference/options.ts";
import { exitPage } from "./reference/exit_status.ts";
import { writeContents } from "./contents.ts";
import { formatPages, type ReferencePage } from "./reference/page.ts";

/** The folder of the pages. */
export const REFERENCE = new URL("../docs/reference/", import.meta.url);

/** Returns the pages of the reference, formatted. */
export async function referencePages(): Promise<ReferencePage[]> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  return await formatPages([
    commandPage(commands),
    optionPage(),
    await enginePage(),
    exitPage(),
  ]);
}

if (import.meta.main) {
  await Deno.mkdir(REFERENCE, { recursive: true });
  for (const { name, text } of await referencePages()) {
    await Deno.writeTextFile(new URL(name, REFERENCE), text);
  }
  await writeContents();
}
