/**
 * Warnings with a cause that comes back, such as one that each worker has.
 *
 * @module
 */

/** Returns a function that forwards only the first text, whatever the others say. */
export function firstWarning(warn: (text: string) => void): (text: string) => void {
  let hasWarned = false;
  return (text) => {
    if (!hasWarned) warn(text);
    hasWarned = true;
  };
}

/** Returns a function that forwards each distinct text to `warn` only once. */
export function warnOnce(warn: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    warn(text);
  };
}
