/**
 * Checks the parameters of a Python function that is called with one element of a list.
 *
 * @module
 */

import type { FunctionRef } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { isContextName } from "../../util/second_parameter.ts";
import type { Scan } from "./scan.ts";
import { shortPath } from "../../util/paths.ts";

const WAY = "write @expand_args (from dl_jobs.decorators import expand_args) above it for a " +
  "parameter per column";

/**
 * Returns the warnings about the parameters of a function.
 *
 * @throws {UsageError} when a task cannot fill all of them.
 */
export function checkParameters({ module, method }: FunctionRef, { required }: Scan): string[] {
  const [, second, ...others] = required ?? [];
  if (second === undefined) return [];
  if (others.length > 0) {
    throw new UsageError(
      `Cannot call ${method} of ${shortPath(module)} with an element of the list: it needs ` +
        `${required!.length} arguments (${required!.join(", ")}), ${WAY}`,
    );
  }
  if (isContextName(second)) return [];
  return [`${method} receives the context of the task as "${second}": ${WAY}`];
}
