/**
 * The reference of options.
 *
 * @module
 */

import { isSwitch, labelOf, spellFlag } from "../../lib/cli/command.ts";
import { loadEngineOptions } from "../../lib/cli/engine_options.ts";
import { describeOption, formatValue } from "../../lib/config/option_text.ts";
import type { OptionSpec } from "../../lib/config/option_types.ts";
import { optionVariable } from "../../lib/config/variables.ts";
import { camelCase, OPTION_GROUPS, OPTIONS } from "../../lib/config/options.ts";
import { code, contents, plain, type ReferencePage } from "./page.ts";

const INTRO = `# Options of jobs

Each option is a flag of \`run\`, \`map\` and \`test\`, a key of \`dl_jobs.config.yaml\`, a variable of
the environment, and an option of a job in code. [Options](../guides/options.md) describes the places and
the forms of values.`;

/** Returns the page with all options of jobs. */
export function optionPage(): ReferencePage {
  const groups = Object.entries(OPTION_GROUPS).map(([group, title]) => ({
    title,
    options: OPTIONS.filter((option: OptionSpec) => option.group === group && !option.legacy),
  }));
  const legacy = OPTIONS.filter((option: OptionSpec) => option.legacy === true);
  const all = [...groups, { title: LEGACY, options: legacy }];
  const text = [
    INTRO,
    contents(all.map(({ title }) => title)),
    ...all.flatMap(({ title, options }) => [`## ${title}`, ...options.map(jobOption)]),
  ].join("\n\n");
  return { name: "options.md", text };
}

const LEGACY = "For code of the Python package";

function jobOption(option: OptionSpec): string {
  const variable = optionVariable(option.name), inCode = code(camelCase(option.name));
  return [
    `### ${option.name}`,
    plain(describeOption(option)),
    [
      `- flag: ${flagForms(option)}`,
      variable ? `- variable: ${code(variable)}; in code: ${inCode}` : `- in code: ${inCode}`,
      `- default: ${defaultOf(option)}`,
      `- example: ${code(exampleOf(option))}`,
    ].join("\n"),
  ].join("\n\n");
}

/** Returns the forms of a flag: `-j N`, `--workers N`. */
export function flagForms(option: OptionSpec): string {
  const flag = spellFlag(option), value = isSwitch(option) ? "" : ` ${labelOf(option)}`;
  const short = option.short === undefined ? [] : [`-${option.short}${value}`];
  return [...short, `${flag}${value}`].map(code).join(", ");
}

/** Returns the default of an option, in the form that a user writes. */
export function defaultOf(option: OptionSpec): string {
  if (isSwitch(option)) return option.default === true ? "on" : "off";
  const text = formatValue(option.default);
  return ["", "null"].includes(text) ? "none" : code(text);
}

/**
 * Returns an example of a flag with its value.
 *
 * @throws {Error} when the table has none.
 */
export function exampleOf(option: OptionSpec): string {
  const flag = spellFlag(option);
  if (isSwitch(option)) return option.default === true ? flag.replace("--", "--no-") : flag;
  return `${flag} ${exampleValue(option)}`;
}

function exampleValue({ name, example, choices }: OptionSpec): string {
  const value = example ?? choices?.at(-1);
  if (value !== undefined) return value;
  throw new Error(`The option ${name} has no example: add one to its table`);
}

/** Returns the page with the options of the engines. */
export async function enginePage(): Promise<ReferencePage> {
  const engines = await loadEngineOptions();
  const text = [
    ENGINE_INTRO,
    contents(engines.map(({ engine }) => engine)),
    ...engines.flatMap(({ engine, options, note }) => [
      `## ${engine}`,
      ...note === undefined ? [] : [plain(note)],
      ...options.map((option) => engineOption(engine, option)),
    ]),
  ].join("\n\n");
  return { name: "engine_options.md", text };
}

const ENGINE_INTRO = `# Options of engines

An engine's own options are in the option with its name: the flag \`--ssh hosts=lab1,lab2\`, the map
\`ssh:\` in the config file, or \`ssh: { hosts: ["lab1", "lab2"] }\` in code. [Engines](../guides/engines.md)
describes the choice of an engine. The engines \`local\` and \`inline\` have no options of their own.`;

function engineOption(engine: string, option: OptionSpec): string {
  const { name } = option;
  const value = isSwitch(option) ? "true" : exampleValue(option);
  return [
    `### ${name}`,
    plain(describeOption(option)),
    `- default: ${defaultOf(option)}\n- example: ` +
    code(`--${engine} ${quote(`${name}=${value}`)}`),
  ].join("\n\n");
}

function quote(word: string): string {
  return /[ ;*&]/.test(word) ? `'${word}'` : word;
}
