/**
 * The flags that move a job to another engine.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { camelCase, OPTIONS } from "../config/options.ts";
import type { MoveOptions } from "../job/resume/move.ts";
import { UsageError } from "../util/errors.ts";
import { type Call, labelOf } from "./command.ts";

const DOCS: Readonly<Record<string, string>> = {
  engine: "Engine to which the job moves; by default, that of the job.",
  workers: "Number of workers there; by default, that of the job.",
  ssh: "Options of the engine ssh, such as hosts=lab1,lab2*8.",
  kubernetes: "Options of the engine kubernetes, such as image=denoland/deno:2.9.6.",
  slurm: "Options of the engine slurm, such as partition=long.",
  compute: "Options of the engine compute, such as cpus=2 or memory=8GB.",
};

/** The options that the rest of a job may have instead of its own. */
const RUN_OPTIONS = [
  ...["concurrency", "chunk", "tasks_per_worker", "cpus", "gpus", "timeout", "memory", "grace"],
  ...["rate", "max_attempts", "retry", "backoff", "final", "halt"],
];

/**
 * The flags that move a job or change its options. An omitted flag has the value of the job's own
 * option.
 */
export const MOVE_FLAGS: readonly OptionSpec[] = [
  ...OPTIONS.filter(({ name }) => name in DOCS)
    .map((option) => ({ ...option, default: null, doc: DOCS[option.name]! })),
  ...OPTIONS.filter(({ name }) => RUN_OPTIONS.includes(name)).map(asText),
  {
    name: "now",
    type: "boolean",
    default: false,
    doc: "End the tasks that run before the job moves, instead of waiting for them.",
  },
];

/** Returns a flag whose value is parsed later, so that the value none differs from no flag. */
function asText(option: OptionSpec): OptionSpec {
  const { name, doc, example } = option, label = labelOf(option);
  if (option.type === "map") return { ...option, default: null };
  return { name, doc, label, example, type: "text", default: "", none: "none" };
}

/** Returns the move that the flags of a call request; `undefined` without any of them. */
export function moveOf({ flags }: Call): MoveOptions | undefined {
  const given = MOVE_FLAGS.flatMap(({ name }) =>
    name === "now" || flags[name] === null || flags[name] === ""
      ? []
      : [[camelCase(name), flags[name]] as const]
  );
  if (given.length > 0) return { ...Object.fromEntries(given), isNow: flags.now === true };
  if (flags.now !== true) return undefined;
  throw new UsageError("Cannot use --now alone: name what changes, such as --engine ssh");
}
