/** The shortest backend: each part is a run of a {@linkcode ProcessSystem}. @module */

import type { Backend, BackendContext } from "../../lib/engines/batch/backend.ts";
import { batchEngine } from "../../lib/engines/batch/batch_engine.ts";
import { Part } from "../../lib/engines/batch/part.ts";
import { assignmentsOf, formerAssignments } from "../../lib/engines/batch/reattach.ts";
import { Submissions } from "../../lib/engines/batch/submissions.ts";
import { onlySpan } from "../../lib/engines/shared/busy_spans.ts";
import { ResponseReader } from "../../lib/engines/shared/response_reader.ts";
import { taskRanges } from "../../lib/engines/shared/task_ranges.ts";
import type { TaskRange } from "../../lib/tasks/task_range.ts";
import type { Span, TaskError } from "../../lib/journal/format.ts";
import { joinTasks } from "../../lib/tasks/batch.ts";
import { UsageError } from "../../lib/util/errors.ts";
import type { ProcessRun, ProcessSystem } from "./process_system.ts";

const KILLED: TaskError = { message: "its run was killed", type: "Killed", class: "lost" };
const AMOUNT = { tasks: 100_000, bytes: 100_000_000 };
const PACE = { leastMs: 1, mostMs: 20, growth: 1.5 };
const recordsOf = (folder: string) =>
  new Submissions<TaskRange[][]>(`${folder}/processes`, ".json");

class ProcessPart extends Part {
  spans: Span[] = [];
  reader = new ResponseReader<{ span: Span }>(this.inFlight, ({ span }) => this.spans.push(span));
  read = 0;
  constructor(readonly run: ProcessRun | undefined) {
    super();
  }
}

/** Returns an engine that runs tasks on a system in this process. */
export function processEngine(system: ProcessSystem) {
  return batchEngine<ProcessPart>({
    name: "process",
    label: "the system",
    open: (context) => Promise.resolve(backendOf(system, context)),
    cancel: (folder) => recordsOf(folder).markCanceled(),
  });
}

function backendOf(system: ProcessSystem, context: BackendContext) {
  const records = recordsOf(context.folder);
  const partsOf = (path: string, slices: TaskRange[][]) =>
    assignmentsOf(slices, (i) => new ProcessPart(system.runs.get(`${path}_${i}`)));
  return {
    limits: { window: AMOUNT, submission: { ...AMOUNT, slices: 2 } },
    pollPace: PACE,
    ...system.slowAnswer && { collectPace: PACE },
    isCanceled: () => records.isCanceled(),
    sliceTasks: (tasks, slices) => Math.ceil(tasks / slices),
    reattach: () => formerAssignments(records, partsOf),
    async submit(slices) {
      if (system.refusals.length > 0) return system.refusals.shift()!;
      if (system.runs.size > 0) await system.slowSubmission?.();
      const path = records.next();
      await records.write(path, slices.map((slice) => slice.flatMap(taskRanges)));
      const runs = slices.map((slice, i) => system.start(`${path}_${i}`, slice, context));
      return runs.map((run) => new ProcessPart(run));
    },
    async poll(parts, signal) {
      await system.slowAnswer?.(signal);
      return [...parts].some(({ run, read }) => run !== undefined && run.count > read);
    },
    async *collect(parts) {
      for (const part of parts) {
        const lines = part.run?.events.slice(part.read) ?? [];
        part.read += lines.length;
        for (const each of lines) yield* part.reader.events(each);
        yield* part.spans.splice(0).flatMap(onlySpan);
        if (part.run?.loadError) throw new UsageError(part.run.loadError);
      }
    },
    judge(part) {
      const { run, read, inFlight } = part;
      if (run && (run.state === "running" || run.count > read)) return { type: "running" };
      const charged = run?.state === "killed" && read > 0 ? inFlight.running(1) : [];
      const { failures, rest } = part.takeRest(charged, KILLED);
      const start = !run ? "unknown" : read > 0 ? "succeeded" : "failed";
      return { type: "over", start, leftover: { failures, rest: joinTasks(rest) } };
    },
    adapt: async () => await system.slowChange?.(),
    async stop(parts) {
      for (const { run } of parts) run?.stop();
      await system.slowStop?.();
    },
    cancel: async (parts) => void await Promise.all([...parts].map(({ run }) => run?.kill())),
    release: () => Deno.remove(records.folder, { recursive: true }).catch(() => {}),
    startError: ({ run }) => new UsageError(`Cannot run ${run?.name}: it started no task`),
  } satisfies Backend<ProcessPart>;
}
