/**
 * Shared parts of the commands: common flags, the search for a job, and output on stdout.
 *
 * @module
 */

import type { JobState } from "../job_dir/state.ts";
import { doubtsAbout, findJob } from "../job_dir/find.ts";
import { jobIdOf } from "../job_dir/layout.ts";
import { type Color, paint } from "../terminal/ansi.ts";
import { escapeControls } from "../terminal/escape.ts";
import { terminalColumns } from "../terminal/screen.ts";
import type { TableOptions } from "../terminal/text_table.ts";
import { UsageError } from "../util/errors.ts";
import { writeStdout } from "../util/stdout.ts";
import type { OptionSpec } from "../config/option_types.ts";
import type { Call } from "./command.ts";
import { messageText } from "./message_form.ts";

/** The flag `--json` of commands that show or resume jobs. */
export const JSON_FLAG: OptionSpec = {
  name: "json",
  type: "boolean",
  default: false,
  doc: "Print JSON, for programs.",
};

/** The sentence about the ways to name a job, for help texts. */
export const JOB_NAMES =
  "JOB is an id, a unique part of one, a name, or last, which is the default.";

/**
 * Finds the folder of the job that a call names.
 *
 * @throws {UsageError} when no job or several jobs match, or when the call names more than one job.
 */
export function jobOf({ positional }: Call): string {
  const [called, extra] = positional;
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot use "${extra}": the command accepts one job, and ${called} is already named`,
    );
  }
  return folderOf(called);
}

/**
 * Finds the folder of a job. Warns when a newer job could be meant, but its record cannot be read.
 *
 * @param called the id, a unique part of the id, the name, or `last`
 * @throws {UsageError} when no job or several jobs match.
 */
export function folderOf(called = "last"): string {
  const folder = findJob(called);
  for (const doubt of doubtsAbout(called, jobIdOf(folder))) say(`Warning: ${doubt}`);
  return folder;
}

/**
 * Writes data to stdout. On a terminal, control characters are escaped; elsewhere, the data is
 * complete and unchanged.
 */
export async function print(text: string): Promise<void> {
  await printLayout(Deno.stdout.isTerminal() ? escapeControls(text) : text);
}

// The least characters that are written at once. A write of each short line costs far more than the
// line.
const PIECE = 64 * 1024;

/**
 * Writes many texts to stdout, several at once.
 *
 * @param texts the texts. Those before an error are written.
 */
export async function printAll(texts: AsyncIterable<string>): Promise<void> {
  let piece = "";
  try {
    for await (const text of texts) {
      piece += text;
      if (piece.length < PIECE) continue;
      const full = piece;
      piece = "";
      await print(full);
    }
  } finally {
    if (piece.length > 0) await print(piece);
  }
}

/**
 * Writes a message to stderr, as a line of JSON where the option `progress` asks for it. Control
 * characters in it are escaped.
 */
export function say(text: string): void {
  console.error(messageText(escapeControls(text)));
}

/**
 * Writes all of a text to stdout, with its colours, and waits when the reader is slow. The cells of
 * a table are already escaped.
 */
export async function printLayout(text: string): Promise<void> {
  await writeStdout(new TextEncoder().encode(text));
}

/**
 * Returns the layout of a table on stdout. On a terminal, the table is colored and cut to the
 * terminal's width. Elsewhere it is complete and plain.
 */
export function forStdout(): TableOptions {
  if (!Deno.stdout.isTerminal()) return {};
  const hasColor = !Deno.noColor && Deno.env.get("TERM") !== "dumb";
  const layout = { columns: terminalColumns(), kept: 1 };
  return hasColor ? { ...layout, paint: paintState } : layout;
}

/**
 * Returns the layout of rows on stdout that end with a path, a command or a sentence. They are never
 * cut, because users read and copy all of it; the terminal wraps long lines.
 */
export function forWholeRows(): TableOptions {
  return { ...forStdout(), columns: undefined };
}

const STATE_COLORS: { readonly [S in JobState]: Color } = {
  running: "cyan",
  interrupted: "yellow",
  canceled: "yellow",
  failed: "red",
  succeeded: "green",
};

function paintState(cell: string, text: string, name: string): string {
  const color = STATE_COLORS[text as JobState] as Color | undefined, shown = cell.trimEnd();
  // Colored blanks at the end of a line would stay, and wrap in a narrow terminal.
  return name === "state" && color ? paint(shown, color) + cell.slice(shown.length) : cell;
}
