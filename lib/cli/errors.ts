/**
 * The `errors` command: lists the kinds of failures of a job.
 *
 * @module
 */

import { typePrefix } from "../job/report/format.ts";
import { argsOfTasks, jobFailures } from "../job/inspect/job_failures.ts";
import { assertJournal } from "../job_dir/health.ts";
import { readRecord } from "../job_dir/record.ts";
import { isBadRecord } from "../formats/format.ts";
import type { FailedEvent } from "../journal/format.ts";
import type { KindGroup } from "../journal/failure_groups.ts";
import { escapeLine } from "../terminal/escape.ts";
import { cutMessage, cutText } from "../terminal/text_width.ts";
import { counted } from "../util/text/counted.ts";
import { formatTime } from "../util/time/duration.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { ErrorsJson, FailureKindJson } from "./json_types.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, printLayout, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs errors`. */
export const errorsCommand: Command = {
  name: "errors",
  usage: "errors [JOB] [options]",
  doc: `${SUMMARIES.errors} ${JOB_NAMES}`,
  examples: ["dl_jobs errors", "dl_jobs errors last --json", "dl_jobs retry --group 1"],
  options: [JSON_FLAG],
  run: runErrors,
};

async function runErrors(call: Call): Promise<number> {
  const folder = jobOf(call), record = readRecord(folder), { id } = record;
  assertJournal(folder, record);
  const { groups, more } = await jobFailures(folder);
  const ids = groups.flatMap(({ examples }) => examples.map((one) => one.id));
  const args = await argsOfTasks(folder, ids);
  const argsById = new Map(ids.map((task, i) => [task, args[i]!]));
  const numbered = groups.map((group, i) => ({ group, number: i + 1, args: argsById }));
  if (call.flags.json) {
    await printJson<ErrorsJson>({ job: id, groups: numbered.map(groupJson), more });
  } else if (groups.length === 0) say(`Job ${id} has no failed tasks`);
  else {
    const texts = [headText(id, groups, more), ...numbered.map(groupText)];
    await printLayout(`${texts.join("\n\n")}\n`);
  }
  return EXIT.done.status;
}

/** A group with its number in the list, from 1. */
interface NumberedGroup {
  readonly number: number;
  readonly group: KindGroup;
  readonly args: ReadonlyMap<number, string>;
}

function groupJson({ number, group, args }: NumberedGroup): FailureKindJson {
  const { shape: _, count, class: kind, type, message, frame, examples } = group;
  const [first, last] = [group.first, group.last].map((at) =>
    at === undefined ? undefined : new Date(at).toISOString()
  );
  return {
    group: number,
    count,
    class: kind,
    type,
    message,
    frame,
    first,
    last,
    examples: examples.map(({ id, attempt, ms, error, place, host }) => ({
      task: id,
      place,
      host,
      attempt,
      ms,
      args: args.get(id),
      message: error.message,
      stack: error.stack,
    })),
  };
}

function headText(job: string, groups: readonly KindGroup[], more: number): string {
  const failed = groups.reduce((sum, { count }) => sum + count, more);
  const rest = more > 0 ? `, ${more} of other kinds` : "";
  return `Job ${job}: ${counted(failed, "failed task")}, ${counted(groups.length, "kind")}${rest}`;
}

const MOST_LETTERS = 200, MOST_ARGS = 60;

/** Formats a group as paragraphs: its count and times, its first error, and examples. */
function groupText({ number, group, args }: NumberedGroup): string {
  const { count, type, frame, examples, class: kind } = group;
  const head = [counted(count, "task"), kind === "error" ? "" : kind, timesText(group)];
  const { message } = examples[0]!.error;
  // Node ends the message of a command that failed with what it wrote, and a newline.
  const text = message.trimEnd();
  const name = kind === "invalid" ? "" : typePrefix(type, message);
  const lines = [
    cutMessage(escapeLine(name + text), MOST_LETTERS),
    frame === undefined ? "" : `at ${escapeLine(frame)}`,
    ...hangLines(group),
    ...examples.map((event) => exampleText(event, args.get(event.id) ?? "", message)),
  ];
  const shown = lines.filter((line) => line !== "").map((line) => `   ${line}`);
  const title = `${number}  ${head.filter((text) => text !== "").join(", ")}`;
  return [title, ...shown].join("\n");
}

/** Returns what the first late task did, which a message does not tell. */
function hangLines({ class: kind, examples: [first] }: KindGroup): string[] {
  if (kind !== "timeout" || first?.error.stack === undefined) return [];
  return first.error.stack.split("\n").slice(0, MOST_LINES).map(escapeLine);
}

const MOST_LINES = 12;

/** Formats an example. Its message is shown unless it is that of the first one. */
function exampleText({ id, place, host, error }: FailedEvent, args: string, first: string): string {
  const { message } = error, own = message === first ? "" : message;
  // The line of a record that cannot be read has the message, too.
  const given = isBadRecord(args) ? "" : cutText(escapeLine(args), MOST_ARGS);
  const where = place === undefined || message.includes(place) ? "" : place;
  const machine = host === undefined ? "" : `on ${host}`;
  const text = cutMessage(escapeLine(own.trimEnd()), MOST_LETTERS);
  return [`task ${id}`, where, machine, given, text]
    .filter((text) => text !== "").join("  ");
}

function timesText({ first, last }: KindGroup): string {
  if (first === undefined || last === undefined) return "";
  const [from, to] = [first, last].map((at) => formatTime(new Date(at)));
  return from === to ? `at ${from}` : `${from} to ${to}`;
}
