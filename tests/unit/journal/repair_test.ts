import { cutTornLine, keepCopy, openJournal } from "../../../lib/journal/repair.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { encode, frame, HEADER, LEGACY_HEADER, readText } from "./_events.ts";

Deno.test("cutTornLine() leaves whole lines, wherever the file ends", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/lines`;
  const text = `a\n${"b".repeat(70_000)}\n\ncc\n`;
  for (const size of [0, 1, 2, 3, 65_000, 70_002, 70_003, 70_004, 70_005, 70_007]) {
    Deno.writeTextFileSync(path, text.slice(0, size));
    cutTornLine(path);
    const whole = text.slice(0, text.slice(0, size).lastIndexOf("\n") + 1);
    assertEquals(Deno.statSync(path).size, whole.length);
  }
});

const ONE = '{"id":0,"result":1}\n', TWO = '{"id":1,"count":2,"bytes":4}\n2\n3\n';
const NEXT = '{"id":7,"result":0}\n';
const SOUND = HEADER + frame(2, ONE) + frame(3, TWO);

Deno.test("openJournal() removes what is incomplete or damaged, and keeps a copy of damage", async (t) => {
  const cases: [name: string, before: string | undefined, after: string, isKept: boolean][] = [
    ["sound", SOUND, SOUND + frame(4, NEXT), false],
    ["torn in a block", SOUND.slice(0, -60), HEADER + frame(2, ONE) + frame(3, NEXT), false],
    [
      "without its last newline",
      SOUND.slice(0, -1),
      HEADER + frame(2, ONE) + frame(3, NEXT),
      false,
    ],
    ["torn in the header", HEADER.slice(0, 9), HEADER + frame(2, NEXT), false],
    ["torn after the header", HEADER.slice(0, 31), HEADER + frame(2, NEXT), false],
    ["empty", "", HEADER + frame(2, NEXT), false],
    ["not there", undefined, HEADER + frame(2, NEXT), false],
    ["torn in a long line", HEADER + "x".repeat(200_000), HEADER + frame(2, NEXT), false],
    [
      "damaged in the middle",
      SOUND.replace('"result":1', '"result":7'),
      HEADER + frame(2, TWO) + frame(3, NEXT),
      true,
    ],
    ["without a frame", HEADER + frame(3, TWO), HEADER + frame(2, TWO) + frame(3, NEXT), true],
    [
      "with a damaged header",
      SOUND.replace("journal", "jour\0al"),
      HEADER + frame(2, ONE + TWO) + frame(3, NEXT),
      true,
    ],
    [
      "without its first line",
      SOUND.slice(SOUND.indexOf("\n") + 1),
      HEADER + frame(2, ONE + TWO) + frame(3, NEXT),
      true,
    ],
    [
      "of version 2",
      LEGACY_HEADER + ONE + TWO,
      HEADER + frame(2, ONE + TWO) + frame(3, NEXT),
      false,
    ],
    [
      "of version 2, and torn",
      LEGACY_HEADER + ONE + TWO.slice(0, -1),
      HEADER + frame(2, ONE) + frame(3, NEXT),
      false,
    ],
    [
      "of version 2, and damaged",
      LEGACY_HEADER + TWO.replace('"count":2', '"count":1') + ONE,
      HEADER + frame(2, NEXT),
      true,
    ],
  ];
  for (const [name, before, after, isKept] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(before === undefined ? {} : { journal: before });
      const path = `${folder.path}/journal`;
      {
        const { journal, kept } = openJournal(path, "a job", false);
        using _ = journal;
        journal.append(encode(NEXT));
        assertEquals(kept, isKept ? `${path}.damaged` : undefined);
      }
      assertEquals(Deno.readTextFileSync(path), after);
      if (isKept) assertEquals(Deno.readTextFileSync(`${path}.damaged`), before);
      assertEquals((await readText(path)).endsWith(NEXT), true);
    });
  }
});

Deno.test("openJournal() keeps a copy of the torn end of a job that had ended", async () => {
  await using folder = await makeFolder({ journal: SOUND.slice(0, -1), "journal.damaged": "old" });
  const path = `${folder.path}/journal`;
  const { journal, kept, damages, state } = openJournal(path, "a job", true);
  journal[Symbol.dispose]();
  assertEquals(kept, `${path}.damaged-2`);
  assertEquals(damages, [{
    at: HEADER.length + frame(2, ONE).length,
    bytes: frame(3, TWO).length - 1,
  }]);
  assertEquals([state.succeeded, state.end], [1, 1]);
});

Deno.test("openJournal() refuses the journal of another job", async () => {
  for (const text of [SOUND, LEGACY_HEADER + ONE]) {
    await using folder = await makeFolder({ journal: text });
    const path = `${folder.path}/journal`;
    assertThrows(
      () => openJournal(path, "b job", false),
      Error,
      `Cannot read ${path}: it is the journal of job a job, not of job b job`,
    );
    assertEquals(Deno.readTextFileSync(path), text);
  }
});

Deno.test("keepCopy() leaves no part of a copy for which the disk has no room", async () => {
  await using folder = await makeFolder({ journal: SOUND });
  const path = `${folder.path}/journal`, { copyFileSync } = Deno;
  Deno.copyFileSync = (_from, to) => {
    Deno.writeTextFileSync(to, "part");
    throw new Error(`No space left on device (os error 28): copy '${path}' -> '${to}'`);
  };
  try {
    const message =
      `Cannot write ${path}.damaged: No space left on device (os error 28), fix this ` +
      "and continue with dl_jobs resume";
    assertThrows(() => keepCopy(path), Error, message);
  } finally {
    Deno.copyFileSync = copyFileSync;
  }
  assertEquals(exists(`${path}.damaged`), false);
  assertEquals(keepCopy(path), `${path}.damaged`);
});

Deno.test("openJournal() leaves no part of a journal that it cannot write again", async () => {
  const text = HEADER + frame(3, TWO) + frame(2, ONE);
  await using folder = await makeFolder({ journal: text });
  const path = `${folder.path}/journal`, { renameSync } = Deno;
  Deno.renameSync = () => {
    throw new Error("Input/output error (os error 5)");
  };
  try {
    assertThrows(() => openJournal(path, "a job", false), Error, "Input/output error");
  } finally {
    Deno.renameSync = renameSync;
  }
  assertEquals([exists(`${path}.new`), Deno.readTextFileSync(path)], [false, text]);
});
