import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { dlJobs } from "../cli/commands.ts";

const MODULE = "export const task = (x: unknown) => x;\n";
const CITIES = `name,country,population,capital
"São Paulo",BR,11451245,false
"Washington, ""D.C.""",US,678972,TRUE
Łódź,PL,,false
`;

Deno.test("a task of a CSV file is an object of texts, or of values", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "a.csv": CITIES });
  const run = (flags: string) => dlJobs(`map m.ts a.csv --ordered ${flags}`, { cwd: folder.path });
  assertEquals(await run("-q"), {
    out: '{"name":"São Paulo","country":"BR","population":"11451245","capital":"false"}\n' +
      '{"name":"Washington, \\"D.C.\\"","country":"US","population":"678972","capital":"TRUE"}\n' +
      '{"name":"Łódź","country":"PL","population":"","capital":"false"}\n',
    err: "",
    code: 0,
  });
  const { out, err } = await run("--typed");
  assertEquals(
    out,
    '{"name":"São Paulo","country":"BR","population":11451245,"capital":false}\n' +
      '{"name":"Washington, \\"D.C.\\"","country":"US","population":678972,"capital":true}\n' +
      '{"name":"Łódź","country":"PL","population":null,"capital":false}\n',
  );
  const notice = "Typed columns of a.csv: population (2 numbers, 1 null), capital (3 booleans)";
  assertEquals(err.split("\n").filter((line) => line.startsWith("Typed")), [notice]);
});

Deno.test("options describe a table that has no header, or another delimiter", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  const cases: [flags: string, stdin: string, out: string][] = [
    ["--no-header --input csv", "1,a\n2,\n", '["1","a"]\n["2",""]\n'],
    ["--no-header --typed", "1,a\n2,\n", '[1,"a"]\n[2,null]\n'],
    ["--delimiter ;", "a;b\n1,5;2\n", '{"a":"1,5","b":"2"}\n'],
    ["--delimiter tab", "a\tb\n1\t2\n", '{"a":"1","b":"2"}\n'],
    ["--input tsv", '\ufeffa\tb\r\n"1\t"\t2\r\n', '{"a":"1\\t","b":"2"}\n'],
  ];
  for (const [flags, stdin, out] of cases) {
    const found = await dlJobs(`map m.ts -q --ordered ${flags} -`, { cwd: folder.path, stdin });
    assertEquals(found, { out, err: "", code: 0 });
  }
});

Deno.test("several tables have a header and a byte order mark each", async () => {
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "a.csv": "\ufeffid,name\n1,a\n",
    "b.tsv": "\ufeffname\tid\r\nb\t2\r\n3\r\n",
    "c.csv": "id;name\n4;c",
  });
  const { out, err } = await dlJobs("map m.ts a.csv b.tsv c.csv --ordered", { cwd: folder.path });
  assertEquals(out, '{"id":"1","name":"a"}\n{"name":"b","id":"2"}\n{"id":"4","name":"c"}\n');
  const notes = err.split("\n").filter((line) => /delimiter|Cannot/.test(line));
  assertEquals(notes.map((line) => line.replace(/^.*(?=Cannot)/, "")), [
    "The delimiter of c.csv is ';'",
    "Cannot read b.tsv:3: it has 1 cell, the header has 2",
  ]);
});

Deno.test("records of CSV that cannot be read fail alone, with their places", async () => {
  const bad = Uint8Array.of(
    ...new TextEncoder().encode('a,b\n1\n\n"x\ny",2\n3,"4"5\n'),
    0xe9,
    44,
    10,
  );
  await using folder = await makeFolder({ "m.ts": MODULE });
  await Deno.writeFile(`${folder.path}/b.csv`, bad);
  const { out, code } = await dlJobs("map m.ts b.csv --input csv -q", { cwd: folder.path });
  assertEquals([out, code], ['{"a":"x\\ny","b":"2"}\n', 1]);
  const [file] = Array.from(Deno.readDirSync(`${folder.path}/errors`), ({ name }) => name);
  const errors = (await Deno.readTextFile(`${folder.path}/errors/${file}`)).trim().split("\n");
  assertEquals(errors.map((line) => JSON.parse(line).ERROR).sort(), [
    "Cannot read b.csv:2: it has 1 cell, the header has 2",
    "Cannot read b.csv:6: text follows the closing quote in column 2, double the quotes inside of a cell, or pass --no-quotes",
    "Cannot read b.csv:7: it is not UTF-8, or not in the encoding of --encoding: name the encoding of the list, such as --encoding latin1",
  ]);
});

Deno.test("a table whose header has a name twice stops before the job exists", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE, "a.csv": "id,id\n1,2\n" });
  for (const flags of ["", " --input csv", " --delimiter ,"]) {
    assertEquals(await dlJobs(`map m.ts a.csv${flags}`, { cwd: folder.path }), {
      out: "",
      err: 'Error: Cannot read a.csv: columns 1 and 2 have the same name, "id", rename one of ' +
        "them, or pass --no-header to get arrays\n",
      code: 2,
    });
  }
  const left = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  assertEquals(left, ["a.csv", "m.ts"]);
});

Deno.test("a job over CSV resumes with the rest of the records, read in the same way", async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `${i};"x\n""${i}"`);
  await using folder = await makeFolder({
    "m.ts": `export const task = async ({ id, text }: { id: number; text: string }) => {
      if (id === 777 && await Deno.stat("go").catch(() => undefined) === undefined) {
        Deno.kill(Deno.ppid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      return id + text;
    };\n`,
    "a.csv": `id;text\n${rows.join("\n")}\n`,
  });
  const map = "map m.ts a.csv -q --workers 1 --typed -o out.ndjson";
  assertEquals((await dlJobs(map, { cwd: folder.path })).code, 137);
  await folder.write("go", "");
  assertEquals((await dlJobs("resume last -q", { cwd: folder.path })).code, 0);
  const results = (await Deno.readTextFile(`${folder.path}/out.ndjson`)).trim().split("\n");
  assertEquals(results.sort(), rows.map((_, i) => JSON.stringify(`${i}x\n"${i}`)).sort());
});
