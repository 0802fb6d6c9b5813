/**
 * Files of this library as text. Their imports are literal, so that Deno includes the files when it
 * installs the command.
 *
 * @module
 */

/** Loads the text of a file. */
export type LoadText = () => Promise<{ readonly default: string }>;

/** Loads the texts of files, by their names. */
export async function loadTexts(
  files: Readonly<Record<string, LoadText>>,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(files).map(async ([name, load]) =>
    [name, (await load()).default] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
