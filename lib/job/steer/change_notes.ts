/**
 * The parts of a job that a change does not reach at once, by engine.
 *
 * @module
 */

import type { ControlChange } from "../../job_dir/control.ts";
import type { JobRecord } from "../../job_dir/record.ts";

type Engine = JobRecord["engine"];

/** The work that an engine has given away, to which a change comes too late. */
const GIVEN: { readonly [E in Engine]?: string } = {
  ssh: "tasks that the hosts have already received",
  kubernetes: "tasks that the pods have already received",
  slurm: "array tasks that have been submitted",
  compute: "platform jobs that have been submitted",
};

/** Describes the parts of a job that a change does not reach at once. */
export function changeNotes(
  { id, engine }: JobRecord,
  { set = {}, isPaused }: ControlChange,
): string[] {
  const given = GIVEN[engine], notes: string[] = [];
  if (isPaused && PAUSES[engine]) notes.push(PAUSES[engine]);
  if (set.workers !== undefined) notes.push(...workersNote(engine, id));
  if (given && (set.timeout !== undefined || set.memory !== undefined)) {
    notes.push(`${given} keep their limits`);
  }
  if (engine === "inline" && (set.timeout || set.memory)) {
    notes.push("the engine inline has no limits");
  }
  if (engine === "local" && set.memory !== undefined) {
    notes.push("workers that run keep the heap with which they started");
  }
  return notes;
}

const PAUSES: { readonly [E in Engine]?: string } = {
  ssh: "hosts finish the tasks that they have, about two seconds of work",
  kubernetes: "pods finish the tasks that they have, about two seconds of work",
  compute: "platform jobs that have been submitted run to their end",
};

function workersNote(engine: Engine, id: string): string[] {
  if (engine === "inline") return ["the engine inline runs one task at a time"];
  if (engine === "local" || engine === "slurm") return [];
  const way = `dl_jobs resume ${id} --workers N changes them`;
  return engine === "compute"
    ? [`platform jobs that have been submitted keep their workers; ${way}`]
    : [`machines that take part keep their workers; ${way}`];
}
