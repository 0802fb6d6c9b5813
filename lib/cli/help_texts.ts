/**
 * The help texts that were printed last. They are printed again without loading the tables.
 *
 * A text depends on the command line, on the width and on the modules of the help program.
 *
 * @module
 */

import { findUnchanged } from "../bundle/cache.ts";
import { commandCache, commandKey } from "../bundle/command.ts";
import { shortHash } from "../bundle/hash.ts";
import { PRIVATE_FILE, writeAtomic } from "../util/fs.ts";
import { helpColumns } from "./help_layout.ts";

/** The file of the texts, which follows a line with its hash. */
interface HelpTexts {
  /** The name of the help program that made the texts. */
  readonly program: string;
  /** The texts by command lines and widths. */
  readonly texts: Readonly<Record<string, string>>;
}

const FILE = "help_texts";
const MOST_TEXTS = 16;

/**
 * Returns the text that a command line prints. Undefined when the text is not known, or a module of
 * the help has changed.
 */
export async function findHelp(args: readonly string[]): Promise<string | undefined> {
  const folder = commandCache();
  if (folder === undefined || !isCommon(args)) return undefined;
  try {
    const program = await findUnchanged(folder, commandKey("help"));
    return program && (await readTexts(folder, program))?.texts[keyOf(args)];
  } catch {
    // This process may not read the folder, or other users could have written there.
    return undefined;
  }
}

/** Keeps the text that a command line prints. Does nothing where the cache cannot be written. */
export async function keepHelp(args: readonly string[], text: string): Promise<void> {
  const folder = commandCache();
  if (folder === undefined || !isCommon(args)) return;
  const { state } = Deno.permissions.querySync({ name: "write", path: folder });
  if (state !== "granted") return;
  try {
    const program = await findUnchanged(folder, commandKey("help"));
    if (program === undefined) return;
    const known = Object.entries((await readTexts(folder, program))?.texts ?? {});
    const texts = Object.fromEntries([[keyOf(args), text], ...known].slice(0, MOST_TEXTS));
    const json = JSON.stringify({ program, texts } satisfies HelpTexts);
    const whole = `${await shortHash(json)}\n${json}`;
    writeAtomic(`${folder}/${FILE}`, whole, { isContended: true, mode: PRIVATE_FILE });
  } catch {
    // The texts only save time.
  }
}

/** Returns the texts that the program has made; undefined when there are none. */
async function readTexts(folder: string, program: string): Promise<HelpTexts | undefined> {
  try {
    const [hash = "", json = ""] = Deno.readTextFileSync(`${folder}/${FILE}`).split("\n", 2);
    const texts: HelpTexts | undefined = hash === await shortHash(json)
      ? JSON.parse(json)
      : undefined;
    return texts?.program === program ? texts : undefined;
  } catch {
    return undefined;
  }
}

/** The full help also has the tables of the engines, which are not part of the help program. */
function isCommon(args: readonly string[]): boolean {
  return !args.includes("--all");
}

function keyOf(args: readonly string[]): string {
  return JSON.stringify([helpColumns(), ...args]);
}
