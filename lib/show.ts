/**
 * How jobs and runs look to a person.
 *
 * @module
 */

import { progressLine } from "./progress.ts";
import type { Sight, Summary } from "./run.ts";
import type { ArgsList } from "./task.ts";
import { formatDuration } from "./timer.ts";

/** What Deno asks a value that is to be shown in a terminal or in a notebook. */
export const INSPECT = Symbol.for("Deno.customInspect");

/** What is shown of a job; everything else are options. */
interface Definition {
  readonly fn?: { toString(): string };
  readonly moduleName?: string;
  readonly methodName?: string;
  readonly argsList?: ArgsList | null;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** A job's definition. */
export function showJob(name: string, options: Definition): string {
  const { fn, moduleName, methodName, argsList, args, kwargs, ...rest } = options;
  const set = Object.entries(rest).filter(([key, value]) => key !== "name" && value !== undefined);
  const rows = [
    ["function", fn ? shortSource(fn) : [moduleName, methodName].filter(Boolean).join("#")],
    ["list", isList(argsList) ? listText(argsList) : `one call${argsText(args, kwargs)}`],
    ["options", set.map(([key, value]) => `${key} ${Deno.inspect(value)}`).join(", ")],
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
  if (typeof list === "number") return `${list} numbers from 0`;
  if (Array.isArray(list)) return `${list.length} elements`;
  return typeof list === "string" || list instanceof URL ? String(list) : "read as it is run";
}

function argsText(args: readonly unknown[] = [], kwargs?: unknown): string {
  const all = [...args, ...kwargs ? [kwargs] : []];
  return all.length > 0 ? ` with ${all.map((one) => Deno.inspect(one)).join(", ")}` : "";
}

/** How a run stands. */
export interface RunState {
  readonly sight: Sight;
  /** How long it has been going on, in milliseconds. */
  readonly ms: number;
  readonly summary?: Summary | undefined;
  readonly failure?: unknown;
}

/** A run: how far it is, or how it ended. */
export function showRun({ sight: { record, counts }, ms, summary, failure }: RunState): string {
  const head = record ? `${record.name}: job ${record.id} on ${record.engine}` : "Run";
  if (failure) return `${head}: ${failure instanceof Error ? failure.message : String(failure)}`;
  if (summary) return `${head}\n${summaryText(summary)}`;
  return counts ? `${head}\n${progressLine(counts, ms)}` : `${head}: starting`;
}

/** How a run ended. */
export function summaryText(summary: Summary): string {
  const { total, succeeded, failed, failedElements, canceled, reused, ms, paths } = summary;
  const counts = [
    `${succeeded} of ${total} succeeded`,
    failed > 0 ? `${failed} failed` : "",
    failedElements > 0 ? `${failedElements} failed inside lists` : "",
    canceled > 0 ? `${canceled} canceled` : "",
    reused > 0 ? `${reused} taken from former jobs` : "",
  ].filter((part) => part !== "").join(", ");
  const files = (["results", "errors", "log"] as const).filter((key) => paths[key])
    .map((key) => `  ${key.padEnd(8)}${paths[key]}`);
  return [`${counts}, in ${formatDuration(ms)}`, ...files].join("\n");
}
