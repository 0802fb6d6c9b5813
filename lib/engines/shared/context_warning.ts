/**
 * The warning about a function that expects something else than the context of its task.
 *
 * @module
 */

import { isContextName } from "../../util/second_parameter.ts";

/**
 * Returns a warning about the parameter that receives the context, unless its text looks like that of a
 * context.
 */
export function contextWarning(parameter: string | undefined): string | undefined {
  if (!parameter || parameter.startsWith("{") || isContextName(parameter)) return undefined;
  return `The function receives the context of its task as "${parameter}": name the parameter ctx, or ` +
    `take the fields of an element from one object, as in ({ a, ${parameter} }) => ...`;
}
