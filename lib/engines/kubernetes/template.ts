/**
 * The user's PodTemplate.
 *
 * @module
 */

import { loadYaml } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { fileText } from "../../util/text/file_text.ts";

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
  let value: unknown, bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  const text = fileText(bytes, `Cannot use the template ${path}`);
  try {
    // The schema has no dates: kubectl, too, passes a plain 2024-01-01 on as this text.
    value = merged((await loadYaml()).parse(text, { schema: "core" }));
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  const template = isDict(value) && isDict(value.template) ? value.template : value;
  if (isDict(template) && isDict(template.spec)) return template;
  throw wrong("it has no spec");
}

/** Replaces merge keys (`<<`), which the schema does not have, by the entries of their maps. */
function merged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(merged);
  if (!isDict(value)) return value;
  const { "<<": maps = [], ...own } = value;
  // The first map with a key wins.
  const entries = [maps].flat().map(merged).filter(isDict).reverse();
  const values = Object.entries(own).map(([key, part]) => [key, merged(part)] as const);
  return Object.assign({}, ...entries, Object.fromEntries(values));
}
