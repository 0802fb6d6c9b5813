import type { LogLine } from "../../../lib/journal/format.ts";
import type { Counts } from "../../../lib/terminal/progress_line.ts";
import { Reporter, type ReporterOptions } from "../../../lib/terminal/reporter.ts";
import { TerminalScreen } from "../../../lib/terminal/screen.ts";
import { LineFile } from "../../../lib/util/files/line_file.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const HOUR = 3_600_000;

function counts(given: Partial<Counts>): Counts {
  return { read: 0, succeeded: 0, failed: 0, retried: 0, ...given };
}

/** A reporter and its output, on a clock that the test moves. */
class Ear implements Disposable {
  now = 1_000_000;
  columns = 100;
  said = "";
  readonly reporter: Reporter;
  readonly stop = new AbortController();
  #counts = counts({}) as { -readonly [K in keyof Counts]: Counts[K] };
  #watch: Disposable;

  constructor(options: Partial<ReporterOptions> & { readonly isMoving?: boolean } = {}) {
    const { isMoving = false, ...rest } = options;
    const screen = new TerminalScreen({
      isMoving,
      hasColor: false,
      columns: () => this.columns,
      write: (text) => this.said += text,
    });
    this.reporter = new Reporter({
      noisy: true,
      suppress: [],
      screen,
      now: () => this.now,
      ...rest,
    });
    this.#watch = this.reporter.watch({ counts: this.#counts, stop: this.stop.signal });
  }

  /** Moves the clock, and changes the counts. */
  show(ms: number, given: Partial<Counts>): void {
    this.now += ms;
    Object.assign(this.#counts, given);
    this.reporter.tick();
  }

  /** Returns the output since the last call. */
  heard(): string {
    const { said } = this;
    this.said = "";
    return said;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

const log = (text: string): LogLine => ({ id: 3, attempt: 1, stream: "stdout", text });

Deno.test("the progress continues when the clock of the machine is set back", () => {
  const { now } = Date, steady = performance.now;
  let at = 0;
  performance.now = () => at;
  try {
    using ear = new Ear({ now: undefined });
    Date.now = () => now() - 9 * HOUR;
    at = HOUR;
    ear.show(0, { read: 4, total: 4, succeeded: 2 });
    assertEquals(ear.heard(), "2 of 4 done, 2/h, 1 h 00 min left\n");
  } finally {
    Date.now = now;
    performance.now = steady;
  }
});

Deno.test("Reporter shows the lines that are not suppressed", async (t) => {
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
    ["x.py:3: FutureWarning: soon\n  old()\nafter", "after\n"],
    ["x.py:3: UserWarning: soon\n  old()", "x.py:3: UserWarning: soon\n  old()\n"],
    ["a FutureWarning\n  is soon", "  is soon\n"],
    ["Warning: this is another", "Warning: this is another\n"],
  ];
  for (const [text, said] of cases) {
    await t.step(JSON.stringify(text), () => {
      using ear = new Ear({ suppress });
      ear.reporter.info(text);
      assertEquals(ear.said, said);
    });
  }
  await t.step("an empty word suppresses nothing", () => {
    using ear = new Ear({ suppress: [""] });
    ear.reporter.info("started");
    assertEquals(ear.said, "started\n");
  });
});

Deno.test("Reporter shows only warnings when it is not noisy", () => {
  using ear = new Ear({ noisy: false });
  ear.reporter.info("started");
  ear.show(HOUR, { succeeded: 1 });
  assertEquals(ear.said, "");
  ear.reporter.warn("no GPUs");
  ear.reporter.taskLog(log("shown\n"));
  ear.reporter.taskLog(log("two\nlines\n\n"));
  ear.reporter.taskLog(log("in "));
  ear.reporter.taskLog({ ...log("of another\n"), id: 9 });
  ear.reporter.taskLog(log("pieces\nwithout a newline"));
  assertEquals(ear.said, "no GPUs\nshown\ntwo\nlines\n\nof another\nin pieces\n");
  ear.reporter.flushTaskLogs();
  assertEquals(
    ear.said,
    "no GPUs\nshown\ntwo\nlines\n\nof another\nin pieces\nwithout a newline\n",
  );
});

Deno.test("Reporter shows the last state of a progress bar that a task draws", () => {
  using ear = new Ear();
  for (const piece of ["\r  0%", "\r 50%", "\r100%", "\n"]) ear.reporter.taskLog(log(piece));
  assertEquals(ear.said, "100%\n");
});

Deno.test("Reporter shows only warnings and failures when it is quiet", () => {
  using ear = new Ear({ quiet: true });
  ear.reporter.info("started");
  ear.reporter.taskLog(log("printed\n"));
  ear.show(HOUR, { succeeded: 1 });
  ear.reporter.end("3 of 3 succeeded", { type: "summary" }, undefined);
  assertEquals(ear.said, "");
  ear.reporter.end("2 of 3 succeeded, 1 failed", { type: "summary" }, "1 of 3 tasks failed");
  assertEquals(ear.said, "1 of 3 tasks failed\n");
});

Deno.test("Reporter writes all lines that are not suppressed to the log file", async (t) => {
  for (const noisy of [true, false]) {
    await t.step(noisy ? "noisy" : "not noisy", async () => {
      await using folder = await makeFolder();
      const path = `${folder.path}/job.log`;
      using file = new LineFile(path);
      using ear = new Ear({ noisy, printLogs: false, log: file, suppress: ["old"] });
      ear.reporter.info("started ü");
      ear.reporter.info("old\nnew");
      ear.reporter.info("old");
      ear.reporter.warn("no GPUs");
      ear.reporter.taskLog(log("of a task\n"));
      ear.show(HOUR, { succeeded: 1 });
      file[Symbol.dispose]();
      const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
      const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} /;
      assertEquals(lines.map((line) => [time.test(line), line.replace(time, "")]), [
        [true, "started ü"],
        [true, "new"],
        [true, "no GPUs"],
        [true, "3: of a task"],
      ]);
    });
  }
});

Deno.test("Reporter shows a plain line every ten seconds without a terminal", () => {
  const ear = new Ear();
  ear.show(9_999, { total: 30, succeeded: 9 });
  assertEquals(ear.heard(), "");
  ear.show(1, { succeeded: 10 });
  ear.show(9_999, { succeeded: 19 });
  ear.reporter.info("in between");
  ear.show(1, { succeeded: 20 });
  ear[Symbol.dispose]();
  assertEquals(
    ear.heard(),
    "10 of 30 done, 1/s, 20.0 s left\nin between\n20 of 30 done, 1/s, 10.0 s left\n",
  );
});

const CLEAR = "\r\x1b[K";
const moving = (line: string) => `\x1b[?7l${line}\x1b[J\r\x1b[?7h`;

Deno.test("Reporter keeps one line below its messages, with one write each", () => {
  const ear = new Ear({ isMoving: true });
  ear.show(99, { succeeded: 1 });
  assertEquals(ear.heard(), "");
  ear.show(1, {});
  const first = moving("1 of ? done, 10/s, 100 ms so far");
  assertEquals(ear.heard(), first);
  ear.show(50, {});
  assertEquals(ear.heard(), "");
  ear.reporter.info("in between");
  assertEquals(ear.heard(), `${CLEAR}in between\n${first}`);
  ear.columns = 20;
  ear.show(50, { succeeded: 2, total: 5 });
  assertEquals(ear.heard(), CLEAR + moving("2/5"));
  ear[Symbol.dispose]();
  assertEquals(ear.heard(), CLEAR);
  ear.reporter.info("after it");
  assertEquals(ear.heard(), "after it\n");
});

Deno.test("Reporter hides the progress during a question, whose time does not count", () => {
  using ear = new Ear({ isMoving: true });
  ear.show(10_000, { succeeded: 10 });
  assertEquals(ear.heard(), moving("10 of ? done, 1/s, 10.0 s so far"));
  {
    using _hidden = ear.reporter.hideProgress();
    assertEquals(ear.heard(), CLEAR);
    ear.show(3_600_000, {});
    ear.reporter.info("a question");
    assertEquals(ear.heard(), "a question\n");
  }
  ear.show(5_000, { succeeded: 20 });
  assertEquals(ear.heard(), moving("20 of ? done, 2/s, 15.0 s so far"));
});

Deno.test("Reporter shows that the job stops, and the work in flight", () => {
  using ear = new Ear({ isMoving: true });
  ear.reporter.observe(() => ({ running: 1, busy: 1, workers: 2 }));
  ear.stop.abort();
  ear.show(1000, { succeeded: 2 });
  const words = "2 of ? done, stopping, Ctrl-C ends it at once, 1 running on 1 of 2 workers, 2/s";
  assertEquals(ear.heard(), moving(words));
});

Deno.test("Reporter leaves the moving line alone when a message is not shown", () => {
  using ear = new Ear({ isMoving: true, suppress: ["old"], printLogs: false });
  ear.show(100, { succeeded: 1 });
  ear.heard();
  ear.reporter.info("old");
  ear.reporter.taskLog(log("of a task"));
  assertEquals(ear.heard(), "");
});

Deno.test("Reporter writes lines of JSON, and the progress every second and at the end", () => {
  const ear = new Ear({ progress: "json", isMoving: true });
  ear.reporter.info("started", { type: "start", id: "7" });
  ear.reporter.warn("no GPUs");
  ear.reporter.observe(() => ({ running: 1, busy: 1, workers: 2 }));
  ear.show(999, { read: 2, succeeded: 1 });
  ear.show(1, { total: 4 });
  ear.show(500, { succeeded: 2, failed: 2 });
  ear[Symbol.dispose]();
  const activity = { running: 1, busy: 1, workers: 2 };
  assertEquals(ear.heard().trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { type: "start", id: "7" },
    { type: "message", text: "no GPUs" },
    {
      ...{ type: "progress", done: 1, read: 2, succeeded: 1, failed: 0, retried: 0, total: 4 },
      ...{ ...activity, perSecond: 1, ms: 1000, left: 3000 },
    },
    {
      ...{ type: "progress", done: 4, read: 2, succeeded: 2, failed: 2, retried: 0, total: 4 },
      ...{ ...activity, perSecond: 2.667, ms: 1500 },
    },
  ]);
});

Deno.test("Reporter shows no progress when progress is off", () => {
  const ear = new Ear({ progress: "off", isMoving: true });
  ear.show(HOUR, { succeeded: 1 });
  ear.reporter.info("started");
  ear[Symbol.dispose]();
  assertEquals(ear.heard(), "started\n");
});

Deno.test("Reporter writes to stderr, and survives when stderr is closed", async () => {
  const script = `
    import { Reporter } from ${
    JSON.stringify(new URL("../../../lib/terminal/reporter.ts", import.meta.url).href)
  };
    const reporter = new Reporter({ noisy: true, suppress: [] });
    reporter.info("started");
    for await (const _ of Deno.stdin.readable);
    reporter.info("not read");
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
