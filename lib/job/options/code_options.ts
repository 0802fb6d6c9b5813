/**
 * Checks of the options that exist only in code. Code that is not type-checked may pass any value.
 *
 * @module
 */

import { CUTS } from "../../tasks/cuts/cuts.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import { isStandardSchema } from "../../worker/check.ts";
import { checkOptionNames, checkRunNames, type OptionNames } from "./option_names.ts";
import { JOB_ONLY, type RunOptions } from "./options.ts";
import type { CheckOptions } from "./check_options.ts";
import type { CanaryOptions } from "../canary/canary.ts";
import type { OutputOptions } from "../../formats/output.ts";

/** The values that an option accepts. */
interface Shape {
  /** The text about them, after "write". */
  readonly text: string;
  /** Returns true for such a value. */
  readonly accepts: (value: unknown) => boolean;
}

/** The shapes of options by name. An option without a shape is checked elsewhere. */
export type Shapes = Readonly<Record<string, Shape>>;

const isText = (value: unknown) => typeof value === "string";
const isFunction = (value: unknown) => typeof value === "function";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const TEXT: Shape = { text: "a text", accepts: isText };
const TEXTS: Shape = { text: "a list of texts", accepts: isTexts };
const TEXT_OR_TEXTS: Shape = {
  text: "a text or a list of texts",
  accepts: (value) => isText(value) || isTexts(value),
};
const BOOLEAN: Shape = {
  text: "true or false",
  accepts: (value) => typeof value === "boolean",
};
const FUNCTION: Shape = { text: "a function", accepts: isFunction };
const LIST: Shape = { text: "an array", accepts: Array.isArray };
const DICT: Shape = { text: "an object such as { key: value }", accepts: isDict };
const SIGNAL: Shape = {
  text: "an AbortSignal, such as the signal of an AbortController",
  // A signal of another realm is not an instance of the class here.
  accepts: (value) => "aborted" in Object(value) && isFunction(Object(value).addEventListener),
};

/** The shapes of the arguments of a run method. */
export const METHOD_SHAPES: Shapes = { args: LIST, kwargs: DICT };

const JOB_SHAPES: Shapes = {
  ...METHOD_SHAPES,
  moduleName: { ...TEXT, text: "a text: the name, the path or the URL of a module" },
  methodName: TEXT,
  fn: FUNCTION,
  command: TEXT_OR_TEXTS,
  shell: BOOLEAN,
  setup: FUNCTION,
  teardown: FUNCTION,
  platformJob: BOOLEAN,
  name: { ...TEXT, accepts: (value) => isText(value) || typeof value === "number" },
  modules: TEXTS,
  requirements: TEXT_OR_TEXTS,
  data: TEXTS,
  taskKwargs: DICT,
};

const RUN_SHAPES: Shapes = {
  flags: DICT,
  cuts: DICT,
  checks: DICT,
  overrides: DICT,
  outputSinks: {
    text: "an array of objects with the method write",
    accepts: (value) => Array.isArray(value) && value.every((one) => isFunction(one?.write)),
  },
  output: { ...TEXT, text: "a text: the path of a file" },
  outputOptions: DICT,
  isDryRun: BOOLEAN,
  canary: DICT,
  origin: DICT,
  stop: SIGNAL,
  signal: SIGNAL,
};

const CANARY_SHAPES: Shapes = {
  tasks: {
    text: "a whole number of at least 1",
    accepts: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  },
  confirm: FUNCTION,
};

const CHECK_NAMES: OptionNames<CheckOptions> = { schema: true, invalid: true };
const OUTPUT_NAMES: OptionNames<OutputOptions> = { nested: true, raw: true, withArgs: true };
const CANARY_NAMES: OptionNames<CanaryOptions> = { tasks: true, confirm: true };

/** The shapes of the options of `retry` and `resume`. */
export const AGAIN_SHAPES: Shapes = {
  code: {
    text: "original or current",
    accepts: (value) => value === "original" || value === "current",
  },
  limit: {
    text: "a whole number, at least 0, or none",
    accepts: (value) => value === "none" || Number.isSafeInteger(value) && Number(value) >= 0,
  },
  schema: {
    text: "a schema of a library that follows Standard Schema",
    accepts: isStandardSchema,
  },
  move: DICT,
};

/** The names of the options of a run that are objects, with the names of their own options. */
const GROUPS: { readonly [Name in keyof RunOptions]?: readonly string[] } = {
  cuts: CUTS,
  checks: Object.keys(CHECK_NAMES),
  outputOptions: Object.keys(OUTPUT_NAMES),
  canary: Object.keys(CANARY_NAMES),
};

/**
 * Checks the options of a job that exist only in code.
 *
 * @throws {UsageError} when the value of an option has another type.
 */
export function checkJobOptions(given: object): void {
  checkShapes(given, JOB_SHAPES, "of the job");
}

/**
 * Checks the options of one run.
 *
 * @throws {UsageError} when an option does not exist, or its value has another type.
 */
export async function checkRunOptions(given: RunOptions): Promise<void> {
  checkIsOptions(given, "run()");
  // A signal has no properties of its own, so it would be ignored.
  if (SIGNAL.accepts(given)) {
    throw new UsageError("Cannot use a signal as the options of run(): write { signal }");
  }
  await checkRunNames(given);
  checkShapes(given, RUN_SHAPES, "of run()");
  for (const [name, known] of Object.entries(GROUPS)) {
    await checkOptionNames(Object(given[name as keyof RunOptions]), known, `of ${name}`);
  }
  if (given.canary) checkCanary(given.canary);
  checkOverrides(given.overrides ?? {});
}

function checkCanary(given: CanaryOptions): void {
  const { tasks = null, confirm = null } = given;
  // Both are needed, so a missing one is refused as a wrong one is.
  for (const [name, value] of Object.entries({ tasks, confirm })) {
    if (!CANARY_SHAPES[name]!.accepts(value)) {
      throw wrong(name, value, CANARY_SHAPES[name]!, "of canary");
    }
  }
}

/** The options of a job that are not those of a config file, and can still be overridden. */
const OVERRIDABLE: readonly string[] = ["platformJob", "dlJob"];

/** Refuses an option that a run cannot override, because it would be ignored. */
function checkOverrides(given: object): void {
  const fixed = Object.keys(JOB_ONLY).filter((name) => !OVERRIDABLE.includes(name));
  const key = Object.keys(given).find((name) => fixed.includes(name));
  if (key === undefined) return;
  const group = ["cuts", "checks"].find((name) => GROUPS[name as keyof RunOptions]!.includes(key));
  const way = group !== undefined
    ? `write ${group}: { ${key} }`
    : key === "reduce" || key === "by"
    ? `write ${key} beside overrides`
    : `create another job with it, new Job({ ...job.options, ${key} })`;
  throw new UsageError(`Cannot use option "${key}" of overrides: ${way}`);
}

/**
 * Refuses a value that is not an object with options.
 *
 * @param owner the function, such as `run()`
 */
export function checkIsOptions(given: unknown, owner: string): void {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return;
  throw new UsageError(
    `Cannot use ${shown(given)} as the options of ${owner}: write an object such as { key: value }`,
  );
}

/**
 * Checks the values of options. An option without a value is accepted.
 *
 * @param owner the owner of the options, such as `of run()`
 * @throws {UsageError} when a value does not have the shape of its option.
 */
export function checkShapes(given: object, shapes: Shapes, owner: string): void {
  for (const [name, value] of Object.entries(given)) {
    const shape = shapes[name];
    if (value === undefined || value === null || !shape || shape.accepts(value)) continue;
    throw wrong(name, value, shape, owner);
  }
}

function wrong(name: string, value: unknown, { text }: Shape, owner: string): UsageError {
  return new UsageError(
    `Cannot use ${shown(value)} as ${name} (option ${name} ${owner}): write ${text}`,
  );
}

function shown(value: unknown): string {
  const isInstance = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isInstance && !isDict(value)) return `a value of class ${value.constructor?.name}`;
  return shortInspect(value);
}
