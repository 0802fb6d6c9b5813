/**
 * The engine `compute`, which runs tasks on the platform of the original package. The engine calls
 * the Compute service, which replaced the service that the package called.
 *
 * The platform runs functions in Python. The uploaded function starts Deno, which runs a slice of the
 * tasks and returns their events. Each platform job runs many tasks.
 *
 * @module
 */

import { chooseImage } from "../../compat/image.ts";
import type { Config } from "../../config/options.ts";
import { batchEngine } from "../batch/batch_engine.ts";
import type { Engine, EngineContext } from "../engine.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { counted } from "../../util/text/counted.ts";
import { ComputeBackend } from "./backend.ts";
import type { ComputePart } from "./compute_part.ts";
import { checkBuild, prepare } from "./deploy.ts";
import { reached } from "./http.ts";
import { type ComputeContext, parseComputeOptions } from "./options.ts";
import { Platform } from "./platform.ts";
import { ENDS, type FunctionFields, isOneOf, OPEN } from "./records.ts";
import { cancelSubmissions, eachFilter, submissionsOf } from "./submission.ts";

/** Runs tasks on the platform. */
export const compute: Engine = batchEngine<ComputePart>({
  name: "compute",
  label: "the platform",
  check: (options) => void parseComputeOptions(settingsContext(options)),
  open: ComputeBackend.open,
  describe,
  cancel,
  given,
  preview,
});

function settingsContext(options: Config): ComputeContext {
  const { cpus, workers, memory, compute: settings } = options;
  return {
    settings,
    cpus,
    ...chooseImage(options),
    workers: Number(workers) || undefined,
    memory: memory || undefined,
  };
}

async function describe(folder: string): Promise<string[]> {
  const records = await submissionsOf(folder).readAll();
  if (records.length === 0) return [];
  try {
    const platform = await Platform.open(() => {});
    const lines = await Promise.all([...OPEN, ...ENDS].map(async (status) => {
      // The platform counts jobs without sending them.
      const counts = await eachFilter(
        records,
        (filter) => platform.countJobs([...filter, isOneOf("status", [status])]),
      );
      const count = counts.reduce((sum, one) => sum + one, 0);
      return count > 0 ? [`${counted(count, "platform job")} ${status}`] : [];
    }));
    const status = await checkBuild(platform, records.at(-1)!.function.id);
    const building = status === "building" ? ["the platform is still building the function"] : [];
    return [...lines.flat(), ...building];
  } catch (error) {
    return [(error as Error).message];
  }
}

async function given(folder: string): Promise<TaskRange[]> {
  const records = await submissionsOf(folder).readAll();
  return records.flatMap(({ slices }) => slices.flat());
}

async function cancel(folder: string): Promise<void> {
  const submissions = submissionsOf(folder);
  if (submissions.list().length === 0) return;
  await submissions.markCanceled();
  const platform = await Platform.open(() => {});
  await reached(cancelSubmissions(platform, await submissions.readAll()));
}

/** Returns the fields of the function that a run would create, and the names of its files. */
async function preview(context: EngineContext): Promise<string> {
  const settings = parseComputeOptions(context);
  const { deployment: { fields, zip }, names } = await prepare(context, settings);
  const list = names.map((name) => `  ${name}`).join("\n");
  return `${fieldsText(fields)}\n\na zip of ${zip.length} bytes with\n${list}\n`;
}

function fieldsText(fields: FunctionFields): string {
  return Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join("\n");
}
