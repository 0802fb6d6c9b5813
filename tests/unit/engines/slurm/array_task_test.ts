import { ArrayTask } from "../../../../lib/engines/slurm/array_task.ts";
import type { SlurmState } from "../../../../lib/engines/slurm/commands.ts";
import { arrayTaskFiles } from "../../../../lib/engines/slurm/job_array.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";

/** Returns an array task with tasks from 0 on. */
function arrayTask(count: number, dir = "/none", wasEnded = false): ArrayTask {
  const part = new ArrayTask("12", 3, dir, wasEnded);
  part.push(TaskBatch.of(new TextEncoder().encode("1\n".repeat(count)), count, 0));
  return part;
}

/** Adds text to the file of an array task. */
async function append(folder: Folder, text: string): Promise<void> {
  await Deno.mkdir(`${folder.path}/events`, { recursive: true });
  await Deno.writeTextFile(arrayTaskFiles(folder.path, 3).events, text, { append: true });
}

/** Reads what is new, and returns the ids of the tasks and the spans. */
async function read(part: ArrayTask) {
  const ids: number[] = [], spans: unknown[] = [];
  for await (const { lines, span } of part.read()) {
    ids.push(...parseEvents(new TextDecoder().decode(lines)).map(({ id }) => id));
    if (span) spans.push(span);
  }
  return { ids, spans };
}

const BEGUN = '{"begun":"2026-05-04T11:02:07Z","node":"n1"}\n';

Deno.test("ArrayTask.read() yields whole lines, each once", async () => {
  await using folder = await makeFolder();
  const part = arrayTask(5, folder.path);
  await append(folder, `${BEGUN}{"id":0,"result":1}\n{"id":1,"resu`);
  assertEquals((await read(part)).ids, [0]);
  assertEquals([part.hasStarted, part.hasEnded, part.inFlight.count], [true, false, 4]);
  assertEquals((await read(part)).ids, []);
  await append(folder, 'lt":1}\n{"id":2,"count":2,"bytes":4}\n1\n1\n{"id":0,"result":1}\n');
  assertEquals((await read(part)).ids, [1, 2, 3]);
  await append(folder, '{"ended":"2026-05-04T11:02:08Z","left":1}\n');
  assertEquals([(await read(part)).ids, part.hasEnded, part.isOver(0)], [[], true, true]);
});

Deno.test("ArrayTask.read() names workers by their node and array task", async () => {
  await using folder = await makeFolder();
  const part = arrayTask(1, folder.path), span = { from: 1, to: 2, id: 0, count: 1 };
  await append(folder, `${BEGUN}${JSON.stringify({ span: { worker: "0", ...span } })}\n`);
  await append(folder, '{"id":0,"result":1}\n');
  assertEquals((await read(part)).spans, [{ worker: "n1 12_3.0", ...span }]);
});

Deno.test("ArrayTask.read() throws when the function cannot be called, and names the node", async () => {
  await using folder = await makeFolder();
  await append(folder, `${BEGUN}{"broken":"Cannot load the function: no"}\n`);
  const part = arrayTask(1, folder.path);
  const error = await assertRejects(() => read(part), UsageError);
  assertEquals(error.message, "Cannot load the function on n1: no");
});

Deno.test("ArrayTask.takeTermination() is true once", async () => {
  await using folder = await makeFolder();
  const part = arrayTask(1, folder.path);
  assertEquals(part.takeTermination(), false);
  await append(folder, `${BEGUN}{"terminated":"2026-05-04T11:02:07Z"}\n`);
  await read(part);
  assertEquals([part.takeTermination(), part.takeTermination()], [true, false]);
});

const state = (name: string, reason = "None") => ({ state: name, reason });

Deno.test("ArrayTask.isOver() waits for a file that a network shows late", async (t) => {
  const cases: [name: string, part: ArrayTask, state: string | undefined, waits: number][] = [
    ["it has failed", arrayTask(1), "FAILED", 5000],
    ["it is done", arrayTask(1), "COMPLETED", 30_000],
    ["Slurm has forgotten it", arrayTask(1), undefined, 30_000],
    ["it was ended on purpose", arrayTask(1, "/none", true), "COMPLETED", 5000],
  ];
  for (const [name, part, word, waits] of cases) {
    await t.step(name, () => {
      part.see(word === undefined ? undefined : state(word), 1000);
      // A second check does not restart the wait.
      part.see(word === undefined ? undefined : state(word), 2000);
      assertEquals([part.isOver(999 + waits), part.isOver(1000 + waits)], [false, true]);
    });
  }
  await t.step("Slurm does not know it for a moment", () => {
    const part = arrayTask(1);
    part.see(undefined, 0);
    assertEquals(part.isOver(1e9), false);
    part.see(state("RUNNING"), 1);
    part.see(undefined, 2);
    assertEquals(part.isOver(1e9), false);
  });
  await t.step("only the accounting still has it", () => {
    const part = arrayTask(1), minutes = 60_000;
    for (const at of [0, 1]) part.see(state("RUNNING"), at, false);
    assertEquals([part.isOver(9 * minutes), part.isOver(10 * minutes)], [false, true]);
    assertEquals(part.endText, "array task 12_3 ended without a record");
    part.see(state("COMPLETED"), 2, false);
    assertEquals([part.isOver(29_999), part.isOver(30_000)], [false, true]);
    part.see(state("RUNNING"), 3);
    assertEquals(part.isOver(1e9), false);
  });
  await t.step("it runs again, or in an unknown state", () => {
    const part = arrayTask(1);
    part.see(state("NODE_FAIL"), 0);
    for (const word of ["PENDING", "RUNNING", "SOMETHING_NEW"]) {
      part.see(state(word), 1);
      assertEquals(part.isOver(1e9), false);
    }
  });
});

Deno.test("ArrayTask.takeLeftover() charges the tasks in flight of a dead array task", async (t) => {
  const cases: [name: string, word: string, wasEnded: boolean, charged: unknown[]][] = [
    ["its node failed", "NODE_FAIL", false, ["lost lost", "lost lost"]],
    ["it was canceled", "CANCELLED", false, ["lost lost", "lost lost"]],
    ["its memory was too little", "OUT_OF_MEMORY", false, ["failed oom", "failed oom"]],
    ["its time was over", "TIMEOUT", false, ["failed timeout", "failed timeout"]],
    ["it was ended on purpose", "CANCELLED", true, []],
  ];
  for (const [name, word, wasEnded, charged] of cases) {
    await t.step(name, () => {
      const part = arrayTask(5, "/none", wasEnded);
      part.hasStarted = true;
      part.see(state(word), 0);
      const { failures, rest = [], mayRun } = part.takeLeftover(2);
      const kinds = failures.map(({ event }) => `${event.type} ${event.error.class}`);
      assertEquals([kinds, mayRun], [charged, true]);
      const ids = [...failures.map(({ event }) => event.id)];
      ids.push(...rest.flatMap((batch) => Array.from(batch, ({ id }) => id)));
      assertEquals([ids, part.inFlight.count], [[0, 1, 2, 3, 4], 0]);
    });
  }
  await t.step("it had not started", () => {
    const part = arrayTask(2);
    part.see(state("NODE_FAIL"), 0);
    assertEquals(part.takeLeftover(2).failures, []);
  });
  await t.step("it reported its own end", () => {
    const part = arrayTask(2);
    part.hasStarted = part.hasEnded = true;
    const { failures, mayRun } = part.takeLeftover(2);
    assertEquals([failures, mayRun], [[], false]);
  });
});

Deno.test("ArrayTask.takeLeftover() runs tasks alone that the time limit cut after others", () => {
  const part = arrayTask(5), ids = (batch: TaskBatch) => Array.from(batch, ({ id }) => id);
  part.hasStarted = true;
  part.inFlight.complete(0);
  part.see(state("TIMEOUT"), 0);
  const { failures, rest = [], slices = [], mayRun } = part.takeLeftover(2);
  assertEquals([failures, rest.flatMap(ids), mayRun], [[], [3, 4], true]);
  assertEquals(slices.map((slice) => slice.flatMap(ids)), [[1], [2]]);
});

Deno.test("ArrayTask.logText tells a reason of an empty log", async () => {
  await using folder = await makeFolder({ "logs/0.log": "" });
  assertEquals(
    new ArrayTask("7", 0, folder.path).logText,
    `its log is empty, as when the disk is full (${folder.path}/logs/0.log)`,
  );
});

Deno.test("ArrayTask.logText takes no array task that Slurm ended for one without its folder", () => {
  const cases: [state: SlurmState | undefined, words: RegExp][] = [
    [state("CANCELLED"), /^it wrote no log \(/],
    [state("DEADLINE"), /^it wrote no log \(/],
    [state("FAILED", "BadConstraints"), /^BadConstraints: no node has the requested memory/],
    [state("FAILED"), /^it wrote no log, so its node may not see this folder: .* \(/],
    [undefined, /^it wrote no log, so its node may not see this folder: .* \(/],
  ];
  for (const [end, words] of cases) {
    const part = arrayTask(1);
    part.see(end, 0);
    assertMatch(part.logText, words);
  }
});

Deno.test("ArrayTask.endText names the end in Slurm's words", () => {
  const part = arrayTask(1);
  assertEquals(part.endText, "array task 12_3 ended without a record");
  part.see(state("FAILED", "NonZeroExitCode"), 0);
  assertEquals(part.endText, "array task 12_3 ended FAILED (NonZeroExitCode)");
  part.see(state("NODE_FAIL"), 0);
  assertEquals(part.endText, "array task 12_3 ended NODE_FAIL");
});

Deno.test("ArrayTask.lossText and its failures name the option that a limit needs", () => {
  const left = "; the tasks that they had left are submitted again";
  const cases: [word: string, advice: string][] = [
    ["CANCELLED", ""],
    ["TIMEOUT", ", --slurm time=TIME asks for more"],
    ["OUT_OF_MEMORY", ", --memory SIZE asks for more"],
  ];
  for (const [word, advice] of cases) {
    const part = arrayTask(1);
    part.hasStarted = true;
    part.see(state(word), 0);
    assertEquals(part.lossText, `Slurm job 12: array tasks ended ${word}${advice}${left}`);
    const [failure] = part.takeLeftover(1).failures;
    assertEquals(failure?.event.error.message, `its array task 12_3 ended ${word}${advice}`);
  }
});
