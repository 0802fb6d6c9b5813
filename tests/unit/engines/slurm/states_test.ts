import { ArrayTask } from "../../../../lib/engines/slurm/array_task.ts";
import { markPaused, noteRefusal } from "../../../../lib/engines/slurm/job_array.ts";
import { slurm } from "../../../../lib/engines/slurm/slurm.ts";
import { ArrayTaskStates } from "../../../../lib/engines/slurm/states.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { withPrograms } from "../../../support/path_programs.ts";

/** A `squeue` on the PATH whose answer a test sets. */
async function withQueue(use: (answer: (rows: string) => void) => Promise<void>): Promise<void> {
  await withPrograms(
    { squeue: 'cat "${0%/*}/rows"' },
    (folder) => use((rows) => Deno.writeTextFileSync(`${folder}/rows`, `${rows}\n`)),
  );
}

Deno.test("ArrayTaskStates.update() ends a job when a reason for which it never runs remains", async () => {
  await withQueue(async (answer) => {
    const told: string[] = [], states = new ArrayTaskStates((text) => told.push(text));
    const parts = [new ArrayTask("7", 0, "/none"), new ArrayTask("7", 1, "/none")];
    const rows = (reason: string) => `7_0|PENDING|${reason}|\n7_1|PENDING|${reason}|`;
    answer(rows("PartitionConfig"));
    assertEquals(await states.update(parts), true);
    // Slurm had not judged the array before.
    answer(rows("PartitionTimeLimit"));
    assertEquals(await states.update(parts), false);
    const error = await assertRejects(() => states.update(parts), UsageError);
    assertEquals(
      error.message,
      "Cannot run array task 7_0 on Slurm: PartitionTimeLimit: it asks for more time than the " +
        "partition allows, set time or partition",
    );
    assertEquals(told, []);
  });
});

Deno.test("ArrayTaskStates.update() lets each new array have a reason before it is judged", async () => {
  await withQueue(async (answer) => {
    const states = new ArrayTaskStates(() => {}),
      row = (id: number) => `${id}_0|PENDING|BadConstraints|`;
    const parts = [7, 8, 9].map((id) => new ArrayTask(String(id), 0, "/none"));
    for (const [i, part] of parts.entries()) {
      answer(row(i + 7));
      await states.update([part]);
    }
    answer(row(9));
    await assertRejects(() => states.update(parts.slice(2)), UsageError, "array task 9_0 on Slurm");
  });
});

Deno.test("ArrayTaskStates.update() doubts an array task that only the accounting still has", async () => {
  const sacct = 'printf "7_0|RUNNING|None|n1\\n7_1|FAILED|None|n1\\n"';
  await withPrograms({ squeue: "exit 0", sacct }, async () => {
    const parts = [0, 1].map((index) => new ArrayTask("7", index, "/none"));
    await new ArrayTaskStates(() => {}).update(parts);
    const ends = parts.map(({ end }) => [end?.state?.state, end?.isDoubtful]);
    assertEquals(ends, [[undefined, true], ["FAILED", false]]);
  });
});

Deno.test("an array that dl_jobs itself holds is told as paused", async () => {
  await using folder = await makeFolder();
  const dir = `${folder.path}/slurm/0`;
  await folder.write("slurm/0/wave.json", '{"name":"a","array":"7","elements":[]}');
  await withQueue(async (answer) => {
    const told: string[] = [], states = new ArrayTaskStates((text) => told.push(text));
    answer("7_0|PENDING|JobHeldUser|\n7_1|RUNNING|JobHeldUser|n1");
    const held = "it is held, release it with scontrol release";
    const running = "1 array task running";
    const pending = "1 array task pending, ";
    assertEquals(await slurm.describe!(folder.path), [
      `${pending}JobHeldUser: ${held}`,
      running,
    ]);
    markPaused(dir, true);
    assertEquals(await slurm.describe!(folder.path), [
      `${pending}paused: dl_jobs continue lets them start`,
      running,
    ]);
    await states.update([new ArrayTask("7", 0, dir)]);
    assertEquals(told, []);
    markPaused(dir, false);
    await states.update([new ArrayTask("7", 0, dir)]);
    assertEquals(told, [`Waiting for Slurm: JobHeldUser: ${held}`]);
  });
});

Deno.test("the status of a job has the refusal of its last submission", async () => {
  await using folder = await makeFolder();
  await folder.write("slurm/element.js", "");
  noteRefusal(`${folder.path}/slurm`, "AssocMaxSubmitJobLimit");
  assertEquals(await slurm.describe!(folder.path), [
    "last submission refused: AssocMaxSubmitJobLimit",
  ]);
  noteRefusal(`${folder.path}/slurm`, undefined);
  assertEquals(await slurm.describe!(folder.path), []);
});
