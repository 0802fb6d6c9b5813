/**
 * The content of a folder, for the tests of this folder.
 *
 * @module
 */

/** Returns the texts of the files in a folder, by their names. */
export function filesIn(folder: string): Record<string, string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]),
  );
}
