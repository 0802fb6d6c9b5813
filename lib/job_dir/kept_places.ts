/**
 * The places of the tasks of a list, kept for later runs that do not read its files again.
 *
 * @module
 */

import { Places } from "../tasks/places.ts";
import { crc32Text } from "../util/bytes/crc32.ts";
import { PRIVATE_FILE, removeIfThere, writeAtomic } from "../util/files/fs.ts";
import { jobFiles } from "./layout.ts";

// The most irregular distances between tasks. Tasks that are spread over a list, as by `sample`, have
// one each.
const MAX_SIZE = 100_000;

/**
 * Writes the places of a list that has been read, if its tasks are in files. Too many irregular
 * places are left out: they would cost more than they are worth.
 */
export function keepPlaces(folder: string, places: Places): void {
  const { size } = places;
  if (size === 0 || size > MAX_SIZE) return;
  const text = JSON.stringify(places);
  const line = `{"sum":${crc32Text(text)},"places":${text}}\n`;
  writeAtomic(jobFiles(folder).places, line, { mode: PRIVATE_FILE });
}

/** Removes the places, because more of the list is read, of which they know nothing. */
export function dropPlaces(folder: string): void {
  removeIfThere(jobFiles(folder).places);
}

/** Reads the places that {@linkcode keepPlaces} wrote; none when they are missing or damaged. */
export function keptPlaces(folder: string): Places {
  try {
    const { sum, places } = JSON.parse(Deno.readTextFileSync(jobFiles(folder).places));
    if (sum === crc32Text(JSON.stringify(places))) return Places.from(places);
  } catch {
    // A failure without its place is better than one with a wrong place.
  }
  return new Places();
}
