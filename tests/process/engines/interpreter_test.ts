/**
 * Interpreters of Python functions that cannot run a worker, such as those of another machine.
 *
 * @module
 */

import { localEngine } from "../../../lib/engines/local/local.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { Outcome, start } from "../../support/engine_rig.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");

// Runs the program as Python 3.7 would, as far as the version is concerned.
const OLD = `#!/bin/sh
exec python3 -c 'import sys
sys.version_info, sys.executable = (3, 7, 1), "old"
del sys.argv[0]
__file__ = sys.argv[0]
exec(open(__file__).read())' "$@"
`;

for (
  const [name, interpreter, reason] of [
    [
      "is missing",
      "none",
      'there is no interpreter "HERE/none"; install Python 3.8 or newer, or set --python to its path',
    ],
    [
      "is too old",
      "old",
      "its interpreter old is Python 3.7, older than 3.8; set --python to another one",
    ],
  ] as const
) {
  Deno.test({
    name: `local: a job ends when its interpreter ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await makeFolder({
        "task.py": "def task(x):\n    return x\n",
        old: OLD,
      });
      await Deno.chmod(`${folder.path}/old`, 0o700);
      const target = { module: folder.url("task.py"), method: "task" };
      const context = { python: [`${folder.path}/${interpreter}`] };
      const events = await start(localEngine, folder, target, toTasks([1, 2]), context);
      const { message } = await assertRejects(() => Outcome.of(events), UsageError);
      assertEquals(message.replace(folder.path, "HERE"), `Cannot start a worker: ${reason}`);
    },
  });
}
