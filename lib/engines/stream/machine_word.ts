/**
 * The word for the machines of an engine, in counts of them.
 *
 * @module
 */

/** Returns the word for one machine of an engine. */
export function machineWord(engine: string): "host" | "pod" {
  return engine === "kubernetes" ? "pod" : "host";
}
