/**
 * Formats the help of `dl_jobs` itself, which loads no command.
 *
 * @module
 */

import { EXIT } from "./exit_status.ts";
import {
  helpColumns,
  type HelpRow,
  joinSections,
  layoutExamples,
  layoutSection,
  wrapText,
} from "./help_layout.ts";
import { HELP_FLAG } from "./help_request.ts";
import { SUMMARIES } from "./summaries.ts";

/**
 * Returns the help of `dl_jobs`, which ends with examples.
 *
 * @param columns the maximum width of a line. @default {helpColumns()}
 * @param more other sections, before the exit statuses
 */
export function mainHelp(columns = helpColumns(), more: readonly string[] = []): string {
  return joinSections([
    wrapText("Usage: dl_jobs COMMAND [arguments] [options]", columns, 0, 4).join("\n"),
    wrapText(DOC, columns).join("\n"),
    layoutSection("Commands", Object.entries(SUMMARIES), columns),
    layoutSection("Options", OPTIONS, columns),
    ...more,
    exitSection(columns),
    wrapText(NOTE, columns).join("\n"),
    layoutExamples(EXAMPLES, columns),
  ]);
}

const DOC = "Run one function over a long list of arguments: on this machine or on a cluster.";
const NOTE = "dl_jobs COMMAND --help shows the options of a command.";

const OPTIONS: readonly HelpRow[] = [
  [`-${HELP_FLAG.short}, --${HELP_FLAG.name}`, HELP_FLAG.doc],
  ["--version", "Show the versions of dl_jobs, Deno and V8."],
];

const EXAMPLES = [
  "seq 1 100 | dl_jobs map square.ts#square -",
  "dl_jobs map tiles.ts#mean tiles.ndjson -j4 -o means.ndjson",
  "dl_jobs map tiles.ts#mean tiles.ndjson --engine slurm",
  "dl_jobs status",
];

/** Returns the section of the exit statuses. */
export function exitSection(columns: number): string {
  const rows = Object.values(EXIT).map(({ status, doc }): HelpRow => [String(status), doc]);
  return layoutSection("Exit status", rows, columns);
}
