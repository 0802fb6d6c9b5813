import { EXIT } from "../../../lib/cli/exit_status.ts";
import { fullMainHelp, helpText } from "../../../lib/cli/help.ts";
import { mainHelp } from "../../../lib/cli/main_help.ts";
import { COMMANDS } from "../../../lib/cli/mod.ts";
import { type CommandName, SUMMARIES } from "../../../lib/cli/summaries.ts";
import type { OptionSpec } from "../../../lib/config/option_types.ts";
import { OPTION_GROUPS, OPTIONS } from "../../../lib/config/options.ts";
import { COMPUTE_OPTIONS } from "../../../lib/engines/compute/options.ts";
import { SLURM_OPTIONS } from "../../../lib/engines/slurm/options.ts";
import { TASK_COLUMNS } from "../../../lib/job_dir/task_tables.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { LOGS, RUN } from "./example_commands.ts";

const USUAL = { columns: 80 };

Deno.test("helpText() shows the command's own flags, and ends with examples", async () => {
  assertEquals(
    await helpText(LOGS, USUAL),
    `Usage: dl_jobs logs [JOB] [options]

Show the logs of a job.

Options:
  -f, --follow        Wait for more.
  -n, --last-lines N  Number of lines. [default: 10]
  --every TIME        The pause between two reads. [default: 5s]
  --only A,B          The tasks to show.
  -h, --help          Show this help; with --all, also rare and old options.

Examples:
  dl_jobs logs
  dl_jobs logs -f`,
  );
});

Deno.test("helpText() shows each text below its term in a narrow terminal", async () => {
  assertEquals(
    await helpText(LOGS, { columns: 40 }),
    `Usage: dl_jobs logs [JOB] [options]

Show the logs of a job.

Options:
  -f, --follow
      Wait for more.
  -n, --last-lines N
      Number of lines. [default: 10]
  --every TIME
      The pause between two reads.
      [default: 5s]
  --only A,B
      The tasks to show.
  -h, --help
      Show this help; with --all, also
      rare and old options.

Examples:
  dl_jobs logs
  dl_jobs logs -f`,
  );
});

Deno.test("helpText() groups the config options, and shows switches as switches", async () => {
  const help = await helpText(RUN, USUAL);
  const titles = [...help.matchAll(/^([A-Z][a-z ]*):$/gm)].map(([, title]) => title!);
  assertEquals(titles, ["Options", ...Object.values(OPTION_GROUPS)]);
  for (const term of ["-j, --workers N", "-q, --quiet, --no-quiet", "--ordered, --no-ordered"]) {
    assertStringIncludes(help, `\n  ${term} `);
  }
  assertEquals(help.match(/BOOL/), null);
});

Deno.test("helpText() keeps rare and old options for --help --all", async () => {
  const [common, all] = [
    await helpText(RUN, USUAL),
    await helpText(RUN, { ...USUAL, isFull: true }),
  ];
  for (const option of OPTIONS as readonly OptionSpec[]) {
    const flag = `--${(option.flag ?? option.name).replaceAll("_", "-")}`;
    const row = new RegExp(`^ +(-\\w, )?${flag}\\b`, "m");
    assertEquals(row.test(common), option.isCommon === true, flag);
    assert(row.test(all), flag);
  }
  assertStringIncludes(common, "--help --all");
  assert(!common.includes("Exit status"));
});

Deno.test("helpText() describes the options of each engine and the exit statuses", async () => {
  const help = await helpText(RUN, { ...USUAL, isFull: true });
  const [, slurm = ""] = help.split("\nEngine slurm, ");
  const [, compute = ""] = slurm.split("\nEngine compute, ");
  for (const { name } of SLURM_OPTIONS) assertStringIncludes(slurm, `\n  ${name}=`);
  for (const { name } of COMPUTE_OPTIONS) assertStringIncludes(compute, `\n  ${name}=`);
  assertStringIncludes(slurm, "long option of sbatch");
  for (const { status } of Object.values(EXIT)) assertStringIncludes(compute, `\n  ${status} `);
});

/** Returns the words of a help text, without the backslashes of wrapped commands. */
function words(text: string): string[] {
  return text.replaceAll(/ \\$/gm, "").split(/\s+/).filter((word) => word !== "");
}

Deno.test("each help fits its width, with no word broken", async (t) => {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  for (const isFull of [false, true]) {
    const helps = [
      ...commands.map((command) => ({
        name: command.name,
        make: (columns: number) => helpText(command, { columns, isFull }),
      })),
      { name: "", make: isFull ? fullMainHelp : mainHelp },
    ];
    for (const { name, make } of helps) {
      await t.step(`dl_jobs ${name} --help${isFull ? " --all" : ""}`, async () => {
        const whole = words(await make(100_000));
        for (const columns of [40, 80, 120, 200]) {
          const help = await make(columns);
          assertEquals(help.split("\n").filter((line) => line.length > columns), []);
          assertEquals(help.split("\n").filter((line) => line.endsWith(" ")), []);
          assertEquals(words(help), whole, `${columns} columns`);
        }
      });
    }
  }
});

Deno.test("each command has examples, and no two of its flags share a name or a letter", async (t) => {
  for (const [name, load] of Object.entries(COMMANDS)) {
    await t.step(name, async () => {
      const { options, config, examples = [], doc } = await load();
      const all: readonly OptionSpec[] = [...options, ...config ? OPTIONS : []];
      const names = all.map(({ flag, name }) => flag ?? name);
      const letters = all.flatMap(({ short }) => short ?? []);
      assertEquals(names.length, new Set(names).size);
      assertEquals(letters.length, new Set(letters).size);
      assert(!letters.includes("h") && examples.length > 0 && /^[A-Z].*\.$/.test(doc));
      assert(doc.startsWith(SUMMARIES[name as CommandName]), doc);
    });
  }
});

Deno.test("the help of query names all columns of the table", async () => {
  const { doc } = await COMMANDS.query!();
  assertStringIncludes(doc, `tasks(${TASK_COLUMNS.join(", ")})`);
});
