/**
 * The `config` command: writes a config file, or shows the values in force and their sources.
 *
 * @module
 */

import { configText } from "../config/config_text.ts";
import { CONFIG_FILE } from "../config/file.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { asWritten, formatValue } from "../config/option_text.ts";
import type { OptionSpec } from "../config/option_types.ts";
import { camelCase, type Config, OPTIONS } from "../config/options.ts";
import { escapeLine } from "../terminal/escape.ts";
import { padText, textWidth } from "../terminal/text_width.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/files/fs.ts";
import { writeNamed } from "../util/files/named_file.ts";
import { createMask } from "../util/text/mask.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { forStdout, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs config`. */
export const configCommand: Command = {
  name: "config",
  usage: "config [k=v] [options]",
  doc: SUMMARIES.config,
  examples: [
    "dl_jobs config",
    "dl_jobs config workers=4 timeout=5m env=LEVEL=debug",
    "dl_jobs config --info",
  ],
  options: [
    {
      name: "info",
      short: "i",
      type: "boolean",
      default: false,
      doc: "Show each value in force, and its source.",
    },
    {
      name: "force",
      short: "f",
      type: "boolean",
      takesBool: true,
      default: false,
      doc: "Overwrite an existing file.",
    },
  ],
  config: true,
  keywords: true,
  run: runConfig,
};

async function runConfig(call: Call): Promise<number> {
  const values = { ...call.config, ...call.keywords, ...withUnderscores(call.positional) };
  if (call.flags.info) await showConfig(values);
  else say(`Wrote ${await writeConfig(Deno.cwd(), values, call.flags.force === true)}`);
  return EXIT.done.status;
}

/** Reads words such as `max-attempts=3`, which are spelled like flags. */
function withUnderscores(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = /^([a-z]+(?:-[a-z]+)+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) return [name.replaceAll("-", "_"), value!];
    throw new UsageError(
      `Cannot use "${word}": it is not a key with a value, write one such as workers=4, or ` +
        "dl_jobs config --info to see all values",
    );
  }));
}

async function showConfig(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const loaded = await loadConfig({ flags });
  for (const warning of loaded.warnings) say(`Warning: ${warning}`);
  say(loaded.file ?? `There is no ${CONFIG_FILE} in this directory or above it`);
  console.log(infoText(loaded, forStdout().columns));
}

/**
 * Writes the config file of a directory. The given values replace the defaults.
 *
 * @returns the path of the file.
 * @throws {UsageError} when the file exists and `force` is false, when the file cannot be written,
 * or when a value is invalid.
 */
export async function writeConfig(
  dir: string,
  values: Readonly<Record<string, unknown>>,
  force: boolean,
): Promise<string> {
  const path = `${dir}/${CONFIG_FILE}`;
  const text = await configText(values);
  if (!force && exists(path)) {
    throw new UsageError(`Cannot write ${path}: it exists, use --force to overwrite it`);
  }
  writeNamed(path, text);
  return path;
}

/**
 * Formats one line per option, with its key, its value in the form that a user writes, and its
 * source. Nothing is cut; a long value moves the source of its own line only.
 *
 * @param columns the width of the terminal. @default {Infinity}
 */
export function infoText({ values, sources }: LoadedConfig, columns = Infinity): string {
  // The values of variables may be secrets.
  const hide = createMask(Object.values(values.env)) ?? ((text: string) => text);
  const row = (option: OptionSpec, key: keyof Config) => [
    option.name,
    hide(formatValue(asWritten(option, values[key]))),
    sources[key],
  ];
  const rows = OPTIONS.map((option) =>
    row(option, camelCase(option.name)).map((cell) => escapeLine(cell))
  );
  const widths = [0, 1].map((i) =>
    Math.max(...rows.map((cells) => textWidth(cells[i]!)).filter((width) => width <= columns / 2))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => padText(cell, widths[i] ?? 0)).join("  ");
  return rows.map(line).join("\n");
}
