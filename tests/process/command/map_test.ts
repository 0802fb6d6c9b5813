/**
 * `dl_jobs map` with a program.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { enterFolder, readLines, readLogs, runJob } from "../../support/jobs.ts";
import { randomBelow, randomOf } from "../../../tools/support/random.ts";
import { checkAll, CLI, dlJobs, said } from "../cli/commands.ts";

const LIST = '{"path":"in/a b.tif","band":[1,2]}\n{"path":"-x","band":[]}\n';

Deno.test("dl_jobs map runs a program for each line", async (t) => {
  await using folder = await makeFolder({ "l.ndjson": LIST });
  const told = (name: string) => said(name, 2, { results: "", log: true });
  await checkAll(
    t,
    folder.path,
    ([
      [
        ["l.ndjson", "--", "echo", "{#}", "{path|stem}.png", "{band}"],
        "echo",
        "0 a b.png 1 2",
        "1 -x.png",
      ],
      [
        ["--command", "printf '<%s>' {path} {|json}", "l.ndjson"],
        "printf",
        '<in/a b.tif><{"path":"in/a b.tif","band":[1,2]}>',
        '<-x><{"path":"-x","band":[]}>',
      ],
      [["l.ndjson", "--stdout", "json", "--", "echo", "{band|json}"], "echo", [1, 2], []],
      [["l.ndjson", "--stdout", "lines", "--", "printf", "%s\\n", "{path}", "{band}"], "printf", [
        "in/a b.tif",
        "1",
        "2",
      ], ["-x"]],
      [["l.ndjson", "--stdout=none", "--no-print-logs", "--", "echo", "{}"], "echo", null, null],
      [
        ["l.ndjson", "--shell", "--command", 'echo {path} | tr a-z A-Z; echo "${HOME:+}{#}"'],
        "echo",
        "IN/A B.TIF\n0",
        "-X\n1",
      ],
    ] as [string[], string, unknown, unknown][]).map(([args, name, ...out]) => ({
      args: ["map", "--ordered", ...args],
      out: out.map((one) => `${JSON.stringify(one)}\n`).join(""),
      err: told(name),
    })),
  );
});

Deno.test("a command that cannot run is one error before the first task", async (t) => {
  await using folder = await makeFolder({ "l.ndjson": LIST, "tool": "" });
  const cases: [args: string[], error: string, stdin?: string][] = [
    [
      ["--command", "gunzpi {}"],
      'Cannot run gunzpi: no folder of PATH has the program "gunzpi", did you mean gunzip?',
    ],
    [
      ["--command", "tool {}"],
      'Cannot run tool: no folder of PATH has the program "tool", write ./tool for the file in this folder',
    ],
    [
      ["--command", "./tool {}"],
      "Cannot run ./tool: ./tool is not executable: run chmod +x (relative paths start at DIR)",
    ],
    [
      ["--command", "./lost {}"],
      "Cannot run ./lost: ./lost does not exist (relative paths start at DIR)",
    ],
    [
      ["--command", "echo {pth}"],
      "Cannot run task 0: the argument has no value for {pth}: its keys are path, band, or {{pth}} for the text",
    ],
    [
      ["--command", "echo {pth}", "-"],
      "Cannot run task 0: the argument has no value for {pth}: its keys are path, band, or {{pth}} for the text",
      LIST,
    ],
    [
      ["--command", "echo {path|stm}"],
      'Cannot run the command: {path|stm} has the unknown filter "stm": the filters are name, stem, dir, host, ext, json',
    ],
    [
      ["--command", "ls {} | wc"],
      'Cannot run the command ls {} | wc: "|" is for a shell, pass --shell, or write it in quotes',
    ],
    [
      ["--command", "ls >{}"],
      'Cannot run the command ls >{}: ">{}" is for a shell, pass --shell, or write it in quotes',
    ],
    [
      ["--command", "ls $HOME"],
      'Cannot run the command ls $HOME: "$HOME" is for a shell, pass --shell, or write it in quotes',
    ],
    [
      ["--command", "cp {} ~/out"],
      'Cannot run the command cp {} ~/out: "~/out" is for a shell, pass --shell, or write it in quotes',
    ],
    [
      ["--command", "cd {}"],
      'Cannot run cd: no folder of PATH has the program "cd", which only a shell has, pass --shell',
    ],
    [
      ["--command", "N=1 ls {}"],
      'Cannot run N=1: no folder of PATH has the program "N=1", pass --env N=1 before the command, or --shell',
    ],
    [
      ["--command", "ls {}", "--env", "PATH=/nowhere"],
      'Cannot run ls: no folder of PATH has the program "ls"; PATH is /nowhere',
    ],
    [
      ["l.ndjson", "--", "ls -l {path}"],
      "Cannot run ls -l {path}: it is one word, so it would be the name of a program; leave out " +
      "the quotes, or write --command 'ls -l {path}'",
    ],
    [
      ["l.ndjson", "--", "sort {path} > x"],
      "Cannot run sort {path} > x: it is one word, so it would be the name of a program; write " +
      "--shell --command 'sort {path} > x'",
    ],
    [
      ["l.ndjson", "--", "/bin/ls -l", "{}"],
      "Cannot run /bin/ls -l: /bin/ls -l does not exist, it is one word, so it would be the name " +
      "of a program; leave out the quotes, or write --command '/bin/ls -l'",
    ],
    [["--command", "ls '{}"], "Cannot read the command ls '{}: a quote is not closed"],
    [["--command", " "], "Cannot run a command: it is empty, write a program and its arguments"],
    [
      ["--command", "ls {}", "--", "ls"],
      "Cannot run two commands: write --command, or a program after --",
    ],
    [["work.same", "--shell"], "Cannot use --shell or --stdout without a program: write --command"],
    [
      ["--command", "echo {}", "--permissions", "read=true"],
      "Cannot run echo: the permissions of the job do not include it, pass --allow-run=echo",
    ],
  ];
  for (const [args, error, stdin] of cases) {
    await t.step(args.join(" "), async () => {
      const list = stdin === undefined && !args.includes("--") && !args[0]!.includes("same")
        ? ["l.ndjson"]
        : [];
      const done = await dlJobs(["map", ...list, ...args], {
        cwd: folder.path,
        ...stdin !== undefined && { stdin },
      });
      const err = stdin === undefined ? "" : "echo: job ID on local\n";
      assertEquals(done, { out: "", err: `${err}Error: ${error}\n`, code: 2 });
    });
  }
});

Deno.test("a key that no placeholder can name is an error before the first task", async (t) => {
  const argument = { "size (m)": 1, a: { "b?": [2] }, n: 3, "": 4 };
  await using folder = await makeFolder({ "l.ndjson": JSON.stringify(argument) });
  const cases: [word: string, found: string | undefined][] = [
    ["{size (m)}", "{size (m)}"],
    ["x{size (m)|stem}", "{size (m)|stem}"],
    ["{a.b?.0}", "{a.b?.0}"],
    ["{{size (m)}}", undefined],
    ["{n?} {print $1} {}", undefined],
  ];
  for (const [word, found] of cases) {
    await t.step(word, async () => {
      const { err, code } = await dlJobs(["map", "l.ndjson", "-q", "--", "echo", "{n}", word], {
        cwd: folder.path,
      });
      const error = found === undefined
        ? ""
        : `Error: Cannot run task 0: ${found} is text, although the argument has such a key: the ` +
          "key of a placeholder begins with a letter, a digit, _ or @, and contains only these, " +
          `single blanks and :%+/.-; rename the key, or write {${found}} for the text\n`;
      assertEquals([err, code], [error, found === undefined ? 0 : 2]);
    });
  }
});

Deno.test("a placeholder of GNU parallel is an error that names its counterpart", async (t) => {
  await using folder = await makeFolder();
  const cases: [word: string, way: string | undefined][] = [
    ["{.}.png", "'{|dir}/{|stem}'"],
    ["{/}", "'{|name}'"],
    ["in {//}", "'{|dir}'"],
    ["out/{/.}.png", "'{|stem}'"],
    ["{%}", "$DL_JOBS_SLOT, in a shell"],
    ["{{.}} {...} ${/}", undefined],
  ];
  for (const [word, way] of cases) {
    await t.step(word, async () => {
      const { out, err, code } = await dlJobs(
        ["map", "-q", "--", "echo", "{}", word, ":::", "a/b.tif"],
        { cwd: folder.path },
      );
      const [source = ""] = /\{.*?\}/.exec(word)!;
      const error = `Error: Cannot run the command: ${source} is not a placeholder here: write ` +
        `${way}, or {${source}} for the text\n`;
      const expected = way === undefined ? ['"a/b.tif {.} {...} ${/}"\n', "", 0] : ["", error, 2];
      assertEquals([out, err, code], expected);
    });
  }
});

Deno.test({
  name: "a word of the command line that is not UTF-8 is refused, not changed",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using folder = await makeFolder();
    const script = `exec "$0" run --quiet -A "$1" map -q -- echo {} ::: "$(printf "$2")"`;
    const cases: [word: string, out: string, err: string][] = [
      [
        "a\\377b",
        "",
        "Error: Cannot use the word 'a\ufffdb' of the command line: its bytes are not",
      ],
      ["a\\357\\277\\275b", '"a\ufffdb"\n', ""],
    ];
    for (const [word, out, err] of cases) {
      const done = await new Deno.Command("sh", {
        args: ["-c", script, Deno.execPath(), CLI, word],
        cwd: folder.path,
        env: { NO_COLOR: "1" },
      }).output();
      const texts = [done.stdout, done.stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals([texts[0], texts[1]!.slice(0, err.length || undefined)], [out, err]);
    }
  },
});

Deno.test("dl_jobs map --dry-run prints the first commands", async () => {
  await using folder = await makeFolder({ "l.ndjson": `${LIST}"it's"\n4\n` });
  const args = ["map", "l.ndjson", "--dry-run", "--", "echo", "{}"];
  const { out, err } = await dlJobs(args, { cwd: folder.path });
  assertEquals([out, err], [
    "",
    [
      "echo: job ID would run all tasks of its list on local",
      `echo '{"path":"in/a b.tif","band":[1,2]}'`,
      `echo '{"path":"-x","band":[]}'`,
      `echo 'it'\\''s'`,
      "",
    ].join("\n"),
  ]);
});

Deno.test("a program of a job with limited permissions runs, if they include it", async () => {
  await using folder = await makeFolder({ "l.ndjson": LIST });
  const args = ["map", "l.ndjson", "-q", "--ordered", "--allow-run=echo", "--", "echo", "{path}"];
  const done = await dlJobs(args, { cwd: folder.path });
  assertEquals(done, { out: '"in/a b.tif"\n"-x"\n', err: "", code: 0 });
});

Deno.test("programs have the ids and the folder of their task", async () => {
  await using _folder = await enterFolder();
  const script = 'echo "$DL_JOBS_TASK $DL_JOBS_ATTEMPT"; echo x > "$DL_JOBS_DIR/$DL_JOBS_TASK"; ' +
    'echo "$DL_JOBS_JOB" >&2; [ $DL_JOBS_ATTEMPT = 2 ]';
  const { id, paths } = await runJob({
    ...{ command: script, shell: true, argsList: 2, maxAttempts: 2, backoff: 0, ordered: true },
  });
  assertEquals(readLines(paths.results), ['"0 2"', '"1 2"']);
  assertEquals([...Deno.readDirSync(`${paths.folder}/files`)].map(({ name }) => name).sort(), [
    "0",
    "1",
  ]);
  const logs = readLogs(paths.folder);
  assertEquals(logs.map(({ text }) => text), Array(4).fill(`${id}\n`));
});

Deno.test("a job of a command is resumed, retried, verified, replayed and reused", async () => {
  await using folder = await makeFolder({ "l.ndjson": "1\n2\n" });
  const { path } = folder, run = (args: string[]) => dlJobs(args, { cwd: path });
  const script = 'test -e ok || [ $0 = 1 ] && echo "$0"';
  const map = ["map", "l.ndjson", "-q", "--ordered", "--", "sh", "-c", script, "{}"];
  const summary = "sh: 1 of 2 tasks failed, see dl_jobs errors ID\n";
  assertEquals(await run(map), { out: '"1"\n', err: summary, code: 1 });
  const failed = "Error: sh exited with status 1\n";
  assertEquals(await run(["replay", "last", "1"]), { out: "", err: failed, code: 1 });
  await folder.write("ok", "");
  assertEquals((await run(["retry", "last"])).code, 0);
  assertEquals((await run(["results", "last"])).out.trim().split("\n").sort(), ['"1"', '"2"']);
  assertEquals((await run(["verify", "last", "--run", "2"])).code, 0);
  assertEquals(await run(["replay", "last", "1"]), { out: '"2"\n', err: "", code: 0 });
  const again = await run([...map.slice(0, 2), "--reuse", ...map.slice(3)]);
  assertEquals(again.err.includes("2 taken from earlier jobs"), true);
});

Deno.test("replay has the same limit of stdout as the job", async () => {
  await using folder = await makeFolder({ "l.ndjson": "200000\n" });
  const run = (args: string) => dlJobs(args, { cwd: folder.path });
  assertEquals((await run("map l.ndjson -q --max-result 1MB -- head -c {} /dev/zero")).code, 1);
  const err = "Error: its stdout, as JSON, is larger than max_result, 1 MB: let it write a file " +
    "below $DL_JOBS_DIR, and pass --stdout none\n";
  assertEquals(await run("replay last 0"), { out: "", err, code: 1 });
});

Deno.test("any text but NUL reaches a program unchanged", async () => {
  await using _folder = await enterFolder();
  const random = randomOf(16),
    special = "'\"\\$`{}|&;<>()*?#~!%\n\r\t\v\f\x1b\x7f -=é\u2028😀\ufeff";
  const texts = Array.from(
    { length: 500 },
    () =>
      Array.from({ length: 1 + randomBelow(random, 20) }, () => {
        const chars = [...special], kind = randomBelow(random, 3);
        if (kind === 0) return chars[randomBelow(random, chars.length)]!;
        return String.fromCodePoint(1 + randomBelow(random, kind === 1 ? 127 : 0xd7fe));
      }).join(""),
  );
  for (const shell of [false, true]) {
    const command = shell ? "printf '%s.' {} \"{}\"" : ["printf", "%s.%s.", "{}", "{}"];
    const { paths, succeeded } = await runJob({ command, shell, argsList: texts, ordered: true });
    assertEquals(succeeded, texts.length);
    assertEquals(
      readLines(paths.results).map((line) => JSON.parse(line)),
      texts.map((text) => `${text}.${text}.`),
    );
  }
});
