/**
 * The reference of exit statuses.
 *
 * @module
 */

import { EXIT } from "../../lib/cli/exit_status.ts";
import { plain, type ReferencePage } from "./page.ts";

const INTRO = `# Exit status

\`repl\` and \`replay\` return the status of the process that they start.`;

/** Returns the page with the exit statuses. */
export function exitPage(): ReferencePage {
  const rows = Object.values(EXIT).map(({ status, doc }) => `| ${status} | ${plain(doc)} |`);
  return {
    name: "exit_status.md",
    text: [INTRO, ["| Status | Meaning |", "| --- | --- |", ...rows].join("\n")].join("\n\n"),
  };
}
