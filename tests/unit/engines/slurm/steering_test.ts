import {
  cancelArrays,
  findArray,
  holdArrays,
  throttleArrays,
} from "../../../../lib/engines/slurm/commands.ts";
import { markPaused, pauseFile } from "../../../../lib/engines/slurm/job_array.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";
import { withPrograms } from "../../../support/path_programs.ts";

/** Puts a `scontrol`, or another program, on the PATH that records its arguments. */
async function withScontrol(
  status: number,
  use: () => Promise<void>,
  said = "",
  program = "scontrol",
): Promise<string[]> {
  const script = `echo "$@" >> "\${0%/*}/calls"\nprintf '%s' '${said}' >&2\nexit ${status}`;
  return await withPrograms({ [program]: script }, async (folder) => {
    await use();
    return Deno.readTextFileSync(`${folder}/calls`).trim().split("\n");
  });
}

Deno.test("throttleArrays() sets the throttle of each array on its cluster", async () => {
  const calls = await withScontrol(0, async () => {
    assertEquals(await throttleArrays(["7", "8;far"], 3), undefined);
    assertEquals(await throttleArrays(["7"], undefined), undefined);
  });
  assertEquals(calls, [
    "update JobId=7 ArrayTaskThrottle=3",
    "--clusters=far update JobId=8 ArrayTaskThrottle=3",
    "update JobId=7 ArrayTaskThrottle=0",
  ]);
});

Deno.test("throttleArrays() tells why the scheduler has refused", async () => {
  const silent = "scontrol exited with 1", said = "Access/permission denied";
  await withScontrol(1, async () => assertEquals(await throttleArrays(["7", "8"], 3), silent));
  await withScontrol(1, async () => assertEquals(await throttleArrays(["7"], 3), said), said);
});

Deno.test("holdArrays() holds arrays and releases them", async () => {
  const calls = await withScontrol(0, async () => {
    assertEquals(await holdArrays(["7", "9;far"], true), []);
    assertEquals(await holdArrays(["7"], false), []);
  });
  assertEquals(calls, ["uhold 7", "--clusters=far uhold 9", "release 7"]);
});

Deno.test("holdArrays() tells which arrays the scheduler has refused", async () => {
  await withScontrol(1, async () => {
    assertEquals(await holdArrays(["7", "9;far"], false), ["7", "9;far"]);
  });
});

Deno.test("markPaused() writes and removes the file that array tasks look for", async () => {
  await using folder = await makeFolder();
  const dir = folder.path, marks = [true, true, false, false].map((one) => markPaused(dir, one));
  assertEquals(marks, [true, false, true, false]);
  assertEquals(exists(pauseFile(dir)), false);
});

Deno.test("cancelArrays() tells which arrays the scheduler has not canceled", async () => {
  const cases: [status: number, said: string, text: string | undefined][] = [
    [0, "", undefined],
    [1, "scancel: error: Kill job error on job id 7: Invalid job id specified", undefined],
    [1, "", undefined],
    [
      1,
      "slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
      "Slurm has not canceled job 7 and 8: slurm_load_jobs error: Unable to contact slurm controller " +
      "(connect failure), Slurm's controller is not running or not reachable: try again later, or " +
      "use --engine local",
    ],
  ];
  for (const [status, said, text] of cases) {
    const use = async () => assertEquals(await cancelArrays(["7", "8"]), text);
    assertEquals(await withScontrol(status, use, said, "scancel"), ["--quiet 7 8"]);
  }
});

Deno.test("findArray() does not take a scheduler without an answer for one without the array", async () => {
  const said = "squeue: error: Unable to contact slurm controller (connect failure)";
  await withScontrol(
    1,
    async () => {
      const error = await assertRejects(() => findArray("dl_jobs-a-0"), UsageError);
      assertMatch(
        error.message,
        /^Cannot look for the array dl_jobs-a-0 in Slurm: Unable to contact/,
      );
    },
    said,
    "squeue",
  );
});
