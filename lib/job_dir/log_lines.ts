/**
 * The lines of a job's log and of its spans. Damaged lines are left out, because they are not needed
 * to run a job.
 *
 * @module
 */

import type { LogLine, Span } from "../journal/format.ts";
import { parseLine } from "../journal/parse_line.ts";
import { statIfThere } from "../util/files/fs.ts";
import { GrowingFile } from "../util/files/growing_file.ts";

/** Parses a line of the log. Returns no element for a damaged line. */
export function parseLogLine(line: string): LogLine[] {
  const log = parse(line) as Partial<LogLine> | undefined;
  const isSound = Number.isInteger(log?.id) && typeof log?.text === "string";
  return isSound ? [log as LogLine] : [];
}

/**
 * Reads the lines at the end of a log; none when the file is missing.
 *
 * @param bytes the size of the part that is read. A line that begins before it is left out.
 */
export function lastLogLines(path: string, bytes: number): LogLine[] {
  const file = new GrowingFile(path), start = (statIfThere(path)?.size ?? 0) - bytes;
  file.at = Math.max(0, start);
  return [...file.lines()].slice(start > 0 ? 1 : 0).flatMap(parseLogLine);
}

/** Parses a line of the spans. Returns no element for a damaged line. */
export function parseSpan(line: string): Span[] {
  const span = parse(line) as Partial<Span> | undefined;
  const isSound = [span?.from, span?.to, span?.id, span?.count].every(Number.isFinite);
  return isSound && typeof span?.worker === "string" ? [span as Span] : [];
}

function parse(line: string): unknown {
  try {
    return parseLine(line) ?? undefined;
  } catch {
    return undefined;
  }
}
