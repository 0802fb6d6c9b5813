import type { LogLine } from "../lib/event.ts";
import { type Counts, progressLine, Talk, type TalkOptions } from "../lib/progress.ts";
import { LineFile } from "../lib/results.ts";
import { makeFolder } from "./_files.ts";
import { assertEquals } from "./assert.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE;

function counts(given: Partial<Counts>): Counts {
  return { read: 0, succeeded: 0, failed: 0, retried: 0, ...given };
}

Deno.test("progressLine() says how far a job is", async (t) => {
  const cases: [given: Partial<Counts>, ms: number, line: string][] = [
    [{}, 0, "0 done"],
    [{}, 5000, "0 done"],
    [{ total: 90 }, 5000, "0 of 90 done"],
    [{ succeeded: 10 }, 0, "10 done"],
    [{ read: 100, succeeded: 10 }, 1000, "10 done, 10/s"],
    [{ total: 100, succeeded: 25 }, 5000, "25 of 100 done, 5/s, 15.0 s left"],
    [{ total: 100, succeeded: 20, failed: 5 }, 5000, "25 of 100 done, 5 failed, 5/s, 15.0 s left"],
    [
      { total: 100, succeeded: 20, failed: 5, retried: 3 },
      5000,
      "25 of 100 done, 5 failed, 3 tried again, 5/s, 15.0 s left",
    ],
    [{ retried: 1 }, 5000, "0 done, 1 tried again"],
    [{ total: 25, succeeded: 25 }, 5000, "25 of 25 done, 5/s"],
    [{ total: 0 }, 5000, "0 of 0 done"],
    // Where a task takes long, a number a second says nothing.
    [{ total: 10, succeeded: 1 }, 2000, "1 of 10 done, 30/min, 18.0 s left"],
    [{ total: 10, failed: 2 }, 4 * MINUTE, "2 of 10 done, 2 failed, 30/h, 16 min 00 s left"],
    [{ total: 3, succeeded: 1 }, 2 * HOUR, "1 of 3 done, 12/day, 4 h 00 min left"],
    [{ total: 2, succeeded: 1 }, 48 * HOUR, "1 of 2 done, 48 h 00 min left"],
    [
      { total: 10_000_000, succeeded: 2_500_000 },
      1000,
      [
        "2500000 of 10000000 done, 2500000/s, 3.0 s left",
      ].join(),
    ],
  ];
  for (const [given, ms, line] of cases) {
    await t.step(line, () => assertEquals(progressLine(counts(given), ms), line));
  }
});

/** What is written to stderr, on a clock that the test moves. */
class Ear {
  now = 1_000_000;
  said = "";
  readonly talk: Talk;

  constructor(options: Partial<TalkOptions> = {}) {
    this.talk = new Talk({
      noisy: true,
      suppress: [],
      isTerminal: false,
      write: (text) => this.said += text,
      now: () => this.now,
      ...options,
    });
  }

  /** Moves the clock and shows some progress. */
  show(ms: number, given: Partial<Counts>): void {
    this.now += ms;
    this.talk.show(counts(given));
  }
}

const log = (text: string): LogLine => ({ id: 3, attempt: 1, stream: "stdout", text });

Deno.test("Talk says what is not suppressed, line by line", async (t) => {
  const suppress = ["DeprecationWarning", "futurewarning"];
  const cases: [text: string, said: string][] = [
    ["started", "started\n"],
    ["", "\n"],
    ["a\n\nb", "a\n\nb\n"],
    ["DeprecationWarning: old", ""],
    ["x.py:3: deprecationWARNING: old", ""],
    ["a\nFutureWarning: soon\nb", "a\nb\n"],
    ["FutureWarning: 1\nDeprecationWarning: 2", ""],
    ["FutureWarning: 1\n", ""],
    ["Warning: this is another", "Warning: this is another\n"],
  ];
  for (const [text, said] of cases) {
    await t.step(JSON.stringify(text), () => {
      const ear = new Ear({ suppress });
      ear.talk.say(text);
      assertEquals(ear.said, said);
    });
  }
  await t.step("an empty word suppresses nothing", () => {
    const ear = new Ear({ suppress: [""] });
    ear.talk.say("started");
    assertEquals(ear.said, "started\n");
  });
});

Deno.test("Talk says only what must be seen when it is not noisy", () => {
  const ear = new Ear({ noisy: false });
  ear.talk.say("started");
  ear.talk.tell(log("not shown\n"), false);
  ear.show(HOUR, { succeeded: 1 });
  assertEquals(ear.said, "");
  ear.talk.warn("no GPUs");
  ear.talk.tell(log("shown\n"), true);
  ear.talk.tell(log("two\nlines\n\n"), true);
  ear.talk.tell(log("in "), true);
  ear.talk.tell({ ...log("of another\n"), id: 9 }, true);
  ear.talk.tell(log("pieces\nwithout a newline"), true);
  assertEquals(ear.said, "no GPUs\nshown\ntwo\nlines\n\nof another\nin pieces\n");
  ear.talk.tellRest();
  assertEquals(
    ear.said,
    "no GPUs\nshown\ntwo\nlines\n\nof another\nin pieces\nwithout a newline\n",
  );
});

Deno.test("Talk keeps all that is not suppressed in the log file", async (t) => {
  for (const noisy of [true, false]) {
    await t.step(noisy ? "noisy" : "not noisy", async () => {
      await using folder = await makeFolder();
      const path = `${folder.path}/job.log`;
      using file = new LineFile(path);
      const ear = new Ear({ noisy, log: file, suppress: ["old"] });
      ear.talk.say("started ü");
      ear.talk.say("old\nnew");
      ear.talk.say("old");
      ear.talk.warn("no GPUs");
      ear.talk.tell(log("of a task\n"), false);
      ear.show(HOUR, { succeeded: 1 });
      file[Symbol.dispose]();
      assertEquals(await Deno.readTextFile(path), "started ü\nnew\nno GPUs\nof a task\n");
    });
  }
});

Deno.test("Talk shows a plain line now and then where there is no terminal", () => {
  const ear = new Ear();
  ear.show(0, {});
  ear.show(9_999, { total: 30, succeeded: 9 });
  assertEquals(ear.said, "");
  ear.show(1, { total: 30, succeeded: 10 });
  ear.show(9_999, { total: 30, succeeded: 19 });
  ear.talk.say("in between");
  ear.show(1, { total: 30, succeeded: 20 });
  ear.talk.clear();
  assertEquals(
    ear.said,
    "10 of 30 done, 1/s, 20.0 s left\nin between\n20 of 30 done, 1/s, 10.0 s left\n",
  );
});

Deno.test("Talk moves one line on a terminal, and takes it away for what it says", () => {
  const ear = new Ear({ isTerminal: true });
  const heard = () => {
    const { said } = ear;
    ear.said = "";
    return said;
  };
  ear.show(99, { succeeded: 1 });
  assertEquals(heard(), "");
  ear.show(1, { succeeded: 1 });
  assertEquals(heard(), "\r1 done, 10/s\x1b[K");
  ear.show(50, { succeeded: 1 });
  assertEquals(heard(), "");
  ear.show(50, { succeeded: 2 });
  assertEquals(heard(), "\r2 done, 10/s\x1b[K");
  ear.talk.say("in between");
  assertEquals(heard(), "\r\x1b[Kin between\n");
  ear.talk.warn("again");
  assertEquals(heard(), "again\n");
  ear.show(100, { succeeded: 3 });
  assertEquals(heard(), "\r3 done, 10/s\x1b[K");
  ear.talk.clear();
  ear.talk.clear();
  assertEquals(heard(), "\r\x1b[K");
});

Deno.test("Talk leaves the moving line where what comes is not shown", () => {
  const ear = new Ear({ isTerminal: true, suppress: ["old"] });
  ear.show(100, { succeeded: 1 });
  ear.said = "";
  ear.talk.say("old");
  ear.talk.tell(log("of a task"), false);
  assertEquals(ear.said, "");
});

Deno.test("Talk goes to stderr, and a reader that is gone does not end it", async () => {
  const script = `
    import { Talk } from ${JSON.stringify(new URL("../lib/progress.ts", import.meta.url).href)};
    const talk = new Talk({ noisy: true, suppress: [] });
    talk.say("started");
    for await (const _ of Deno.stdin.readable);
    talk.say("nobody hears this");
    console.log("done");`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "data:text/javascript," + encodeURIComponent(script)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = process.stderr.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value), "started\n");
  await reader.cancel();
  await process.stdin.close();
  const [{ code }, stdout] = await Promise.all([
    process.status,
    new Response(process.stdout).text(),
  ]);
  assertEquals({ code, stdout }, { code: 0, stdout: "done\n" });
});
