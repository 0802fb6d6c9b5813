import { parseCommand } from "../../../lib/cli/args.ts";
import type { Command } from "../../../lib/cli/command.ts";
import { loadConfig } from "../../../lib/config/load.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { LOGS, RUN } from "./example_commands.ts";

async function messageOf(command: Command, argv: readonly string[]): Promise<string> {
  return (await assertRejects(() => parseCommand(command, argv), UsageError)).message;
}

/** A command line as one text: the words in these tests have no spaces. */
function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

Deno.test("parseCommand() refuses a keyword that is given twice", async () => {
  assertEquals(
    await messageOf(RUN, words("m a=1 b=2 a:=3")),
    'Cannot use "a:=3": a is given twice, also as "a=1"',
  );
  assertEquals((await parseCommand(RUN, words("m a=1 -- a=2"))).positional, ["m", "a=2"]);
});

Deno.test("parseCommand() copies no list of words for each word", async () => {
  const most = 50_000, { shift } = Array.prototype;
  let shifts = 0;
  Array.prototype.shift = function () {
    shifts++;
    return shift.call(this);
  };
  try {
    const { positional } = await parseCommand(RUN, Array<string>(most).fill("x"));
    assertEquals([positional.length, shifts < most], [most, true]);
  } finally {
    Array.prototype.shift = shift;
  }
});

Deno.test("parseCommand() separates arguments from keywords", async (t) => {
  const cases: [string, string[], Record<string, unknown>][] = [
    ["", [], {}],
    ["m.f 1 two 3.50", ["m.f", "1", "two", "3.50"], {}],
    ["m a=1 b c=", ["m", "b"], { a: "1", c: "" }],
    ["m where=a=b&c=d", ["m"], { where: "a=b&c=d" }],
    ["m https://host/x?a=b 2=3 a.b=c =d a-b=c", [
      "m",
      "https://host/x?a=b",
      "2=3",
      "a.b=c",
      "=d",
      "a-b=c",
    ], {}],
    ['m n:=2 list:=[1,"a"] $x:=null', ["m"], { n: 2, list: [1, "a"], $x: null }],
    ["m gpus=2 noisy=x", ["m"], { gpus: "2", noisy: "x" }],
    ["m -5 - -.5 x", ["m", "-5", "-", "-.5", "x"], {}],
    ["m a=1 -- --workers 4 b=2 --", ["m", "--workers", "4", "b=2", "--"], { a: "1" }],
    ["m __proto__=1", ["m"], JSON.parse('{"__proto__":"1"}')],
  ];
  for (const [line, positional, keywords] of cases) {
    await t.step(line, async () => {
      const call = await parseCommand(RUN, words(line));
      assertEquals(call, { positional, keywords, flags: { help: false }, config: {} });
    });
  }
});

Deno.test("parseCommand() collects the config options as they were written", async (t) => {
  const cases: [string, Record<string, unknown>, string[]?][] = [
    ["--workers 4", { workers: "4" }],
    ["--workers=4 --workers=5", { workers: "5" }],
    ["--print_logs False", { print_logs: "False" }],
    ["--print-logs=false m", { print_logs: "false" }, ["m"]],
    ["--dev m", { is_dev: "true" }, ["m"]],
    ["--dev True m", { is_dev: "True" }, ["m"]],
    ["m --no-dev 3", { is_dev: "false" }, ["m", "3"]],
    ["--no_print_logs --no-save-results", { print_logs: "false", save_results: "false" }],
    ["--save_results july", { save_results: "true" }, ["july"]],
    ["--save_results=july", { save_results: "july" }],
    ["--suppress a,b --suppress c", { suppress: "a,b,c" }],
    ["--env A=1,2 --env B=x=y", { env: ["A=1,2", "B=x=y"] }],
    ["--log_dir - --workers -5", { log_dir: "-", workers: "-5" }],
    ["--module_dir= m", { module_dir: "" }, ["m"]],
    ["-j4", { workers: "4" }],
    ["-j 4 m", { workers: "4" }, ["m"]],
    ["-j=4 -j5", { workers: "5" }],
    ["-q m", { quiet: "true" }, ["m"]],
    ["-qj4", { quiet: "true", workers: "4" }],
    ["-qj 4 m", { quiet: "true", workers: "4" }, ["m"]],
    ["-q=no m", { quiet: "no" }, ["m"]],
    ["m --timeout 90s 1 --gpus=2 2", { timeout: "90s", gpus: "2" }, ["m", "1", "2"]],
  ];
  for (const [line, config, positional = []] of cases) {
    await t.step(line, async () => {
      const call = await parseCommand(RUN, words(line));
      assertEquals(call, { positional, keywords: {}, flags: { help: false }, config });
    });
  }
});

Deno.test("parseCommand() takes a word after a switch only as the Python package did", async (t) => {
  const words = ["0", "1", "t", "f", "y", "n", "yes", "no", "on", "off", "none", "null"];
  for (const word of [...words, "true", "false", "False"]) {
    for (const flag of ["-q", "--quiet", "--ordered", "--save-results"]) {
      await t.step(`${flag} ${word}`, async () => {
        const { positional, config } = await parseCommand(RUN, ["m", flag, word]);
        assertEquals([positional, Object.values(config)], [["m", word], ["true"]]);
      });
    }
    for (const flag of ["--dev", "--noisy", "--print-logs", "--cpu_job"]) {
      await t.step(`${flag} ${word}`, async () => {
        const { positional, config } = await parseCommand(RUN, ["m", flag, word]);
        const isValue = word.length > 3 && !words.includes(word);
        const expected = isValue ? [["m"], [word]] : [["m", word], ["true"]];
        assertEquals([positional, Object.values(config)], expected);
      });
    }
  }
});

Deno.test("parseCommand() accepts several names in one flag, or one in each of several flags", async (t) => {
  for (const line of ["--slurm a=1,2,b=x=y", "--slurm a=1,2 --slurm b=x=y"]) {
    await t.step(line, async () => {
      const { config } = await parseCommand(RUN, words(line));
      const { values } = await loadConfig({ cwd: "/", env: {}, flags: config });
      assertEquals(values.slurm, { a: "1,2", b: "x=y" });
    });
  }
});

Deno.test("parseCommand() keeps the whole value of a variable", async (t) => {
  for (const value of ["1,2", "x,B=2", "-Da=1,-Db=2", "a=b=c", "one\ntwo, C=3", "", ",", " x "]) {
    await t.step(JSON.stringify(value), async () => {
      const { config } = await parseCommand(RUN, ["--env", `A=${value}`, `--env=Z=${value}`]);
      const { values } = await loadConfig({ cwd: "/", env: {}, flags: config });
      assertEquals(values.env, { A: value, Z: value });
    });
  }
});

Deno.test("parseCommand() refuses a number that JavaScript would round", async () => {
  const { message } = await assertRejects(
    () => parseCommand(RUN, ["m", "id:=[12345678901234567890]"]),
    UsageError,
  );
  assertEquals(
    message,
    'Cannot read "id:=[12345678901234567890]" as JSON: 12345678901234567890 is too large for a ' +
      "number, write it in quotes",
  );
});

Deno.test("parseCommand() assigns an empty value to the flag before it", async () => {
  const call = await parseCommand(RUN, ["--module_dir", "", "m"]);
  assertEquals([call.config, call.positional], [{ module_dir: "" }, ["m"]]);
});

Deno.test("parseCommand() types the command's own flags and fills in their defaults", async (t) => {
  const defaults = { follow: false, last_lines: 10, every: 5_000, only: [], help: false };
  const cases: [string, Record<string, unknown>, string[]?][] = [
    ["", {}],
    ["-f --last-lines 3 --every=1m", { follow: true, last_lines: 3, every: 60_000 }],
    ["-fn3", { follow: true, last_lines: 3 }],
    ["-fn 3 job-1", { follow: true, last_lines: 3 }, ["job-1"]],
    ["-fh", { follow: true, help: true }],
    ["-f=no -n 0", { follow: false, last_lines: 0 }],
    ["-f=yes job-1 -n=7", { follow: true, last_lines: 7 }, ["job-1"]],
    ["--only a --only b,c a=b", { only: ["a", "b", "c"] }, ["a=b"]],
    ["--help", { help: true }],
    ["-h", { help: true }],
  ];
  for (const [line, flags, positional = []] of cases) {
    await t.step(line, async () => {
      const call = await parseCommand(LOGS, words(line));
      const expected = { positional, keywords: {}, flags: { ...defaults, ...flags }, config: {} };
      assertEquals(call, expected);
    });
  }
});

Deno.test("parseCommand() refuses unknown words, and suggests the nearest ones", async (t) => {
  const cases: [Command, string, string][] = [
    [RUN, "--wrokers 3", 'Cannot use option "--wrokers": did you mean --workers?'],
    [RUN, "--print-lgos=1", 'Cannot use option "--print-lgos": did you mean --print-logs?'],
    [RUN, "--no-workers", 'Cannot use option "--no-workers": did you mean --workers?'],
    [RUN, "--no-noisy=1", 'Cannot use option "--no-noisy": did you mean --noisy?'],
    [
      RUN,
      "--start-year 3",
      'Cannot use option "--start-year": see --help for the options, ' +
      "an argument is written start_year=VALUE, without dashes",
    ],
    [
      RUN,
      "--hosts lab1",
      'Cannot use option "--hosts": an engine has it, write --ssh hosts=VALUE',
    ],
    [
      RUN,
      "--maximum-concurrency=3",
      'Cannot use option "--maximum-concurrency": an engine has it, ' +
      "write --compute maximum_concurrency=VALUE",
    ],
    [
      RUN,
      "--lost-after 5m",
      'Cannot use option "--lost-after": an engine has it, ' +
      "write --ssh lost_after=VALUE or --kubernetes lost_after=VALUE",
    ],
    [
      RUN,
      "--host lab1",
      'Cannot use option "--host": an engine has it, write --ssh hosts=VALUE',
    ],
    [
      RUN,
      "--partition=long",
      'Cannot use option "--partition": an engine has it, write --slurm partition=VALUE',
    ],
    [RUN, "--n-jobs 4", 'Cannot use option "--n-jobs": did you mean --workers?'],
    [RUN, "--processes=4", 'Cannot use option "--processes": did you mean --workers?'],
    [RUN, "--max-retries 3", 'Cannot use option "--max-retries": did you mean --max-attempts?'],
    [RUN, "--gpu 1", 'Cannot use option "--gpu": did you mean --gpus?'],
    [LOGS, "--n-jobs 4", 'Cannot use option "--n-jobs": see --help for the options'],
    [LOGS, "--hosts lab1", 'Cannot use option "--hosts": see --help for the options'],
    [LOGS, "--start-year 3", 'Cannot use option "--start-year": see --help for the options'],
    [RUN, "-x", 'Cannot use option "-x": see --help for the options'],
    [RUN, "-workers", 'Cannot use option "-workers": did you mean --workers?'],
    [RUN, "m --all", 'Cannot use option "--all" without --help: write --help --all'],
    [RUN, "-qx", 'Cannot use option "-qx": see --help for the options'],
    [RUN, "-qj", 'Cannot use option "--workers" without a value: write --workers N'],
    [
      LOGS,
      "-nf",
      'Cannot use "f" as last_lines (--last-lines): write a whole number of at least 0',
    ],
    [LOGS, "--print_every 3", 'Cannot use option "--print_every": did you mean --every?'],
    [RUN, "--workers", 'Cannot use option "--workers" without a value: write --workers N'],
    [
      RUN,
      "--results-dir --dev",
      'Cannot use option "--results-dir" without a value: write --results-dir DIR',
    ],
    [RUN, "--env -- A=1", 'Cannot use option "--env" without a value: write --env NAME[=VALUE]'],
    [
      LOGS,
      "-n many",
      'Cannot use "many" as last_lines (--last-lines): write a whole number of at least 0',
    ],
    [LOGS, "--follow=maybe", 'Cannot use "maybe" as follow (--follow): write true or false'],
    [
      RUN,
      "m a:=[1,x]",
      `Cannot read "a:=[1,x]" as JSON: Unexpected token 'x', "[1,x]" is not valid JSON`,
    ],
    [
      RUN,
      "m a:=[1e400]",
      'Cannot read "a:=[1e400]" as JSON: 1e400 is too large for a number, write it in quotes',
    ],
    [
      RUN,
      "m a:=nir",
      `Cannot read "a:=nir" as JSON: Unexpected token 'i', "nir" is not valid JSON, ` +
      "write a=nir for a text",
    ],
  ];
  for (const [command, line, expected] of cases) {
    await t.step(`${command.name} ${line}`, async () => {
      assertEquals(await messageOf(command, words(line)), expected);
    });
  }
});
