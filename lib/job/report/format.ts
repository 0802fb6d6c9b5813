/**
 * Formats jobs and runs as text for terminals and notebooks.
 *
 * @module
 */

import { totalTasks } from "../../job_dir/task_total.ts";
import { nameOf } from "../../ndjson/blocks.ts";
import { ListFiles } from "../../tasks/list_files.ts";
import { ParameterList } from "../../tasks/parameters/parameter_list.ts";
import type { ArgsList } from "../../tasks/source.ts";
import { progressLine } from "../../terminal/progress_line.ts";
import { cutMessage } from "../../terminal/text_width.ts";
import { messageOf } from "../../util/errors.ts";
import { counted } from "../../util/text/counted.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { shownPath } from "../../util/paths.ts";
import { shellWord } from "../../util/shell.ts";
import { maskKnown } from "../../util/text/mask.ts";
import type { RunProgress } from "./run_progress.ts";
import { setupText } from "./setup_times.ts";
import type { CutSummary, Summary } from "./summary.ts";
import type { CommonError, TaskTimes } from "./task_stats.ts";
import { type UsageSummary, usageText } from "./usage_stats.ts";

/**
 * The properties of a job that are shown on their own lines. All other properties are listed as
 * options.
 */
interface Definition {
  readonly fn?: { toString(): string } | undefined;
  readonly command?: string | readonly string[] | undefined;
  readonly moduleName?: string | undefined;
  readonly methodName?: string | undefined;
  readonly argsList?: ArgsList | null | undefined;
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** Formats the definition of a job. */
export function showJob(name: string, options: Definition): string {
  const { fn, command, moduleName, methodName, argsList, args, kwargs, ...rest } = options;
  const set = Object.entries(rest).filter(([key, value]) => key !== "name" && value !== undefined);
  const rows = [
    ["command", typeof command === "object" ? command.map(shellWord).join(" ") : command ?? ""],
    ["function", fn ? shortSource(fn) : [moduleName, methodName].filter(Boolean).join("#")],
    ["list", isList(argsList) ? listText(argsList) : `one call${argsText(args, kwargs)}`],
    ["options", set.map(([key, value]) => `${key} ${maskKnown(Deno.inspect(value))}`).join(", ")],
  ];
  const shown = rows.filter(([, text]) => text !== "");
  return [`Job ${name}`, ...shown.map(([key, text]) => `  ${key!.padEnd(10)}${text}`)].join("\n");
}

function isList(list: Definition["argsList"]): list is ArgsList {
  return list !== undefined && list !== null;
}

const MAX_SOURCE = 70;

function shortSource(fn: { toString(): string }): string {
  const source = fn.toString().replaceAll(/\s+/g, " ");
  return source.length > MAX_SOURCE ? `${source.slice(0, MAX_SOURCE - 3)}...` : source;
}

function listText(list: ArgsList): string {
  if (typeof list === "number") return `${counted(list, "number")} from 0`;
  if (Array.isArray(list)) return counted(list.length, "element");
  if (list instanceof ParameterList) return counted(list.length, "combination");
  if (list instanceof ListFiles) return list.sources.map(nameOf).join(", ");
  return typeof list === "string" || list instanceof URL ? String(list) : "read while the job runs";
}

function argsText(args: readonly unknown[] = [], kwargs?: unknown): string {
  const all = kwargs ? [...args, kwargs] : args;
  return all.length > 0 ? ` with ${all.map((one) => Deno.inspect(one)).join(", ")}` : "";
}

/** The state of a run. */
export interface RunState {
  readonly progress: RunProgress;
  /** The time since the start, in milliseconds. */
  readonly ms: number;
  /** The summary, once the run has ended. */
  readonly summary?: Summary | undefined;
  /** The error that ended the run, if any. */
  readonly failure?: unknown;
}

/** Formats a run as its progress, or as its summary or error once it has ended. */
export function showRun({ progress: { record, counts }, ms, summary, failure }: RunState): string {
  const head = record ? `${record.name}: job ${record.id} on ${record.engine}` : "Run";
  if (failure !== undefined) return `${head}: ${messageOf(failure)}`;
  if (summary) return `${head}\n${summaryText(summary)}`;
  return counts ? `${head}\n${progressLine(counts, ms)}` : `${head}: starting`;
}

/** Formats the summary of a run. */
export function summaryText(summary: Summary): string {
  const { total, isPartial, succeeded, failed, failedElements, canceled, skipped, reused } =
    summary;
  const { ms, paths, commonErrors } = summary;
  const counts = [
    `${succeeded} of ${isPartial ? totalTasks(summary) : total} succeeded`,
    failed > 0 ? `${failed} failed` : "",
    failedElements > 0 ? `${failedElements} failed inside lists` : "",
    canceled > 0 ? `${canceled} canceled` : "",
    skipped ? `${skipped.count} skipped` : "",
    reused > 0 ? `${reused} taken from earlier jobs` : "",
  ].filter((part) => part !== "").join(", ");
  const files = (["results", "errors", "log"] as const).map((key) => {
    const path = paths[key];
    return [key, path && shownPath(path)] as const;
  });
  const rows = [
    ["skipped", skipped && cutMessage(skipped.first, MAX_MESSAGE)],
    ["cut", summary.cut && partText(total, summary.cut)],
    ["times", timesText(summary)],
    ["memory", summary.usage && memoryText(summary.usage)],
    ["limits", summary.fits && `${summary.fits} would fit`],
    ["setup", setupText(summary.setup)],
    ...titledRows("failed", commonErrors.map(commonErrorText)),
    ...files,
    ...titledRows("next", summary.steps ?? []),
  ] as const;
  return withRows(`${counts}, in ${formatDuration(ms)}`, rows);
}

/** Gives a title to several texts that are shown one below the other. */
export function titledRows(
  title: string,
  texts: readonly string[],
): [title: string, text: string][] {
  return texts.map((text, i) => [i === 0 ? title : "", text]);
}

/** Formats a heading and the rows below it. Rows without a text are left out. */
export function withRows(
  heading: string,
  rows: readonly (readonly [title: string, text: string | undefined])[],
): string {
  const lines = rows.filter(([, text]) => text).map(([key, text]) => `  ${key.padEnd(8)}${text}`);
  return [heading, ...lines].join("\n");
}

/**
 * Formats what did not succeed in a run as one line, with the command or the file that tells more.
 *
 * @returns the line, or `undefined` when all has succeeded.
 */
export function failureText(summary: Summary): string | undefined {
  const { id, name, failed, failedElements, canceled, isPartial, isInterrupted } = summary;
  const open = [
    canceled > 0 ? counted(canceled, "task") : "",
    isPartial ? "the rest of the list" : "",
  ].filter((part) => part !== "").join(" and ");
  const pending = open === "" ? "it was stopped" : `${open} did not run`;
  const parts = [
    failed > 0 && `${failed} of ${totalTasks(summary)} failed, see dl_jobs errors ${id}`,
    failedElements > 0 &&
    `${counted(failedElements, "element")} of lists failed, see ${summary.paths.errors}`,
    (canceled > 0 || isInterrupted) && `${pending}, see dl_jobs resume ${id}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `${name}: ${parts.join("; ")}` : undefined;
}

/** Formats the part of a list that became tasks. */
export function partText(total: number, { flags, elements }: CutSummary): string {
  const whole = elements === undefined ? "" : ` of ${digitGroups(elements)}`;
  return `${digitGroups(total)}${whole} element${(elements ?? total) === 1 ? "" : "s"}: ${flags}`;
}

// Loading the number formats of `Intl` would take a twentieth of the start of a job.
function digitGroups(count: number): string {
  return count.toLocaleString("en");
}

// Percentiles of fewer tasks are meaningless, and those of very short ones are noise.
const LEAST_TASKS = 10, LEAST_MS = 10;

function timesText({ times, succeeded, failed }: Summary): string {
  if (!times || succeeded + failed < LEAST_TASKS || times.longest < LEAST_MS) return "";
  return durationsText(times);
}

/** Formats the durations of tasks. */
export function durationsText(times: TaskTimes): string {
  const [median, p95, longest] = [times.median, times.p95, times.longest].map(shortTime);
  return `half under ${median}, 95% under ${p95}, the longest ${longest}`;
}

/** Formats the usage of enough tasks, or of a task that is large. */
function memoryText(usage: UsageSummary): string {
  return usage.tasks >= LEAST_TASKS || usage.most >= LARGE ? usageText(usage) : "";
}

const LARGE = 200e6;

function shortTime(ms: number): string {
  return ms < 1 ? "1 ms" : formatDuration(ms);
}

const MAX_MESSAGE = 160;

/** Formats errors of one kind, with one task that failed so. */
export function commonErrorText({ message, count, task, type, place }: CommonError): string {
  const text = cutMessage(typedMessage({ type, message }).replaceAll(/\s+/g, " "), MAX_MESSAGE);
  const where = place === undefined || text.includes(place) ? "" : ` (${place})`;
  const many = count === 1 ? "" : `${count} tasks, such as `;
  return `${many}task ${task}${where}: ${text}`;
}

/** Formats an error with its type, without which the message of a KeyError says little. */
function typedMessage({ type, message }: Pick<CommonError, "type" | "message">): string {
  return message === "" && type !== undefined ? type : typePrefix(type, message) + message;
}

/** Returns the type of an error before its message; nothing where the type would add nothing. */
export function typePrefix(type: string | undefined, message: string): string {
  return type === undefined || type === "Error" || message.startsWith(type) ? "" : `${type}: `;
}
