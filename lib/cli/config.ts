/**
 * The `config` command: writes a config file, or tells which values are in force and why.
 *
 * @module
 */

import { configText } from "../config/config_text.ts";
import { CONFIG_FILE } from "../config/file.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { asWritten, formatValue, type Option } from "../config/option_types.ts";
import { camelCase, type Config, OPTIONS } from "../config/options.ts";
import { type TableOptions, textRows } from "../terminal/text_table.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./args.ts";
import { forStdout } from "./output.ts";

/** `dl_jobs config`. */
export const configCommand: Command = {
  name: "config",
  usage: "config [k=v] [options]",
  doc: `Write ${CONFIG_FILE} into the current directory, or show what is in force.`,
  examples: [
    "dl_jobs config",
    "dl_jobs config is_dev=false cpu_image=py36 suppress=DeprecationWarning,FutureWarning",
    "dl_jobs config --info",
  ],
  options: [
    {
      name: "info",
      short: "i",
      type: "boolean",
      default: false,
      doc: "Show each value that is in force, and where it comes from.",
    },
    {
      name: "force",
      short: "f",
      type: "boolean",
      default: false,
      doc: "Overwrite a file that exists.",
    },
  ],
  config: true,
  keywords: true,
  run: runConfig,
};

async function runConfig(call: Call): Promise<number> {
  const [extra] = call.positional;
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": write a key and its value, such as workers=4`);
  }
  const values = { ...call.config, ...call.keywords };
  if (call.flags.info) await showConfig(values);
  else console.error(`Wrote ${await writeConfig(Deno.cwd(), values, call.flags.force === true)}`);
  return 0;
}

async function showConfig(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const loaded = await loadConfig({ flags });
  for (const warning of loaded.warnings) console.error(`Warning: ${warning}`);
  console.error(loaded.file ?? `There is no ${CONFIG_FILE} here or above`);
  console.log(infoText(loaded, forStdout()));
}

/**
 * Writes the config file of a directory and gives its path. Values stand in it for those of the
 * table.
 *
 * @throws {UsageError} When the file exists and `force` is false, or a value is wrong. Trying again
 * cannot help.
 */
export async function writeConfig(
  dir: string,
  values: Readonly<Record<string, unknown>>,
  force: boolean,
): Promise<string> {
  const path = `${dir}/${CONFIG_FILE}`;
  const text = await configText(values);
  try {
    await Deno.writeTextFile(path, text, { createNew: !force });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists
      ? "it exists, use --force to overwrite it"
      : (cause as Error).message;
    throw new UsageError(`Cannot write ${path}: ${reason}`, { cause });
  }
  return path;
}

/** One line an option: its key, its value as a user writes it, and where that comes from. */
export function infoText({ values, sources }: LoadedConfig, layout?: TableOptions): string {
  const row = (option: Option, key: keyof Config) => [
    option.name,
    formatValue(asWritten(option, values[key])),
    sources[key],
  ];
  return textRows(OPTIONS.map((option) => row(option, camelCase(option.name))), layout);
}
