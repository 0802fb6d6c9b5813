import { gzipSync } from "node:zlib";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { command, dlJobs } from "../cli/commands.ts";

const MODULE = "export const task = (x: unknown) => x;\n";
const COLLECTION = '{"type":"FeatureCollection","features":[{"type":"Feature","id":1},\n' +
  '{"type":"Feature","id":2}]}';
const FEATURES = '{"type":"Feature","id":1}\n{"type":"Feature","id":2}\n';

Deno.test("JSON and GeoJSON are lists, and a notice says what the tasks are", async (t) => {
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "a.json": '[\n  {"a": 1},\n  [2]\n]\n',
    "one.json": '{\n  "a": 1\n}\n',
    "lines.json": "1\n2\n",
    "a.geojson": COLLECTION,
    "b.json": COLLECTION,
    "a.geojsonseq": '\x1e{"type":\n"Feature"}\n\x1e{"type":"Feature"}\n',
  });
  await Deno.writeFile(`${folder.path}/a.geojson.gz`, gzipSync(COLLECTION));
  const collection = "is a FeatureCollection of 2 features, a task each";
  const cases: [args: string, out: string, notice: string, stdin?: string][] = [
    ["a.json", '{"a":1}\n[2]\n', "a.json is a JSON array of 2 elements, a task each"],
    ["one.json", '{"a":1}\n', "one.json is one JSON value: it is one task"],
    ["lines.json", "1\n2\n", ""],
    ["a.geojson.gz", FEATURES, `a.geojson.gz ${collection}`],
    ["b.json", FEATURES, `b.json ${collection}`],
    ["-", FEATURES, `stdin ${collection}`, COLLECTION],
    [
      "- --input json",
      "1\n2\n",
      "stdin is a JSON array of 2 elements, a task each",
      "[1,2]",
    ],
    [
      "a.geojsonseq",
      '{"type":"Feature"}\n{"type":"Feature"}\n',
      "a.geojsonseq is a sequence of 2 JSON values: 2 tasks",
    ],
  ];
  for (const [args, out, notice, stdin = ""] of cases) {
    await t.step(args, async () => {
      const done = await dlJobs(`map m.ts ${args} --ordered`, { cwd: folder.path, stdin });
      assertEquals([done.out, done.code], [out, 0], done.err);
      assertStringIncludes(done.err, notice);
      if (notice === "") assertEquals(done.err.includes(" is "), false, done.err);
    });
  }
});

Deno.test("broken elements of JSON fail alone, each with its place", async () => {
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "a.json": '[{"a":1},\n {"a":2,},\n {"a":3},\n {"a":',
  });
  const { out, code } = await dlJobs("map m.ts a.json -q --ordered", { cwd: folder.path });
  assertEquals([out, code], ['{"a":1}\n{"a":3}\n', 1]);
  const [file] = Array.from(Deno.readDirSync(`${folder.path}/errors`), ({ name }) => name);
  const errors = (await Deno.readTextFile(`${folder.path}/errors/${file}`)).trim().split("\n");
  assertEquals(errors.map((line) => JSON.parse(line).ERROR).sort(), [
    "Cannot read a.json:2:9: Expected double-quoted property name",
    "Cannot read a.json:4:7: the text ends early, its JSON is not complete",
  ]);
});

Deno.test("a job over JSON continues after its controller was killed", async (t) => {
  const values = Array.from({ length: 20_000 }, (_, id) => ({ id, name: "x".repeat(id % 50) }));
  const features = { type: "FeatureCollection", features: values };
  const lists = {
    "a.json": JSON.stringify(values),
    "b.json": JSON.stringify(values, null, 2),
    "a.geojson": JSON.stringify(features, null, 1),
  };
  for (const [name, text] of Object.entries(lists)) {
    await t.step(name, async () => {
      await using folder = await makeFolder({
        "m.ts": `let killed = false;
          export const task = ({ id }: { id: number }) => {
            if (id === 12_000 && Deno.env.get("KILL") === "yes" && !killed) {
              killed = true;
              Deno.kill(Deno.ppid, "SIGKILL");
            }
            return id;
          };\n`,
        [name]: text,
      });
      const map = `map m.ts ${name} -q --workers 1 -o out.ndjson --env KILL`;
      const first = command(map, { cwd: folder.path, env: { KILL: "yes" } }, "null");
      assertEquals((await first.output()).signal, "SIGKILL");
      const again = await dlJobs("resume last -q", { cwd: folder.path, env: { KILL: "no" } });
      assertEquals(again.code, 0, again.err);
      const results = (await Deno.readTextFile(`${folder.path}/out.ndjson`)).trim().split("\n");
      assertEquals(results.map(Number).sort((a, b) => a - b), values.map(({ id }) => id));
    });
  }
});
