/**
 * Formats the help of commands from the tables of options.
 *
 * @module
 */

import { describeOption, formatValue } from "../config/option_text.ts";
import type { OptionSpec } from "../config/option_types.ts";
import { OPTION_GROUPS, OPTIONS } from "../config/options.ts";
import { type Command, isSwitch, labelOf, spellFlag } from "./command.ts";
import { type EngineOptions, loadEngineOptions } from "./engine_options.ts";
import {
  helpColumns,
  type HelpRow,
  joinSections,
  layoutExamples,
  layoutSection,
  wrapText,
} from "./help_layout.ts";
import { HELP_FLAG } from "./help_request.ts";
import { exitSection, mainHelp } from "./main_help.ts";

/** The layout and scope of a help text. */
export interface HelpOptions {
  /**
   * The maximum width of a line, in columns.
   *
   * @default {helpColumns()}
   */
  readonly columns?: number | undefined;
  /**
   * True to include rare and legacy options, the engines' own options and the exit statuses.
   *
   * @default {false}
   */
  readonly isFull?: boolean | undefined;
}

/** Returns the help of a command, which ends with examples. */
export async function helpText(
  { usage, doc, examples = [], options, config }: Command,
  { columns = helpColumns(), isFull = false }: HelpOptions = {},
): Promise<string> {
  return joinSections([
    wrapText(`Usage: dl_jobs ${usage}`, columns, 0, 4).join("\n"),
    wrapText(doc, columns).join("\n"),
    layoutSection("Options", [...options, HELP_FLAG].map(ownRow), columns),
    ...config ? await configSections(columns, isFull) : [],
    isFull ? exitSection(columns) : "",
    layoutExamples(examples, columns),
  ]);
}

/** Returns the help of `dl_jobs` itself with the options of all jobs and of the engines. */
export async function fullMainHelp(columns = helpColumns()): Promise<string> {
  return mainHelp(columns, await configSections(columns, true));
}

/** Returns the sections of the options that are also keys of the config file. */
async function configSections(columns: number, isFull: boolean): Promise<string[]> {
  const groups = Object.entries(OPTION_GROUPS).map(([group, title]) => {
    const rows = configOptions(isFull).filter((option) => option.group === group).map(configRow);
    return layoutSection(title, rows, columns);
  });
  const engines = isFull ? await loadEngineOptions() : [];
  const legacy = isFull ? OPTIONS.filter(isLegacy).map(configRow) : [];
  return [
    ...groups,
    ...engines.map((one) => engineSection(one, columns)),
    layoutSection(LEGACY_TITLE, legacy, columns),
    wrapText(isFull ? CONFIG_NOTE : `${CONFIG_NOTE} ${ALL_NOTE}`, columns).join("\n"),
  ];
}

const LEGACY_TITLE = "For code and config files of the Python package";

const CONFIG_NOTE =
  "The options of all other sections are also keys of dl_jobs.config.yaml (print_logs: false) and " +
  "environment variables (DL_JOBS_PRINT_LOGS=false). -qj4 means -q -j 4.";

const ALL_NOTE = "--help --all lists the other options, and those of each engine.";

function configOptions(isFull: boolean): readonly OptionSpec[] {
  return OPTIONS.filter((option: OptionSpec) =>
    isFull ? !isLegacy(option) : option.isCommon === true
  );
}

function isLegacy({ legacy }: OptionSpec): boolean {
  return legacy === true;
}

function engineSection({ engine, options, note }: EngineOptions, columns: number): string {
  const rows = options.map(engineRow);
  const title =
    `Engine ${engine}, as --${engine} NAME=VALUE or below ${engine}: in the config file`;
  const notes = note === undefined ? [] : wrapText(note, columns, 2);
  return [layoutSection(title, rows, columns), ...notes].join("\n");
}

/**
 * Returns the row for a command's own flag. A command's own switches are off by default and need no
 * `--no-` form.
 */
function ownRow(option: OptionSpec): HelpRow {
  return [`${shortOf(option)}${spellFlag(option)}${valueOf(option)}`, explain(option)];
}

/**
 * Returns the row for an option. A switch is shown with its `--no-` form, which overrides a config
 * file.
 */
function configRow(option: OptionSpec): HelpRow {
  if (!isSwitch(option)) return ownRow(option);
  const flag = spellFlag(option);
  return [
    `${shortOf(option)}${flag}${valueOf(option)}, ${flag.replace("--", "--no-")}`,
    explain(option),
  ];
}

/** Returns the placeholder for the value of a flag. The value of a switch may be left out. */
function valueOf(option: OptionSpec): string {
  if (option.type === "stem" || option.type === "key") return `[=${labelOf(option)}]`;
  return isSwitch(option) ? "" : ` ${labelOf(option)}`;
}

function engineRow(option: OptionSpec): HelpRow {
  const example = option.example ? ` Example: ${option.name}=${option.example}.` : "";
  return [
    `${option.name}=${labelOf(option)}`,
    `${describeOption(option)}${example}${defaultText(option)}`,
  ];
}

function shortOf({ short }: OptionSpec): string {
  return short ? `-${short}, ` : "";
}

function explain(option: OptionSpec): string {
  const key = option.flag ? ` [key: ${option.name}]` : "";
  return `${describeOption(option)}${key}${defaultText(option)}`;
}

function defaultText(option: OptionSpec): string {
  if (isSwitch(option)) return option.default === true ? " [default: on]" : "";
  const text = formatValue(option.default);
  return ["", "null"].includes(text) ? "" : ` [default: ${text}]`;
}
