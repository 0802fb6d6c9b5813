/**
 * The text of a config file.
 *
 * @module
 */

import { loadYaml } from "../deps.ts";
import { settle } from "./load.ts";
import { asWritten, describe } from "./option_types.ts";

/**
 * Writes the text of a config file: every key with its sentence above it, sorted, with its default
 * or the value given for it. Values stand in it as a user writes them (`timeout: 90s`).
 *
 * @example
 * ```ts
 * import { configText } from "./config_text.ts";
 *
 * const text = await configText({ gpus: "2", timeout: 90 });
 * if (!text.includes("\ngpus: 2\n") || !text.includes("\ntimeout: 90s\n")) throw new Error(text);
 * ```
 *
 * @throws {UsageError} When a name or a value is wrong. Trying again cannot help.
 */
export async function configText(
  values: Readonly<Record<string, unknown>> = {},
  where = "command line",
): Promise<string> {
  const { stringify } = await loadYaml();
  const settings = Object.entries(values).map(([name, value]) => ({ name, value, where }));
  const settled = (await settle(settings)).sort((a, b) => a.option.name < b.option.name ? -1 : 1);
  const blocks = settled.map(({ option, value }) => {
    // Without a limit, because a folded value would stand on the line below its key.
    const line = stringify({ [option.name]: asWritten(option, value) }, { lineWidth: -1 });
    return `# ${describe(option)}\n${line}`;
  });
  return ["# The options of dl_jobs, for this directory and those in it.\n", ...blocks].join("\n");
}
