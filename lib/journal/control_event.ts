/**
 * The informative line of a journal that records a change of a running job.
 *
 * @module
 */

/**
 * Returns the line of a change, with its newline.
 *
 * @param at the time of the request, as ISO 8601 text
 * @param change the new values
 */
export function controlEvent(at: string, change: Readonly<Record<string, unknown>>): Uint8Array {
  const line = { type: "control", info: true, at, applied: new Date().toISOString(), ...change };
  return new TextEncoder().encode(JSON.stringify(line) + "\n");
}
