import {
  type FarProgram,
  startConnector,
  withFolderAdvice,
} from "../../../../lib/engines/stream/shell.ts";
import { connectShell } from "../../../../lib/engines/stream/shell_place.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const FAR: FarProgram = {
  folder: "~/far",
  version: "1.2.3",
  program: "far-1.js",
  code: "//",
  advice: "set the folder to another one",
};
const MISSING = { goal: "connect", advice: "install it" };

/** Connects to a machine whose `deno` answers at once. A prefix runs in its login shell. */
async function connect(far: Partial<FarProgram>, prefix = "") {
  await using home = await makeFolder({
    "far/far-1.js": "//",
    ".deno/bin/deno": "#!/bin/sh\necho deno 1.2.3\nprintf '\\036ready'\n",
  });
  await Deno.chmod(`${home.path}/.deno/bin/deno`, 0o700);
  const start = (script: string) =>
    startConnector("env", [`HOME=${home.path}`, "sh", "-c", `${prefix} ${script}`], MISSING);
  const reason = (code: number | undefined, words: string) => `${code}: ${words}`;
  const { signal } = new AbortController();
  const pipes = await within(connectShell(start, { ...FAR, ...far }, signal, reason), prefix);
  const text = await new Response(pipes.readable as BodyInit).text();
  return { text, notice: pipes.notice, words: await pipes.ended };
}

Deno.test("connectShell() tells of a setup command that failed, and continues", async (t) => {
  const failed = (status: number, words: string) =>
    `the setup command failed with exit status ${status}${words}`;
  const cases: Readonly<Record<string, string | undefined>> = {
    "X=1; export X": undefined,
    "echo a banner": undefined,
    // The stdin of the shell is the connection, of which nothing must be read.
    "cat": undefined,
    "echo loading; echo no module >&2; (exit 7)": failed(7, ": loading; no module"),
    "false": failed(1, ""),
  };
  for (const [setup, notice] of Object.entries(cases)) {
    await t.step(setup, async () => {
      assertEquals(await connect({ setup }), {
        text: "\x1eready",
        notice,
        words: "",
      });
    });
  }
});

Deno.test("connectShell() takes no banner for the reason of the end of a connection", async () => {
  const { words } = await connect({}, "echo Private system: no access >&2; sleep 0.5;");
  assertEquals(words, "");
});

Deno.test("connectShell() rejects with all that a machine says before it ends", async (t) => {
  const cases: Readonly<Record<string, readonly [setup: string | undefined, words: string]>> = {
    "echo not available; echo no home >&2; exit 1;": [undefined, "1: no home; not available"],
    "exit 0;": [undefined, "0: "],
    "": ["echo no module >&2; exit 7", "7: no module"],
  };
  for (const [prefix, [setup, words]] of Object.entries(cases)) {
    await t.step(prefix || setup!, async () => {
      await assertRejects(() => connect({ setup }, prefix), Error, words);
    });
  }
});

Deno.test("connectShell() ends a connection whose shell does not answer", async () => {
  const words = "undefined: it did not answer for 200 ms";
  await assertRejects(() => connect({ answerMs: 200 }, "sleep 60;"), Error, words);
});

Deno.test("withFolderAdvice() adds the way out to the words of a full disk, once", () => {
  const full = "Cannot write a: No space left on device (os error 28)";
  const words = `${full}, set the folder to another one`;
  assertEquals([full, words, "killed"].map((one) => withFolderAdvice(one, FAR)), [
    words,
    words,
    "killed",
  ]);
});
