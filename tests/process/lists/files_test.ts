import { gzipSync } from "node:zlib";
import { files, glob, type ListFiles } from "../../../lib/tasks/list_files.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { denoDir, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { enterFolder, readLines, runJob } from "../../support/jobs.ts";
import { dlJobs } from "../cli/commands.ts";

const MODULE = "export const task = (x: unknown) => x;\n";

Deno.test("a list may be several files of several formats", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "a.ndjson": "1\n", "b.txt": "é\n" });
  await Deno.writeFile(`${folder.path}/c.ndjson.gz`, gzipSync('{"a":1}\n'));
  const args = "map m.ts a.ndjson b.txt c.ndjson.gz - -q --ordered";
  const { out, err, code } = await dlJobs(args, { cwd: folder.path, stdin: "2\n" });
  assertEquals({ out, err, code }, { out: '1\n"é"\n{"a":1}\n2\n', err: "", code: 0 });
});

Deno.test("an error names the line of the file that has the bad line", async () => {
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "a.ndjson": "\ufeff1\n2\n",
    "b.ndjson": '\ufeff3\n\n{"a" 4}\n',
  });
  await Deno.writeFile(`${folder.path}/c.txt`, Uint8Array.of(97, 10, 10, 0xe9, 10));
  const { code } = await dlJobs("map m.ts a.ndjson b.ndjson --input ndjson -q", {
    cwd: folder.path,
  });
  assertEquals(code, 1);
  assertMatch(await errors(folder.path), /"Cannot read b\.ndjson:3:6: Expected ':' after/);
  await Deno.remove(`${folder.path}/errors`, { recursive: true });
  await dlJobs("map m.ts c.txt --input lines -q", { cwd: folder.path });
  assertMatch(
    await errors(folder.path),
    /"Cannot read c\.txt:3: it is not UTF-8, or not in the encoding of/,
  );
});

Deno.test("a line that is not JSON fails alone in a job with a function in Python", async () => {
  await using folder = await makeFolder({ "f.py": "def f(x):\n    return x\n" });
  const { out, code } = await dlJobs("map f.py#f - -q --ordered", {
    cwd: folder.path,
    stdin: '1\n{"a" 1}\n3\n',
  });
  assertEquals([out, code], ["1\n3\n", 1]);
  await using table = await makeFolder({
    "f.py": "def f(x):\n    return x\n",
    "a.csv": "a,b\n1\n",
  });
  await dlJobs("map f.py#f a.csv -q", { cwd: table.path });
  assertMatch(await errors(table.path), /"Cannot read a\.csv:2: it has 1 cell, the header has 2"/);
  const { ERROR, class: kind, attempts } = JSON.parse(await errors(folder.path));
  assertEquals([ERROR, kind, attempts], [
    "Cannot read stdin:2:6: Expected ':' after property name",
    "invalid",
    1,
  ]);
});

Deno.test("a list that is not what it seems stops before the job exists", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "a.ndjson": "[1,2]\n" });
  for (const args of ["map m.ts a.ndjson", "map m.ts a.ndjson a.ndjson", "map m.ts a.ndjson -n"]) {
    if (args.endsWith("-n")) continue;
    const { out, err, code } = await dlJobs(args, { cwd: folder.path });
    assertEquals({ out, err, code }, {
      out: "",
      err: "Error: Cannot read a.ndjson as ndjson: it looks like one JSON array (line 1: [1,2]), " +
        "pass --input json to read it\n",
      code: 2,
    });
  }
  const left = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  assertEquals(left, ["a.ndjson", "m.ts"]);
});

Deno.test("a list that several jobs have is looked up for each of them", async (t) => {
  const cases: [list: ListFiles, first: unknown[], second: unknown[]][] = [
    [files("later.csv"), [{ a: "1" }], [{ b: "2" }]],
    [glob("later.*"), ["later.csv"], ["later.csv", "later.txt"]],
  ];
  for (const [list, first, second] of cases) {
    await t.step(String(list.sources), async () => {
      await using _folder = await enterFolder({});
      const results = async () => {
        await runJob({ fn: (x: unknown) => x, argsList: list, ordered: true }, {
          output: "out.ndjson",
        });
        return readLines("out.ndjson").map((line) => JSON.parse(line));
      };
      await assertRejects(results, UsageError, "Cannot read ");
      Deno.writeTextFileSync("later.csv", "a\n1\n");
      assertEquals(await results(), first);
      Deno.writeTextFileSync("later.csv", "b\n2\n");
      Deno.writeTextFileSync("later.txt", "");
      assertEquals(await results(), second);
    });
  }
});

Deno.test("find -print0 passes names with any characters", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "d/a\nb.tif": "", "d/c 'd.tif": "" });
  const found = await new Deno.Command("find", {
    args: ["d", "-name", "*.tif", "-print0"],
    cwd: folder.path,
  }).output();
  const stdin = new TextDecoder().decode(found.stdout);
  const { out } = await dlJobs("map m.ts -0 - -q --ordered", { cwd: folder.path, stdin });
  assertEquals(out.split("\n").sort(), ["", '"d/a\\nb.tif"', `"d/c 'd.tif"`]);
});

Deno.test("a shell's pipe is a list", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  const { execPath } = Deno, cli = new URL("../../../cli.ts", import.meta.url).pathname;
  const script = `"${execPath()}" run -A "${cli}" map m.ts <(seq 2) <(seq 3 4) -q --ordered`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", script],
    cwd: folder.path,
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "1\n2\n3\n4\n");
});

Deno.test("a job over several files resumes with the rest of them", async () => {
  await using folder = await makeFolder({
    "m.ts": `export const task = async (x: number) => {
      if (x === 3 && await Deno.stat("go").catch(() => undefined) === undefined) Deno.exit(3);
      return x;
    };\n`,
    "a.txt": "1\n2\n",
    "b.ndjson": "3\n4\n",
  });
  const map = "map m.ts a.txt b.ndjson -q --ordered --workers 1 --chunk 1 --halt 1 -o out.ndjson";
  assertEquals((await dlJobs(map, { cwd: folder.path })).code, 1);
  await folder.write("go", "");
  await dlJobs("retry last", { cwd: folder.path });
  const results = await Deno.readTextFile(`${folder.path}/out.ndjson`);
  assertEquals(results.split("\n").sort(), ["", '"1"', '"2"', "3", "4"]);
});

async function errors(folder: string): Promise<string> {
  const [file] = Array.from(Deno.readDirSync(`${folder}/errors`), ({ name }) => name);
  return await Deno.readTextFile(`${folder}/errors/${file}`);
}

Deno.test("a URL that is named twice is read twice", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("1\n"),
  );
  const url = `http://127.0.0.1:${server.addr.port}/a.ndjson`;
  const { out, err } = await dlJobs(`map m.ts ${url} ${url} -q`, { cwd: folder.path });
  assertEquals({ out, err }, { out: "1\n1\n", err: "" });
});

Deno.test("a pipe that is named twice is refused, and a pattern is not", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  const twice = (name: string) =>
    dlJobs(`map m.ts ${name} ${name} -q`, { cwd: folder.path, stdin: "1\n" });
  assertEquals(await twice("/dev/stdin"), {
    out: "",
    err: "Error: Cannot read /dev/stdin twice: its bytes can be read only once, name it once\n",
    code: 2,
  });
  assertEquals(await twice("glob:*.ts"), { out: '"m.ts"\n"m.ts"\n', err: "", code: 0 });
});

Deno.test("a pipe is refused under two names, and a file is not", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "a.ndjson": "1\n" });
  const run = (script: string) => runShell(script, folder.path);
  for (const names of ["- /dev/stdin", "/dev/fd/0 -", "/dev/stdin /proc/self/fd/0"]) {
    const name = names.split(" ")[1] === "-" ? "stdin" : names.split(" ")[1];
    const err = `Error: Cannot read ${name} twice: its bytes can be read only once, name it once\n`;
    assertEquals(await run(`echo 1 | $DL_JOBS map m.ts ${names} -q`), { out: "", err, code: 2 });
  }
  const twice = await run("$DL_JOBS map m.ts - /dev/stdin -q < a.ndjson");
  assertEquals(twice, { out: "1\n1\n", err: "", code: 0 });
});

Deno.test("~/ of a glob or of a file of values is the home of the user", async () => {
  await using folder = await makeFolder({ "h/d/a.tif": "", "h/x.txt": "1\n" });
  const script = `export HOME=$PWD/h DENO_DIR='${await denoDir()}'; ` +
    "$DL_JOBS map 'glob:~/d/*.tif' -q -- basename {}; " +
    "$DL_JOBS map --grid 'x=@~/x.txt' 'y=@glob:~/d/*.tif' -q -- echo '{x} {y|stem}'";
  assertEquals(await runShell(script, folder.path), { out: '"a.tif"\n"1 a"\n', err: "", code: 0 });
});

Deno.test("a list may be an open file that was removed, such as a here-document", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  for (
    const [args, out] of [["m.ts /dev/fd/3", "1\n"], ["m.ts --grid a=@/dev/fd/3", '{"a":1}\n']]
  ) {
    const script = `echo 1 > a.ndjson; exec 3< a.ndjson; rm a.ndjson; $DL_JOBS map ${args} -q`;
    assertEquals(await runShell(script, folder.path), { out, err: "", code: 0 });
  }
});

Deno.test("a list may be a socket that is stdin", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const run = runShell(
    `exec $DL_JOBS map m.ts /dev/stdin -q < /dev/tcp/127.0.0.1/${server.addr.port}`,
    folder.path,
  );
  using connection = await server.accept();
  await connection.write(new TextEncoder().encode("1\n"));
  await connection.closeWrite();
  assertEquals(await run, { out: "1\n", err: "", code: 0 });
});

/** Runs a script of bash, in which `$DL_JOBS` is the command. */
async function runShell(script: string, cwd: string) {
  const cli = new URL("../../../cli.ts", import.meta.url).pathname;
  const { stdout, stderr, code } = await new Deno.Command("bash", {
    args: ["-c", script],
    cwd,
    env: { NO_COLOR: "1", DL_JOBS: `${Deno.execPath()} run -A ${cli}` },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { out, err, code };
}

Deno.test("a list that cannot be read is named", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  using _socket = Deno.listen({ transport: "unix", path: `${folder.path}/a.sock` });
  const cli = new URL("../../../cli.ts", import.meta.url).pathname;
  const cases = [
    ["/proc/self/mem", "/proc/self/mem: Input/output error"],
    ["a.sock", "a.sock: No such device or address"],
    ["- < .", "stdin: Is a directory"],
  ];
  for (const [list, message] of cases) {
    const { stderr, code } = await new Deno.Command("sh", {
      args: ["-c", `"${Deno.execPath()}" run -A "${cli}" map m.ts ${list}`],
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([new TextDecoder().decode(stderr), code], [`Error: Cannot read ${message}\n`, 2]);
  }
});
