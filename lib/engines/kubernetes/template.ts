/**
 * The user's PodTemplate.
 *
 * @module
 */

import { loadYaml } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";

/**
 * Reads the option `template`.
 *
 * @param path the path of the file; `undefined` for an empty template
 * @throws {UsageError} when the file has no template.
 */
export async function readPodTemplate(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  const wrong = (reason: string, cause?: unknown) =>
    new UsageError(
      `Cannot use ${path} as template in the option kubernetes: ${reason}, write a PodTemplate ` +
        "with spec in YAML or JSON",
      { cause },
    );
  let value: unknown;
  try {
    value = (await loadYaml()).parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  const template = isDict(value) && isDict(value.template) ? value.template : value;
  if (isDict(template) && isDict(template.spec)) return template;
  throw wrong("it has no spec");
}
