/**
 * The warning about a function that expects something else than the context of its task.
 *
 * @module
 */

import { isContextName } from "../../util/second_parameter.ts";

/** Warns about the parameter that receives the context, unless it looks like that of a context. */
export function checkParameter(parameter: string | undefined, warn: (text: string) => void): void {
  if (!parameter || parameter.startsWith("{") || isContextName(parameter)) return;
  warn(
    `The function receives the context of its task as "${parameter}": name the parameter ctx, or ` +
      "take the fields of an element from one object, as in ({ red, nir }) => ...",
  );
}
