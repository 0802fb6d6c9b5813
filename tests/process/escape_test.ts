/**
 * Hostile texts in everything that a terminal shows.
 *
 * @module
 */

import { jobs, logs } from "../../lib/api/history.ts";
import { results } from "../../lib/api/results.ts";
import { Job } from "../../lib/api/job.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { assertEquals } from "../support/assert.ts";
import { enterFolder } from "../support/jobs.ts";
import { skipSuffix } from "../support/programs.ts";
import { noTerminal } from "../support/terminal.ts";
import { dlJobs } from "./cli/commands.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
/** Writes to the clipboard, clears the screen in two ways, hides text and turns its direction. */
const EVIL = "\x1b]52;c;aGk=\x07\x1b[2J\x9b2J\x1b[8m\x7f\u202e\rmark";
const FILES = {
  "task.ts": `
    export const evil = ${JSON.stringify(EVIL)};
    export function task(x) {
      console.log(evil), console.error(evil);
      if (x === 1) throw new RangeError(evil);
      if (x === 2) throw evil;
      if (x === 3) throw Object.assign(new Error("e"), { name: evil });
      return { [evil]: evil, x };
    }`,
  "run/named.ts": `
    import { Job } from "dl_jobs";
    import { evil } from "../task.ts";
    export const job = () =>
      new Job({ moduleName: "task", argsList: [0, 1, 2, 3, 4], name: evil, printLogs: true });`,
  "broken.ts": `export const task = (;// ${EVIL}`,
  "throws.ts": `throw new Error(${JSON.stringify(EVIL)});`,
  "bad.ndjson": `"${EVIL}\n`,
};

/** The escape sequences of the progress line and of colours, which commands write themselves. */
// deno-lint-ignore no-control-regex -- these sequences are expected
const OWN = /\x1b\[(?:K|J|\?7[lh]|(?:0|2|3[1-6])m)|\r(?=\x1b\[K|\x1b\[\?7h|\n)/g;

const COMMANDS = [
  "run named.job",
  "jobs",
  "jobs --json",
  "status",
  "status --json",
  "logs",
  "logs --json",
  ...["ndjson", "json", "csv", "table"].map((format) => `results --format ${format}`),
  "results --with-args",
  ...["ndjson", "table"].map((format) => `results --errors --format ${format}`),
  "retry",
  "report",
  "completions words -- status ",
  "map task.ts bad.ndjson",
  "map broken.ts bad.ndjson",
  "map throws.ts bad.ndjson",
];
const HOSTILE_ARGUMENTS = [
  ["status", EVIL],
  ["map", EVIL],
  [EVIL],
  ["map", "task.ts", `--${EVIL}=1`],
  ["map", "task.ts", "--timeout", EVIL],
  ["config", "--info", "--log-dir", EVIL],
  ["map", "task.ts", EVIL],
];

Deno.test({
  name: `no command lets a hostile text reach the terminal${skipSuffix(noTerminal)}`,
  ignore: noTerminal !== undefined,
  async fn(t) {
    await using folder = await enterFolder(FILES);
    const all = [...COMMANDS.map((command) => command.split(" ")), ...HOSTILE_ARGUMENTS];
    for (const args of all) {
      await t.step(JSON.stringify(args.join(" ")), async () => {
        const shown = (await inTerminal(args)).replaceAll(OWN, "");
        assertEquals(controlsIn(shown), [], shown);
        if (!args.includes("words") && args[0] !== "report") {
          assertEquals(shown.trim() === "", false);
        }
      });
    }
    await t.step("the names of files", () => {
      const names = ["logs", "errors", "results", "."].flatMap((dir) =>
        [...Deno.readDirSync(`${folder.path}/${dir}`)].map(({ name }) => name)
      );
      assertEquals(names.flatMap(controlsIn), []);
      assertEquals(names.filter((name) => name.includes("mark")).length > 0, true);
    });
    await t.step("the values of a session", () => {
      const last = [...jobs()].find(({ record }) => record.name === EVIL)!;
      const job = new Job({ moduleName: "task", argsList: 1, name: EVIL });
      const values = [jobs(), last, logs(last), results(last), job];
      for (const value of values) {
        const text = Deno.inspect(value);
        assertEquals([controlsIn(text), text.includes("mark")], [[], true], text);
      }
    });
    await t.step("a pipe gets the results unchanged", async () => {
      const { id } = [...jobs()].find(({ record }) => record.name === EVIL)!;
      const { out } = await dlJobs(`results ${id} --ordered`, { cwd: folder.path });
      assertEquals(
        out,
        [0, 4].map((x) => JSON.stringify({ [EVIL]: EVIL, x }) + "\n").join(""),
      );
      const { out: lines } = await dlJobs(`logs ${id} --task 0`, { cwd: folder.path });
      assertEquals(lines, `CLOCK 0: ${EVIL}\n`.repeat(2));
    });
  },
});

/** Runs a command in a terminal and returns everything that the terminal receives. */
async function inTerminal(args: readonly string[]): Promise<string> {
  const words = [Deno.execPath(), "run", "--quiet", "-A", CLI, ...args];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--flush", "--return", "--command", command, "/dev/null"],
    env: { CI: "", TERM: "xterm", SHELL: "/bin/sh" },
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Lists the control characters of a text, except those of plain lines. */
function controlsIn(text: string): string[] {
  const found = text.match(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu) ?? [];
  return found.map((sign) => JSON.stringify(sign) + sign.charCodeAt(0).toString(16));
}
