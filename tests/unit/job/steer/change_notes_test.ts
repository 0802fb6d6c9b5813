import { changeNotes } from "../../../../lib/job/steer/change_notes.ts";
import type { ControlChange } from "../../../../lib/job_dir/control.ts";
import type { JobRecord } from "../../../../lib/job_dir/record.ts";
import { assertEquals } from "../../../support/assert.ts";

const notes = (engine: JobRecord["engine"], change: ControlChange) =>
  changeNotes({ id: "7", engine } as JobRecord, change);

Deno.test("changeNotes() names what a change does not reach, by engine", () => {
  assertEquals(notes("local", { set: { workers: 2, timeout: 1 }, isPaused: true }), []);
  assertEquals(notes("slurm", { set: { workers: 2 } }), []);
  assertEquals(notes("slurm", { set: { timeout: 1 } }), [
    "array tasks that have been submitted keep their limits",
  ]);
  assertEquals(notes("ssh", { set: { workers: 2 }, isPaused: true }), [
    "hosts finish the tasks that they have, about two seconds of work",
    "machines that take part keep their workers; dl_jobs resume 7 --workers N changes them",
  ]);
  assertEquals(notes("compute", { isPaused: true }), [
    "platform jobs that have been submitted run to their end",
  ]);
  assertEquals(notes("inline", { set: { workers: 2, memory: 1 } }), [
    "the engine inline runs one task at a time",
    "the engine inline has no limits",
  ]);
});
