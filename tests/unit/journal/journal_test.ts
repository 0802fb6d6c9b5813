import { readFailures } from "../../../lib/journal/failures.ts";
import { eventLine, successLine, type TaskEvent } from "../../../lib/journal/format.ts";
import { readJournal } from "../../../lib/journal/reader.ts";
import { cutTornLine } from "../../../lib/journal/repair.ts";
import { JournalState } from "../../../lib/journal/state.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { LineBuffer } from "../../../lib/util/line_buffer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";
import { bare } from "../../support/jobs.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const HEADER = '{"journal":2,"job":"a job"}\n';

async function readText(path: string): Promise<string> {
  const blocks = await Array.fromAsync(readJournal(path));
  return blocks.map((block) => new TextDecoder().decode(block)).join("");
}

Deno.test("Journal starts with a header, and what is appended stands behind it", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`;
  {
    using journal = Journal.create(path, "a job");
    assertEquals(Deno.readTextFileSync(path), HEADER);
    journal.append(encode('{"id":0,"result":1}\n'));
    journal.append(encode(""));
    journal.append(encode('{"id":1,"result":2}\n'));
    journal.flush();
    assertEquals(
      Deno.readTextFileSync(path),
      `${HEADER}{"id":0,"result":1}\n{"id":1,"result":2}\n`,
    );
    journal.append(encode('{"id":2,"result":3}\n'));
  }
  assertEquals(
    await readText(path),
    [0, 1, 2].map((id) => `{"id":${id},"result":${id + 1}}\n`).join(""),
  );
  assertThrows(() => Journal.create(path, "another"), Deno.errors.AlreadyExists);
});

Deno.test("Journal hands on what was appended without being asked", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/events.ndjson`;
  using journal = Journal.create(path, "a job");
  journal.append(encode('{"id":0,"result":1}\n'));
  while (Deno.statSync(path).size === HEADER.length) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(Deno.readTextFileSync(path), `${HEADER}{"id":0,"result":1}\n`);
});

Deno.test("Journal.open() cuts a torn line off, and gives an empty file its header", async (t) => {
  const cases: [name: string, before: string | undefined, after: string][] = [
    ["whole", `${HEADER}{"id":0,"result":1}\n`, `${HEADER}{"id":0,"result":1}\n`],
    ["torn", `${HEADER}{"id":0,"result":1}\n{"id":1,"res`, `${HEADER}{"id":0,"result":1}\n`],
    ["without its last newline", `${HEADER}{"id":0,"result":1}`, HEADER],
    ["torn in the header", HEADER.slice(0, 9), HEADER],
    ["empty", "", HEADER],
    ["not there", undefined, HEADER],
    ["torn in a long line", `${HEADER}${"x".repeat(200_000)}`, HEADER],
  ];
  for (const [name, before, after] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(before === undefined ? {} : { journal: before });
      const path = `${folder.path}/journal`;
      {
        using journal = await Journal.open(path, "a job");
        journal.append(encode('{"id":7,"result":0}\n'));
      }
      assertEquals(Deno.readTextFileSync(path), `${after}{"id":7,"result":0}\n`);
    });
  }
});

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

Deno.test("readJournal() refuses what it cannot read", async (t) => {
  const cases: [name: string, text: string, message: string][] = [
    ["a newer version", '{"journal":3,"job":"x"}\n', "its format is 3, this version knows 2"],
    ["an older version", '{"journal":1,"job":"x"}\n', "its format is 1, this version knows 2"],
    ["events without a header", '{"id":0,"result":1}\n', "it is no journal"],
    ["no JSON", "hello\n", "it is no journal"],
    ["a number", "1\n", "it is no journal"],
  ];
  for (const [name, text, reason] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ journal: text });
      const path = `${folder.path}/journal`;
      const error = await assertRejects(() => readText(path), Error);
      assertEquals(error.message, `Cannot read ${path}: ${reason}`);
    });
  }
});

Deno.test("a run that was cut short keeps its whole lines, whatever is written behind it", async (t) => {
  const head = '{"id":0,"count":3,"bytes":9}\n';
  const cases: [name: string, torn: string, after: string][] = [
    ["whole", `${head}10\n20\n30\n`, `${head}10\n20\n30\n`],
    ["a part of a line", `${head}10\n20\n3`, '{"id":0,"count":2,"bytes":6}\n10\n20\n'],
    ["whole lines", `${head}10\n`, '{"id":0,"count":1,"bytes":3}\n10\n'],
    ["no line", head, ""],
    ["a part of its first line", head.slice(0, 12), ""],
    [
      "smaller numbers",
      `{"id":7,"count":1000,"bytes":4000,"ms":2}\n1.5\n`,
      `{"id":7,"count":1,"bytes":4,"ms":2      }\n1.5\n`,
    ],
  ];
  for (const [name, torn, after] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ journal: HEADER + torn });
      const path = `${folder.path}/journal`;
      assertEquals(await readText(path), after, "a reader sees it so");
      assertEquals(Deno.readTextFileSync(path), HEADER + torn, "and changes nothing");
      {
        using journal = await Journal.open(path, "a job");
        journal.append(encode('{"id":9,"result":0}\n'));
      }
      assertEquals(Deno.readTextFileSync(path), `${HEADER}${after}{"id":9,"result":0}\n`);
    });
  }
});

Deno.test("readJournal() stops at a torn last line", async () => {
  await using folder = await makeFolder({ journal: `${HEADER}{"id":0,"result":1}\n{"id":1` });
  assertEquals(await readText(`${folder.path}/journal`), '{"id":0,"result":1}\n');
  await folder.write("empty", "");
  assertEquals(await readText(`${folder.path}/empty`), "");
});

const ERROR = { message: "no", type: "Error", class: "error" } as const;
const LATE = { message: "late", type: "Timeout", class: "timeout" } as const;

/** The lines of some events, as the journal has them. */
function linesOf(events: readonly TaskEvent[]): Uint8Array {
  return encode(
    events.map((event) =>
      (event.type === "succeeded"
        ? successLine(event.id, event.attempt, event.ms, JSON.stringify(event.result))
        : eventLine(event)) + "\n"
    ).join(""),
  );
}

Deno.test("JournalState takes note of every type of event", async (t) => {
  const id = 3, ms = 1, base = { id, attempt: 1 } as const;
  const failed = { ...base, type: "failed", ms, error: ERROR } as const;
  const retried = { ...base, type: "retried", ms, error: LATE } as const;
  const succeeded = { ...base, type: "succeeded", ms, result: null } as const;
  const queued = { ...base, type: "queued" } as const;
  const twice = [retried, { ...retried, attempt: 2, error: ERROR }];
  // How it stands, which attempt comes next, why others failed; succeeded, failed, retried.
  const cases: [name: string, events: TaskEvent[], expected: string][] = [
    ["nothing", [], "open 1 []; 0 0 0"],
    ["started", [{ ...base, type: "started" }], "open 1 []; 0 0 0"],
    ["canceled", [{ ...base, type: "canceled" }], "open 1 []; 0 0 0"],
    ["lost", [{ ...base, type: "lost", error: ERROR }], "open 1 []; 0 0 0"],
    ["retried", [retried], "open 2 [timeout]; 0 0 1"],
    ["retried twice", twice, "open 3 [timeout,error]; 0 0 2"],
    ["succeeded", [succeeded], "succeeded 1 []; 1 0 0"],
    ["succeeded twice", [succeeded, succeeded], "succeeded 1 []; 1 0 0"],
    ["succeeded at last", [retried, { ...succeeded, attempt: 2 }], "succeeded 2 []; 1 0 1"],
    ["failed", [failed], "failed 1 []; 0 1 0"],
    ["failed at last", [retried, { ...failed, attempt: 2 }], "failed 2 []; 0 1 1"],
    ["put back", [failed, queued], "open 2 []; 0 0 0"],
    ["put back, failed", [failed, queued, { ...failed, attempt: 2 }], "failed 2 []; 0 1 0"],
    ["put back, done", [failed, queued, { ...succeeded, attempt: 2 }], "succeeded 2 []; 1 0 0"],
  ];
  for (const [name, events, expected] of cases) {
    await t.step(name, () => {
      const state = new JournalState();
      state.add(linesOf(events));
      const counts = `${state.succeeded} ${state.failed} ${state.retried}`;
      const found = `${state.of(id)} ${state.nextAttempt(id)} [${state.triesOf(id)}]; ${counts}`;
      assertEquals(found, expected);
      assertEquals([state.of(0), state.of(1_000_000)], ["open", "open"]);
      assertEquals(
        [state.hasEndFrom(id), state.hasEndFrom(id + 1)],
        [!expected.startsWith("open"), false],
      );
    });
  }
});

Deno.test("JournalState knows a success by its form, whatever stands in it", () => {
  const state = new JournalState();
  const results = ['{"type":"failed","id":9}', '"\\n\\"result\\":"', "[1,[2]]", "null", "-1.5e+3"];
  const lines = results.flatMap((text, id) => [
    successLine(id, 1, 0, text),
    successLine(id + 100, 12, 3.25, text),
  ]);
  state.add(encode(lines.map((line) => line + "\n").join("")));
  assertEquals([state.succeeded, state.failed], [10, 0]);
});

Deno.test("readFailures() gives how tasks ended that have failed, in the order they did", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/journal`;
  const failed = (id: number, attempt: number) =>
    ({ id, attempt, type: "failed", ms: 0, error: ERROR }) as const;
  const queued = (id: number, attempt: number) => ({ id, attempt, type: "queued" }) as const;
  {
    using journal = Journal.create(path, "a job");
    journal.append(linesOf([
      failed(5, 1),
      failed(2, 1),
      { id: 0, attempt: 1, type: "succeeded", ms: 0, result: 1 },
      { id: 1, attempt: 1, type: "retried", ms: 0, error: ERROR },
      failed(1, 2),
      queued(5, 1),
      queued(2, 1),
      failed(2, 2),
      { id: 5, attempt: 2, type: "succeeded", ms: 0, result: 1 },
    ]));
  }
  const found = await Array.fromAsync(readFailures(path));
  assertEquals(bare(found), bare([failed(1, 2), failed(2, 2)]));
});

Deno.test("LineBuffer writes nothing behind a line that it could write only in part", () => {
  let room = 30, text = "";
  const file = {
    writeSync(bytes: Uint8Array): number {
      if (room === 0) throw new Error("No space left on device (os error 28)");
      const taken = bytes.subarray(0, room);
      text += new TextDecoder().decode(taken);
      room -= taken.length;
      return taken.length;
    },
  };
  const lines = new LineBuffer(file, "/full/events.ndjson");
  lines.write(encode("x".repeat(19) + "\n"));
  lines.flush();
  lines.write(encode("y".repeat(19) + "\n"));
  const message = "Cannot write /full/events.ndjson: No space left on device (os error 28), " +
    "repair that and continue with dl_jobs resume";
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  room = 1000;
  lines.write(encode("z\n"));
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  assertEquals(text, `${"x".repeat(19)}\n${"y".repeat(10)}`);
});
