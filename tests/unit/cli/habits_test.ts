import { parseCommand } from "../../../lib/cli/args.ts";
import type { Command } from "../../../lib/cli/command.ts";
import { mapCommand } from "../../../lib/cli/map.ts";
import { resultsCommand } from "../../../lib/cli/results.ts";
import { rmCommand } from "../../../lib/cli/rm.ts";
import { setCommand } from "../../../lib/cli/set.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

Deno.test("an option of another tool is answered with what to write", async (t) => {
  const cases: [Command, string, string][] = [
    [mapCommand, "-k", "did you mean --ordered?"],
    [mapCommand, "-P2", "did you mean --workers?"],
    [mapCommand, "-qk", "did you mean --ordered?"],
    [mapCommand, "-S lab1", "an engine has it, write --ssh hosts=VALUE"],
    [mapCommand, "-X", "a task is one element of the list, see dl_jobs docs batches of records"],
    [mapCommand, "-I%", "{} is the element in the arguments of a program"],
    [mapCommand, "-workers 3", "did you mean --workers?"],
    [mapCommand, "--bar", "progress is always shown, write --progress json for programs"],
    [mapCommand, "--joblog x", "dl_jobs query shows the state and the time of each task"],
    [mapCommand, "--memfree 1G", "see dl_jobs docs nights load and nice"],
    [mapCommand, "--max-load 3", "see dl_jobs docs nights load and nice"],
    [mapCommand, "--array 1-9", "write --grid n=1..10 for a task for each number"],
    [mapCommand, "--crash-limit 3", "write --retry crash=3 for attempts after crashes"],
    [
      mapCommand,
      "--resources a=1",
      "write --rate '{host}=2 at a time' for the most tasks of a host that run together",
    ],
    [mapCommand, "--job-name x", "did you mean --name?"],
    [mapCommand, "--mail me", "did you mean --notify?"],
    [mapCommand, "--max-fails 3", "did you mean --halt?"],
    [mapCommand, "--batch-size 3", "did you mean --chunk?"],
    [mapCommand, "--csv", "write --input csv for the list, or -o FILE.csv for the results"],
    [mapCommand, "--progress", "write --progress NAME, one of auto, json, off"],
    [resultsCommand, "--csv", "write --format csv"],
    [resultsCommand, "--failed", "did you mean --errors?"],
    [resultsCommand, "--bar", "see --help for the options"],
    [setCommand, "-j 4", "write workers=VALUE, without dashes"],
    [rmCommand, "--all", "it belongs to --help, name each job as dl_jobs jobs lists it"],
    [
      mapCommand,
      "env -x {} ::: a",
      "to run the program env, write it after --, as in dl_jobs map -- env {} ::: VALUES",
    ],
    [mapCommand, "work.ts#f -x {}", "see --help for the options"],
  ];
  for (const [command, line, way] of cases) {
    await t.step(line, async () => {
      const run = () => parseCommand(command, line.split(" "));
      const { message } = await assertRejects(run, UsageError);
      assertEquals(message.slice(message.indexOf(": ") + 2), way);
    });
  }
});
