/**
 * The backend of Slurm with other programs in place of those of Slurm.
 *
 * @module
 */

import type { BackendContext } from "../../../lib/engines/batch/backend.ts";
import { ArrayTask } from "../../../lib/engines/slurm/array_task.ts";
import { SlurmBackend } from "../../../lib/engines/slurm/backend.ts";
import { EventFile } from "../../../lib/engines/slurm/event_file.ts";
import { jobArrays, wasEnded } from "../../../lib/engines/slurm/job_array.ts";
import { type LogLine, NO_EVENTS } from "../../../lib/journal/format.ts";
import { TaskBatch } from "../../../lib/tasks/batch.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assertEquals } from "../../support/assert.ts";
import { withPrograms } from "../../support/path_programs.ts";

/** Opens the backend of a job. */
function open(folder: Folder, more: Partial<BackendContext> = {}): Promise<SlurmBackend> {
  const never = new AbortController().signal;
  return SlurmBackend.open({
    folder: `${folder.path}/job`,
    concurrency: 1,
    env: {},
    permissions: [],
    cpus: 1,
    gpus: 0,
    image: "",
    settings: {},
    warn: () => {},
    stop: never,
    signal: never,
    patiently: (ask) => ask(),
    ...more,
  } as BackendContext);
}

const slice = () => [TaskBatch.of(new TextEncoder().encode("0\n"), 1, 0)];
const { signal } = new AbortController();

/** Waits until a file of a program exists. */
const wait = (name: string) => `while [ ! -e "\${0%/*}/${name}" ]; do sleep 0.02; done`;

const SQUEUE = 'case "$*" in *--name=*) cat "${0%/*}/found" 2>/dev/null;; esac; exit 0';
const QUIET = { scontrol: "exit 0", sinfo: "exit 0", sacct: "exit 0", scancel: "exit 0" };

Deno.test("an array is found that the sbatch of a killed controller submits late", async () => {
  await using folder = await makeFolder();
  await withPrograms({ ...QUIET, squeue: SQUEUE }, async (bin) => {
    const arrays = jobArrays(`${folder.path}/job`), dir = arrays.next();
    arrays.write(dir, { name: "x", settings: {}, elements: [[[0, 1, 1]]] } as never);
    const backend = await open(folder),
      [{ part } = { part: undefined! }] = await backend.reattach();
    part.push(slice()[0]!);
    await backend.poll(new Set([part]), signal);
    assertEquals([part.array, part.end?.state], [undefined, undefined]);
    await Deno.writeTextFile(`${bin}/found`, "7\n");
    await backend.poll(new Set([part]), signal);
    assertEquals([part.array, (await arrays.read(dir)).array], ["7", "7"]);
  });
});

Deno.test("an array is not taken for the job that has its id on a new cluster", async () => {
  await using folder = await makeFolder();
  const squeue = 'case "$*" in *--jobs=7*) echo "7|mine";; esac; exit 0';
  await withPrograms({ ...QUIET, squeue }, async () => {
    const arrays = jobArrays(`${folder.path}/job`), dir = arrays.next();
    const record = { name: "x", array: "7", settings: {}, elements: [[[0, 1, 1]]] };
    arrays.write(dir, record as never);
    const backend = await open(folder);
    assertEquals((await backend.reattach()).map(({ part }) => part.array), [undefined]);
  });
});

Deno.test("an array that is given up before it is found ends as soon as it starts", async () => {
  await using folder = await makeFolder();
  await withPrograms({ ...QUIET, squeue: SQUEUE }, async () => {
    const backend = await open(folder), dir = `${folder.path}/job/slurm/0`;
    await Deno.mkdir(dir);
    await backend.discard(new ArrayTask(undefined, 0, dir));
    assertEquals(wasEnded(dir), true);
  });
});

Deno.test("an array task that may run on is told to end, and no other of its array", async () => {
  await using folder = await makeFolder();
  await withPrograms({ ...QUIET, squeue: SQUEUE }, async () => {
    const backend = await open(folder), dir = `${folder.path}/job/slurm/0`;
    await Deno.mkdir(dir);
    await backend.discard(new ArrayTask("7", 1, dir));
    assertEquals([0, 1].map((index) => wasEnded(dir, index)), [false, true]);
  });
});

Deno.test("an array has the limit that was set while its submission had no answer", async () => {
  await using folder = await makeFolder();
  const programs = {
    ...QUIET,
    squeue: SQUEUE,
    sbatch: `touch "\${0%/*}/sbatch_begun"\n${wait("sbatch_may_end")}\necho 8`,
    scontrol:
      `case "$*" in *JobId=7*) touch "\${0%/*}/change_begun"; ${wait("change_may_end")};; ` +
      `esac\ncase "$*" in update*) echo "$*" >> "\${0%/*}/changes";; esac`,
  };
  await withPrograms(programs, async (bin) => {
    const live = { values: { workers: undefined as number | undefined } };
    const backend = await open(folder, { live: live as unknown as BackendContext["live"] });
    const dir = `${folder.path}/job/slurm/90`, parts = new Set([new ArrayTask("7", 0, dir)]);
    const submission = backend.submit([slice()]);
    await until(() => exists(`${bin}/sbatch_begun`), "the submission begins");
    live.values.workers = 2;
    const poll = backend.poll(parts, signal);
    await until(() => exists(`${bin}/change_begun`), "the change begins");
    await Deno.writeTextFile(`${bin}/sbatch_may_end`, "");
    for (const part of await submission as ArrayTask[]) parts.add(part);
    await Deno.writeTextFile(`${bin}/change_may_end`, "");
    await within(poll, "the poll ends");
    await backend.poll(parts, signal);
    const changes = (await Deno.readTextFile(`${bin}/changes`)).trim().split("\n");
    assertEquals(changes, [
      "update JobId=7 ArrayTaskThrottle=2",
      "update JobId=8 ArrayTaskThrottle=2",
    ]);
  });
});

Deno.test("a later controller records no output and no busy time again", async () => {
  await using folder = await makeFolder();
  await withPrograms({ ...QUIET, squeue: SQUEUE }, async () => {
    const arrays = jobArrays(`${folder.path}/job`), dir = arrays.next();
    const record = { name: "x", array: "7", settings: {}, elements: [[[0, 1, 1]]] };
    arrays.write(dir, record as never);
    await Deno.mkdir(`${dir}/events`);
    using file = new EventFile(dir, 0);
    const write = (text: string) => {
      const log: LogLine = { id: 0, attempt: 1, stream: "stdout", text, time: 1 };
      const span = { worker: "0", from: 1, to: 2, id: 0, count: 1 };
      file.write({ ...NO_EVENTS, logs: [log], span });
      file.flush();
    };
    const attach = async () => {
      const backend = await open(folder),
        [{ part } = { part: undefined! }] = await backend.reattach();
      part.push(slice()[0]!);
      return async () => {
        const found: string[] = [];
        for await (const { logs, span } of backend.collect(new Set([part]))) {
          found.push(...logs.map(({ text }) => text), ...span ? [span.worker] : []);
        }
        return found;
      };
    };
    write("a");
    const first = await attach();
    assertEquals(await first(), ["a", " 7_0.0"]);
    await until(async () => (await first(), exists(`${dir}/events/recorded.json`)), "it is noted");
    write("b");
    const second = await attach();
    assertEquals(await second(), ["b", " 7_0.0"]);
    write("c");
    assertEquals(await second(), ["c", " 7_0.0"]);
  });
});
