/**
 * The display of an object in a session or a notebook.
 *
 * @module
 */

/** The key of the method that Deno calls to show a value in a terminal or a notebook. */
export const INSPECT = Symbol.for("Deno.customInspect");
