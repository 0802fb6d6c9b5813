/**
 * The lines of a job's log and of its spans. Damaged lines are left out, because they are not needed
 * to run a job.
 *
 * @module
 */

import type { LogLine, Span } from "../journal/format.ts";

/** Parses a line of the log. Returns no element for a damaged line. */
export function parseLogLine(line: string): LogLine[] {
  const log = parse(line) as Partial<LogLine> | undefined;
  const isSound = Number.isInteger(log?.id) && typeof log?.text === "string";
  return isSound ? [log as LogLine] : [];
}

/** Parses a line of the spans. Returns no element for a damaged line. */
export function parseSpan(line: string): Span[] {
  const span = parse(line) as Partial<Span> | undefined;
  const isSound = [span?.from, span?.to, span?.id, span?.count].every(Number.isFinite);
  return isSound && typeof span?.worker === "string" ? [span as Span] : [];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}
