/**
 * The keys of rates, from templates such as `{host}`.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import type { TaskKey } from "../../tasks/pace.ts";
import { argsText } from "../../tasks/batch.ts";
import { parseRate } from "../../tasks/rates.ts";
import { UsageError } from "../../util/errors.ts";
import { Argument } from "../../worker/command/argument.ts";
import { PartReader } from "../../worker/command/parts.ts";

/**
 * Returns the key that a template makes of a task. Tasks without a value for it share one key.
 *
 * @param onMissing called with the reason, for the first task without a value
 * @throws {UsageError} when the template has an unknown filter, or no placeholder.
 */
export function toTaskKey(template: string, onMissing?: (reason: string) => void): TaskKey {
  const parts = partsOf(template);
  let isTold = false;
  return ({ id, args }) => {
    try {
      const argument = new Argument(argsText(args), id);
      return parts.map((part) => typeof part === "string" ? part : argument.textOf(part)).join("");
    } catch (error) {
      // A record that is not JSON fails as a task, which tells more.
      if (!isTold && error instanceof TypeError) {
        isTold = true;
        onMissing?.(`task ${id}: ${error.message}`);
      }
      return "";
    }
  };
}

/**
 * Checks the rates of a job.
 *
 * @throws {UsageError} when a rate or its key is invalid, or the engine cannot keep it.
 */
export function checkPace(
  { rate, concurrency }: Pick<Config, "rate" | "concurrency">,
  engine: string,
): void {
  if (rate) checkRates(rate);
  const isAuto = typeof concurrency === "string";
  if (!(rate || isAuto) || !(engine === "slurm" || engine === "compute")) return;
  throw new UsageError(
    `Cannot use ${isAuto ? "--concurrency auto" : "--rate"} with --engine ${engine}: its workers ` +
      "begin tasks by themselves; use local, ssh or kubernetes, whose tasks begin one by one, or " +
      "fewer --workers",
  );
}

function checkRates(rates: Readonly<Record<string, string>>): void {
  for (const [template, text] of Object.entries(rates)) {
    parseRate(text);
    if (template !== "") partsOf(template);
  }
}

function partsOf(template: string) {
  try {
    const parts = new PartReader().read(template);
    if (parts.some((part) => typeof part !== "string")) return parts;
  } catch (error) {
    throw new UsageError(`Cannot use the key of a rate: ${(error as Error).message}`);
  }
  throw new UsageError(
    `Cannot use "${template}" as the key of a rate: write a placeholder, such as {host}=5/s or ` +
      "{url|host}=5/s",
  );
}
