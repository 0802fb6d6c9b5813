/**
 * The record of a new job.
 *
 * @module
 */

import type { JobFunction } from "../../bundle/program/program.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import { JOURNAL_VERSION } from "../../journal/format.ts";
import { defined } from "../../util/defined.ts";
import { withoutValues } from "../options/env_values.ts";
import type { JobProgram } from "../program/job_program.ts";
import type { JobOptions, Startable } from "../options/options.ts";
import { newProgram, programName } from "../program/programs.ts";
import type { Settings } from "../options/settings.ts";

/** The parts of a record that are determined while a new job is planned. */
export interface PlannedParts extends
  Pick<
    JobRecord,
    | "id"
    | "source"
    | "cuts"
    | "reduce"
    | "elements"
    | "scripts"
    | "check"
    | "length"
    | "output"
    | "outputOptions"
  > {
  readonly target: JobFunction;
  readonly program: JobProgram;
  readonly started: Date;
  readonly isCall: boolean;
}

/** Creates the record of a new job, with its keys in the order of `job.json`. */
export function newRecord(
  { name, options }: Startable,
  { config, engine, envSources }: Settings,
  { target, program: { bundle, python }, started, ...planned }: PlannedParts,
): JobRecord {
  const directory = Deno.cwd();
  const record = defined<JobRecord>({
    format: JOURNAL_VERSION,
    id: planned.id,
    name,
    function: typeof target === "function" ? "function" : target,
    code: bundle.hash,
    programs: [newProgram(bundle, started, directory, programName(target))],
    scripts: planned.scripts,
    python,
    isCall: planned.isCall || undefined,
    engine,
    options: config,
    env: envSources,
    source: planned.source,
    cuts: planned.cuts,
    reduce: planned.reduce,
    elements: planned.elements,
    check: planned.check,
    ship: shipmentOf(options),
    length: planned.length,
    started: started.toISOString(),
    directory,
    versions: defined({ ...Deno.version, python: bundle.python }),
    output: planned.output,
    outputOptions: planned.outputOptions,
    files: {},
  });
  return withoutValues(record, config.env);
}

function shipmentOf(options: JobOptions): JobRecord["ship"] {
  const modules = options.modules ?? [], requirements = options.requirements ?? [];
  const data = options.data ?? [];
  const isAny = modules.length + requirements.length + data.length > 0;
  return isAny ? { modules, requirements, data } : undefined;
}
