/**
 * The text of a new config file.
 *
 * @module
 */

import { loadYaml } from "../deps.ts";
import { optionsInForce } from "./load.ts";
import { asWritten, describeOption } from "./option_text.ts";

/** Options of {@linkcode configText}. */
export interface ConfigTextOptions {
  /** The options in the file, by name. Without it, the file contains all of them. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Formats a config file that contains every option, sorted by key. The description of each option
 * is a comment. Its value is the given value or the default, in the form that a user writes
 * (`timeout: 90s`).
 *
 * @returns the text, in YAML.
 *
 * @example
 * ```ts
 * import { configText } from "./config_text.ts";
 *
 * const text = await configText({ gpus: "2", timeout: 90 });
 * if (!text.includes("\ngpus: 2\n") || !text.includes("\ntimeout: 90s\n")) throw new Error(text);
 * ```
 *
 * @throws {UsageError} when a name or a value is invalid.
 */
export async function configText(
  values: Readonly<Record<string, unknown>> = {},
  { names }: ConfigTextOptions = {},
): Promise<string> {
  const { stringify } = await loadYaml();
  const where = "command line";
  const given = Object.entries(values).map(([name, value]) => ({ name, value, where }));
  const inForce = (await optionsInForce(given))
    .filter(({ option }) => names?.includes(option.name) ?? true)
    .sort((a, b) => a.option.name < b.option.name ? -1 : 1);
  const blocks = inForce.map(({ option, value }) => {
    // A `lineWidth` of -1 keeps a long value on the line of its key.
    const line = stringify({ [option.name]: asWritten(option, value) }, { lineWidth: -1 });
    return `# ${describeOption(option)}\n${line}`;
  });
  return ["# The options of dl_jobs, for this directory and its subdirectories.\n", ...blocks].join(
    "\n",
  );
}
