/**
 * The reference of commands.
 *
 * @module
 */

import type { Command } from "../../lib/cli/command.ts";
import { describeOption } from "../../lib/config/option_text.ts";
import type { OptionSpec } from "../../lib/config/option_types.ts";
import { defaultOf, exampleOf, flagForms } from "./options.ts";
import { code, contents, plain, type ReferencePage } from "./page.ts";

const INTRO = `# Commands

\`dl_jobs COMMAND --help\` shows the same text. [Commands](../guides/commands.md) explains how they belong
together.`;

/** Returns the page with all commands. */
export function commandPage(commands: readonly Command[]): ReferencePage {
  const text = [
    INTRO,
    contents(commands.map(({ name }) => name)),
    ...commands.map(commandSection),
  ].join("\n\n");
  return { name: "commands.md", text };
}

function commandSection({ name, usage, doc, options, examples = [], config }: Command): string {
  return [
    `## ${name}`,
    plain(doc),
    `\`\`\`text\ndl_jobs ${usage}\n\`\`\``,
    ...examples.length > 0 ? ["Examples:", `\`\`\`text\n${examples.join("\n")}\n\`\`\``] : [],
    ...options.length > 0 ? [options.map(flagEntry).join("\n")] : [],
    ...config ? ["It also accepts every [option of jobs](options.md) as a flag."] : [],
  ].join("\n\n");
}

function flagEntry(option: OptionSpec): string {
  return `- ${flagForms(option)}: ${plain(describeOption(option))} Default: ` +
    `${defaultOf(option)}. Example: ${code(exampleOf(option))}.`;
}
