/**
 * Schemas in the module of a function: those of libraries, and the annotations of Python.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";
import { dlJobs } from "../cli/commands.ts";

const NDJSON = '{"city":"Oslo","year":2001}\n{"city":"Bern"}\n{oops\n' +
  '{"city":"Rom","year":1800.5}\n{"city":"Nis","year":2003,"band":"red"}\n';
const SAME = "export const task = (x: unknown) => x;\n";

const VALID = [
  { city: "Oslo", year: 2001, band: "nir" },
  { city: "Nis", year: 2003, band: "red" },
].map((value) => JSON.stringify(value) + "\n").join("");
const OOPS = "Cannot read a.ndjson:3:2: Expected property name or '}'";

const LIBRARIES: Readonly<Record<string, string>> = {
  zod: `import { z } from "npm:zod@4.6.7";
    export const args = z.object({
      city: z.string(), year: z.number().int("no integer"), band: z.string().default("nir"),
    });`,
  valibot: `import * as v from "npm:valibot@1.5.0";
    const year = v.pipe(v.number(), v.integer("no integer"));
    export const args = v.object({
      city: v.string(), year, band: v.optional(v.string(), "nir"),
    });`,
  arktype: `import { type } from "npm:arktype@2.2.9";
    const year = type("number").narrow((n, ctx) => Number.isInteger(n) || ctx.reject({ message: "no integer" }));
    export const args = type({ city: "string", year, band: "string = 'nir'" });`,
  "a property": `const validate = (value: any) => {
      if (value.year === undefined) return { issues: [{ message: "no year" }] };
      if (value.year % 1) return { issues: [{ message: "no integer", path: ["year"] }] };
      return { value: { ...value, band: value.band ?? "nir" } };
    };
    export function task(x: unknown) { return x; }
    task.args = { "~standard": { version: 1, vendor: "own", validate } };`,
};

// A later attempt of the same elements would not help.
const AFTER_INVALID = ["dl_jobs errors ID", "fix a.ndjson, then start a new job with --reuse"];

/** Returns the next steps in a summary. */
function nextOf(err: string): string[] {
  const [, steps = ""] = /^ {2}next +(.*(?:\n {8,}.*)*)/m.exec(err) ?? [];
  return steps.split("\n").map((step) => step.trim());
}

Deno.test("a module exports the schema of any library", async (t) => {
  for (const [name, text] of Object.entries(LIBRARIES)) {
    await t.step(name, async () => {
      const module = text.includes("task") ? text : `${text}\n${SAME}`;
      await using folder = await makeFolder({ "a.ndjson": NDJSON, "m.ts": module });
      const cwd = folder.path, map = "map m.ts a.ndjson --ordered --workers 1";
      const { out, err, code } = await dlJobs(map, { cwd });
      assertEquals([out, code], [VALID, 1]);
      const reasons = err.split("\n").filter((line) => /task \d: /.test(line))
        .map((line) => line.replace(/^.*?(?=task)/, "")).sort();
      assertMatch(reasons[0]!, /^task 1: Cannot use a\.ndjson:2: .*year/);
      assertEquals(reasons.slice(1), [
        `task 2: ${OOPS}`,
        "task 3: Cannot use a.ndjson:4: year: no integer",
      ]);
      assertEquals(nextOf(err), AFTER_INVALID);
      const skipped = await dlJobs(`${map} --invalid skip -q`, { cwd });
      assertEquals(skipped, { out: VALID, err: "", code: 0 });
    });
  }
});

Deno.test("an export args is found in each form", async (t) => {
  const schema = `const validate = (value: any) => ({ value: Number(value) + 1 });
    export const schema = { "~standard": { version: 1, vendor: "own", validate } };
    export { schema as args };\n`;
  const task = "function task(x: number) { return x; }";
  const forms = [
    `export * from "./schema.ts"; export ${task}`,
    `export { schema as args } from "./schema.ts"; export ${task}`,
    `import { schema } from "./schema.ts"; export const x = 1, args: any = schema; export ${task}`,
    `import * as all from "./schema.ts"; export const { args } = all; export ${task}`,
    `import { schema } from "./schema.ts"; const own = Object.assign(${task}, { args: schema });
    export { own as task };`,
  ];
  for (const text of forms) {
    await t.step(text, async () => {
      await using folder = await makeFolder({ "schema.ts": schema, "m.ts": text });
      assertEquals((await dlJobs("map m.ts -q ::: 1", { cwd: folder.path })).out, "2\n");
    });
  }
});

const whyNoPython = await whyNoProgram("python3");
// Debian's packages belong to Debian's interpreter.
const PYTHON = "/usr/bin/python3";
const whyNoPydantic = await whyNoProgram(PYTHON, {
  from: "python3-pydantic",
  args: ["-c", "import pydantic"],
});
// The words of pydantic 2, and of version 1.
const NO_INTEGER = "(Input should be|value is not) a valid integer";

function testPython(
  name: string,
  why: string | undefined,
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({ name: name + skipSuffix(why), ignore: why !== undefined, fn });
}

testPython("Python: the argument is an instance of a dataclass", whyNoPython, async () => {
  await using folder = await makeFolder({
    "a.ndjson": [
      '{"city":"Oslo","year":1,"day":"2020-01-02","at":{"lon":1,"lat":2},"tags":["a"]}',
      '{"city":"Bern","yaer":1}',
      '{"city":7,"year":true,"at":{"lon":1},"tags":[1]}',
      "{oops",
      "7",
    ].map((line) => `${line}\n`).join(""),
    "m.py": `from dataclasses import dataclass, field
from datetime import date
from typing import List, Optional

@dataclass
class Place:
    lon: float
    lat: float

@dataclass
class Tile:
    city: str
    year: int
    at: Optional[Place] = None
    tags: List[str] = field(default_factory=list)
    day: Optional[date] = None

def task(tile: "Tile"):
    return [repr(tile.at), tile.day.year, tile.year + 1, tile.tags]
`,
  });
  const cwd = folder.path, { out, err, code } = await dlJobs("map m.py a.ndjson", { cwd });
  assertEquals([out, code], ['["Place(lon=1, lat=2)",2020,2,["a"]]\n', 1]);
  assertEquals(nextOf(err), AFTER_INVALID);
  const [errors] = Array.from(Deno.readDirSync(`${cwd}/errors`), ({ name }) => name);
  const lines = (await Deno.readTextFile(`${cwd}/errors/${errors}`)).trim().split("\n");
  const found = lines.map((line) => JSON.parse(line)).sort((a, b) => a.task - b.task)
    .map(({ ERROR, class: kind, type }) => [ERROR, kind, type]);
  assertEquals(found, [
    ["Cannot use a.ndjson:2: yaer: is not a field; year: is missing", "invalid", "ValidationError"],
    [
      "Cannot use a.ndjson:3: city: must be a text, not 7; year: must be an integer, not True; " +
      "at.lat: is missing; 1 more",
      "invalid",
      "ValidationError",
    ],
    ["Cannot read a.ndjson:4:2: Expected property name or '}'", "invalid", "SyntaxError"],
    ["Cannot use a.ndjson:5: must be an object, not 7", "invalid", "ValidationError"],
  ]);
  const skipped = await dlJobs("map m.py a.ndjson --invalid skip", { cwd });
  assertEquals(skipped.err.split("\n").slice(1, 3), [
    "1 of 1 succeeded, 4 skipped, in MS",
    "  skipped Cannot use a.ndjson:2: yaer: is not a field; year: is missing",
  ]);
});

testPython("Python: the argument is an instance of a pydantic model", whyNoPydantic, async () => {
  await using folder = await makeFolder({
    "a.csv": "city,year\nOslo,2001\nBern,x\n",
    "m.py": `from __future__ import annotations
from pydantic import BaseModel

class Tile(BaseModel):
    city: str
    year: int
    band: str = "nir"

async def task(tile: Tile, ctx):
    return [type(tile).__name__, tile.year + 1, tile, ctx.task]
`,
  });
  for (const flags of ["", "--concurrency 2 "]) {
    const { out, err } = await dlJobs(`map m.py a.csv ${flags}--python ${PYTHON}`, {
      cwd: folder.path,
    });
    assertEquals(out, '["Tile",2002,{"city":"Oslo","year":2001,"band":"nir"},0]\n');
    assertMatch(err, new RegExp(`task 1: Cannot use a\\.csv:3: year: ${NO_INTEGER}`));
  }
  const stopped = await dlJobs(`map m.py a.csv --invalid stop --python ${PYTHON}`, {
    cwd: folder.path,
  });
  assertMatch(stopped.err, /^Error: Cannot start the job: 1 of 2 elements is invalid; .*a\.csv:3/);
});

testPython(
  "Python: models of pydantic 1, and dataclasses of pydantic",
  whyNoPydantic,
  async (t) => {
    await using folder = await makeFolder({
      "a.csv": "city,year\nOslo,2001\nBern,x\n",
      "one.py": `try:
    from pydantic.v1 import BaseModel
except ImportError:
    from pydantic import BaseModel
class Tile(BaseModel):
    city: str
    year: int
def task(tile: Tile):
    return tile.year
`,
      "two.py": `from pydantic.dataclasses import dataclass
@dataclass
class Tile:
    city: str
    year: int
def task(tile: Tile):
    return tile.year
`,
    });
    for (const module of ["one", "two"]) {
      await t.step(module, async () => {
        const { out, err } = await dlJobs(`map ${module}.py a.csv --python ${PYTHON}`, {
          cwd: folder.path,
        });
        assertEquals(out, "2001\n");
        assertMatch(err, new RegExp(`task 1: Cannot use a\\.csv:3: year: ${NO_INTEGER}`));
      });
    }
  },
);
