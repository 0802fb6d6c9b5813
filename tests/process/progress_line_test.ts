import { enterFolder } from "../support/jobs.ts";
import { Tmux } from "../../tools/support/tmux.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const CLI = new URL("../../cli.ts", import.meta.url).href;
const SCREENS = new URL("../testdata/screens/", import.meta.url);
const noTmux = await whyNoProgram("tmux");
const suffix = skipSuffix(noTmux);

/** Tasks that wait for the test; the second one fails, and the third one writes a line. */
const WORK = `
  const exists = (path) => { try { return Deno.statSync(path) && true; } catch { return false; } };
  export async function gated(n) {
    while (!exists("go-" + n) && !exists("go-all")) await new Promise((r) => setTimeout(r, 10));
    if (n === 2) throw new TypeError("no tile " + n);
    if (n === 3) console.log("tile 3 has clouds over 日本 and the sea");
    return n;
  }
`;

/** Starts a job of 200 such tasks in a terminal of a given width. */
async function startJob(columns: number, { flags = [], env }: Surroundings = {}): Promise<Tmux> {
  await Deno.writeTextFile("work.ts", WORK);
  const lines = Array.from({ length: 200 }, (_, i) => `${i + 1}\n`);
  await Deno.writeTextFile("list.ndjson", lines.join(""));
  const args = ["map", "work.ts#gated", "list.ndjson", "-o", "out.ndjson", "--workers", "2"];
  return await Tmux.start([...COMMAND, ...args, "--no-log", ...flags], {
    columns,
    env: env ?? { NO_COLOR: "1" },
  });
}

const COMMAND = [Deno.execPath(), "run", "-A", "--no-check", CLI];

/** The flags and the environment of a job. */
interface Surroundings {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function go(...names: readonly (number | "all")[]): Promise<void> {
  for (const name of names) await Deno.writeTextFile(`go-${name}`, "");
}

/** Waits until the screen matches the recorded one. Wrapped lines are joined first. */
async function expectScreen(tmux: Tmux, name: string): Promise<void> {
  const kept = await Deno.readTextFile(new URL(`${name}.txt`, SCREENS));
  let seen = "";
  const isSame = async () => (seen = await look(tmux)) === kept;
  try {
    await until(isSame, name, 20_000);
  } catch {
    assertEquals(seen, kept, `the screen ${name} is another one`);
  }
}

/** Returns the screen without times, rates and the width of the bar, which differ between runs. */
async function look(tmux: Tmux): Promise<string> {
  const text = (await tmux.lines()).join("\n")
    .replaceAll(/\d{8}T\d{6}-[\da-f]*/g, "<id>")
    .replaceAll(/\d{8}T\d{6}/g, "<time>")
    .replaceAll(/[█░]+/g, "<bar>")
    .replaceAll(/, \d+\/(s|min|h)(?=,|$)/gm, ", <rate>")
    .replaceAll(/, [^,\n]* left(?=,|$)/gm, ", <time> left")
    .replaceAll(/, [^,\n]* so far$/gm, "")
    .replaceAll(/^\d+( of 200 .*) \d+ canceled/gm, "<n>$1 <n> canceled")
    .replaceAll(/, in [\d.]+ m?s$/gm, ", in <time>")
    .replaceAll(/^ {2}times .*\n/gm, "");
  return text.replaceAll(Deno.cwd(), "<folder>") + "\n";
}

/** Fails when the terminal had to break a line. */
async function expectNoWrap(tmux: Tmux): Promise<void> {
  assertEquals((await tmux.screen()).length, (await tmux.lines()).length);
}

for (const columns of [20, 80, 200]) {
  Deno.test({
    name: `the progress line on a terminal of ${columns} columns${suffix}`,
    ignore: noTmux !== undefined,
    async fn() {
      await using _folder = await enterFolder();
      await using tmux = await startJob(columns);
      await expectScreen(tmux, `${columns}_begun`);
      await go(1, 2);
      await expectScreen(tmux, `${columns}_going`);
      if (columns > 20) await expectNoWrap(tmux);
      await go(3);
      await expectScreen(tmux, `${columns}_logged`);
      await go("all");
      await tmux.until(/status 1/);
      await expectScreen(tmux, `${columns}_ended`);
    },
  });
}

Deno.test({
  name: `a state that is watched fits a low terminal, and shows its first lines${suffix}`,
  ignore: noTmux !== undefined,
  async fn() {
    await using _folder = await enterFolder();
    await using job = await startJob(80);
    await job.until(/0 of 200/);
    await using tmux = await Tmux.start([...COMMAND, "status", "--watch"], {
      columns: 80,
      rows: 10,
    });
    await tmux.until(/tasks +200: 0 succeeded/);
    await go(1);
    await tmux.until(/tasks +200: 1 succeeded/);
    // Earlier states are above the screen.
    const [first, ...others] = (await tmux.screen()).slice(-8);
    assertMatch(first!, /^job /);
    assertEquals(others.at(-1), "…");
    await go("all");
    await tmux.until(/errors .*[^]*status 0/);
  },
});

Deno.test({
  name: `the progress line when the terminal is resized${suffix}`,
  ignore: noTmux !== undefined,
  async fn() {
    await using _folder = await enterFolder();
    await using tmux = await startJob(200);
    await go(1, 2, 3);
    await expectScreen(tmux, "200_logged");
    await tmux.resize(80);
    await expectScreen(tmux, "80_resized");
    await tmux.resize(20);
    await expectScreen(tmux, "20_resized");
    await tmux.resize(200);
    await expectScreen(tmux, "200_logged");
    await expectNoWrap(tmux);
  },
});

Deno.test({
  name: `the progress line on Ctrl-C, and the terminal after it${suffix}`,
  ignore: noTmux !== undefined,
  async fn() {
    await using _folder = await enterFolder();
    await using tmux = await startJob(120, { flags: ["--grace", "1h"] });
    await go(1, 2);
    await expectScreen(tmux, "120_going");
    await tmux.press("C-c");
    await expectScreen(tmux, "120_stopping");
    await go("all");
    await tmux.until(/status 130/);
    await expectScreen(tmux, "120_stopped");
    await tmux.press("still echoed", "Enter");
    await tmux.until(/^still echoed\nstill echoed$/m);
    assertEquals(await tmux.state("#{cursor_flag} #{wrap_flag} #{cursor_x}"), "1 1 0");
  },
});

Deno.test({
  name: `no moving line on a terminal that cannot draw it, or in CI${suffix}`,
  ignore: noTmux !== undefined,
  async fn(t) {
    const cases: [screen: string, surroundings: Surroundings][] = [
      ["80_without_line", { flags: ["--progress", "off"] }],
      ["80_without_line", { env: { CI: "true" } }],
      ["80_without_line", { env: { TERM: "dumb" } }],
    ];
    for (const [screen, surroundings] of cases) {
      await t.step(Deno.inspect(surroundings), async () => {
        await using _folder = await enterFolder();
        await using tmux = await startJob(80, surroundings);
        await go(1, 2, 3);
        await tmux.until(/over 日本/);
        await go("all");
        await tmux.until(/status 1/);
        await expectScreen(tmux, screen);
      });
    }
  },
});

Deno.test({
  name: `failures are red, in the line and in tables${suffix}`,
  ignore: noTmux !== undefined,
  async fn() {
    await using _folder = await enterFolder();
    {
      await using tmux = await startJob(80, { env: { NO_COLOR: "" } });
      await go(1, 2);
      await tmux.until(/2 of 200 done/);
      const [line = ""] = (await tmux.painted()).slice(-1);
      assertStringIncludes(line, `${RED}1 failed${PLAIN}`);
      assertStringIncludes(line, "\x1b[2m░");
      await go("all");
      await tmux.until(/status 1/);
    }
    await using jobs = await Tmux.start([...COMMAND, "jobs"], { columns: 100 });
    await jobs.until(/status 0/);
    const [, row = ""] = await jobs.painted();
    assertMatch(row, /^\d+T\d+-\w+ {2}work\.gated {2}/);
    assertStringIncludes(row, ` ${RED}failed${PLAIN}    200        199       1  `);
    await using status = await Tmux.start([...COMMAND, "status"], { columns: 30 });
    await status.until(/status 0/);
    assertStringIncludes((await status.painted()).join("\n"), `\nstate    ${RED}failed`);
  },
});

const RED = "\x1b[31m", PLAIN = "\x1b[39m";
