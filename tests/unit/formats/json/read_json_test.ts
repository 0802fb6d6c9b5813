import { readGeojson, readJson } from "../../../../lib/formats/json/read_json.ts";
import { LineNumbers } from "../../../../lib/formats/line_numbers.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** The records of a text, the line of each, and the notice. */
interface Read {
  readonly records: readonly string[];
  readonly numbers: readonly number[];
  readonly notice: string | undefined;
}

/** Reads a text in chunks of a size, in bytes. The memory of a chunk is reused. */
async function read(text: string, size: number, reader = readJson): Promise<Read> {
  const bytes = new TextEncoder().encode(text), lines = new LineNumbers(), notices: string[] = [];
  const file = {
    name: "a.json",
    chunks: chunksOf(bytes, size),
    lines,
    notice: (notice: string) => void notices.push(notice),
  };
  const all = concatBytes(await Array.fromAsync(reader(file)));
  const records = new TextDecoder().decode(all).split("\n");
  assertEquals(records.pop(), "");
  return { records, numbers: records.map((_, i) => lines.of(i)), notice: notices.join() };
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(size);
  for (let start = 0; start < bytes.length; start += size) {
    const part = bytes.subarray(start, start + size);
    chunk.fill(0);
    chunk.set(part);
    yield chunk.subarray(0, part.length);
  }
}

/** A text, its records and the notice. */
type Case = readonly [text: string, records: readonly string[], notice?: string];

async function check(t: Deno.TestContext, cases: readonly Case[], reader = readJson) {
  for (const [text, records, notice] of cases) {
    await t.step(JSON.stringify(text).slice(0, 60), async () => {
      const whole = await read(text, 1 << 20, reader);
      assertEquals(whole.records, records);
      if (notice !== undefined) assertEquals(whole.notice, notice && `a.json is ${notice}`);
      for (const size of [1, 2, 7]) assertEquals(await read(text, size, reader), whole);
    });
  }
}

const bad = (place: string, reason: string) => `Cannot read a.json:${place}: ${reason}`;
const torn = (place: string) => bad(place, "the text ends early, its JSON is not complete");
const afterList =
  "text follows the end of the list, several lists are ndjson with one on each line";
const unread = ", the rest of the file is not read";

Deno.test("readJson() reads each element of a list, without the space between tokens", async (t) => {
  await check(t, [
    ["[1,2]", ["1", "2"], "a JSON array of 2 elements, a task each"],
    ["[7]", ["7"], "a JSON array of 1 element, a task each"],
    [" [ ]\n", [], ""],
    ['[\r\n\t{ "a b" : [ 1 , 2 ] } ,\n "x y" ]', ['{"a b":[1,2]}', '"x y"']],
    ["[[], {}, [[1], 2], null, true, false]", ["[]", "{}", "[[1],2]", "null", "true", "false"]],
    ['["\\"]\\\\", "[{", "é\u{1f600}", "\\ud800", "\u2028"]', [
      ...['"\\"]\\\\"', '"[{"', '"é\u{1f600}"', '"\\ud800"', '"\u2028"'],
    ]],
    ["[9007199254740993, 1e400, -0.10, 1E+2, 0]", [
      "9007199254740993",
      "1e400",
      "-0.10",
      "1E+2",
      "0",
    ]],
    ['[{"type":"FeatureCollection","features":[1,2]}]', [
      '{"type":"FeatureCollection","features":[1,2]}',
    ]],
  ]);
});

Deno.test("readJson() reads each of several values, and an object as one task", async (t) => {
  await check(t, [
    ["", [], ""],
    ['{\n "a": [1, 2]\n}\n', ['{"a":[1,2]}'], "one JSON value: it is one task"],
    ['{\n"a": 1\n}\n{\n"a": 2\n}', ['{"a":1}', '{"a":2}'], "a sequence of 2 JSON values: 2 tasks"],
    ['1 true\n"a""b"{}[]null', ["1", "true", '"a"', '"b"', "{}", "[]", "null"]],
    ["[\n1\n]\n[\n2\n]\n", ["[1]", "[2]"]],
    ['\x1e{"a":\n1}\n\x1e2\n', ['{"a":1}', "2"]],
  ]);
});

Deno.test("readJson() reads the rest of a list after a broken element", async (t) => {
  await check(t, [
    ["[NaN, 1]", [bad("1:2", `Unexpected token 'N', "N" is not valid JSON`), "1"]],
    ['[\n {"a":1,},\n 2]', [bad("2:9", "Expected double-quoted property name"), "2"]],
    ["[1 2, 3]", [bad("1:4", "Unexpected non-whitespace character after JSON"), "3"]],
    ['[{"a" 1}, 2]', [bad("1:7", "Expected ':' after property name"), "2"]],
    ['["é", nul, [“a”], "\\x", 2]', [
      '"é"',
      bad("1:10", `Unexpected token ',', "nul," is not valid JSON`),
      bad("1:13", `Unexpected token '“', "[“" is not valid JSON`),
      bad("1:21", "Bad escaped character"),
      "2",
    ]],
    ['["a\nb ]", 2]', [bad("1:4", "Bad control character in string literal"), "2"]],
    ["[1,,2,]", [
      "1",
      bad("1:4", `Unexpected token ',', "," is not valid JSON`),
      "2",
      bad("1:7", `Unexpected token ']', "]" is not valid JSON`),
    ]],
    ['nope\n{"a":1}\n', [bad("1:2", `Unexpected token 'o', "no" is not valid JSON`), '{"a":1}']],
  ]);
});

Deno.test("readJson() says where a list breaks", async (t) => {
  await check(t, [
    ["[1,\n 2", ["1", torn("2:3")]],
    ["[1,\n", ["1", torn("2:1")]],
    ['[{"a":1}', ['{"a":1}', torn("1:9")]],
    ['[{"a":"x, 1]', [torn("1:13")]],
    ['{"a":1', [torn("1:7")]],
    ["[1]]", ["1", bad("1:4", `${afterList}${unread}`)]],
    ["[1]\n,[2]", ["1", bad("2:1", `${afterList}${unread}`)]],
    ['[{"a":[1}, 2]', [bad("1:9", `Expected ',' or ']' after array element${unread}`)]],
    ['[{"a":nul, [1}, 2]', [
      bad("1:10", `Unexpected token ',', "{"a":nul," is not valid JSON${unread}`),
    ]],
    ['\x1e{"a":\x1e{"b":1}\n', [torn("1:7"), '{"b":1}']],
    [
      '\x1e{"a":[1}, "é\n2]\n\x1e3\n',
      [
        bad("1:9", `Expected ',' or ']' after array element, the rest of the text is not read`),
        "3",
      ],
    ],
  ]);
});

Deno.test("readGeojson() reads each feature of a collection, whatever the order of members", async (t) => {
  await check(t, [
    [
      '{"type":"FeatureCollection","features":[{"type":"Feature"}, {"id":1.10}]}',
      ['{"type":"Feature"}', '{"id":1.10}'],
      "a FeatureCollection of 2 features, a task each",
    ],
    ['{"features":[1],"bbox":[0],"type":"FeatureCollection"}', ["1"]],
    [
      '{"crs":{"features":[0]},"name":"features","type":"FeatureCollection","features":[1],"x":{"features":[2]}}',
      ["1"],
    ],
    [
      '{"type":"FeatureCollection","features":[]}',
      [],
      "",
    ],
    [
      '{"type":"Feature", "features":[1]}',
      ['{"type":"Feature","features":[1]}'],
      "one JSON value: it is one task",
    ],
    ['{"type":"Point","coordinates":[1,2]}', ['{"type":"Point","coordinates":[1,2]}']],
    ['{"type":"Feature","id":1}\n{"type":"Feature","id":2}', [
      ...['{"type":"Feature","id":1}', '{"type":"Feature","id":2}'],
    ]],
    [
      '\x1e{"type":"FeatureCollection",\n"features":[1,2]}\n\x1e{"type":"Point"}\n',
      ["1", "2", '{"type":"Point"}'],
      "a sequence of 2 JSON values: 3 tasks",
    ],
  ], readGeojson);
});

Deno.test("readGeojson() names coordinates that are not those of GeoJSON", async (t) => {
  const crs = (name: string) => `"crs":{"type":"name","properties":{"name":"${name}"}}`;
  const utm = "urn:ogc:def:crs:EPSG::25832", list = `"type":"FeatureCollection","features":[1]`;
  const fact = `a.json has coordinates of ${utm}, not of WGS 84`;
  const cases: [text: string, facts: string[]][] = [
    [`{"type":"FeatureCollection",${crs(utm)},"features":[1]}`, [fact]],
    [`{${crs(utm)},${list}}\n{${list},${crs(utm)}}`, [fact]],
    [`{${list},"bbox":[0], ${crs(utm)}}`, [fact]],
    [`{${crs("urn:ogc:def:crs:OGC:1.3:CRS84")},${list}}`, []],
    [`{"name":"x","crs":null,${list}}`, []],
    [`{"type":"Feature",${crs(utm)},"geometry":null}`, []],
  ];
  for (const [text, facts] of cases) {
    await t.step(text, async () => {
      for (const size of [1, 7, 1 << 20]) {
        const { notice } = await read(text, size, readGeojson);
        assertEquals(notice?.match(/a\.json has [^,]+, not of WGS 84/g) ?? [], facts);
      }
    });
  }
});

Deno.test("readGeojson() says where a collection breaks", async (t) => {
  const start = '{"type":"FeatureCollection",';
  await check(t, [
    [`${start}"features":[1,{"a":}]}`, [
      "1",
      bad("1:48", `Unexpected token '}', "{"a":}" is not valid JSON`),
    ]],
    [`${start}"features":[1,2`, ["1", torn("1:44")]],
    [`${start}"features":[1,2]`, ["1", "2", torn("1:45")]],
    [`${start}"features":null}`, [bad("1:44", "its FeatureCollection has no features")]],
    [`${start}"features":[1],"features":[2]}`, [
      "1",
      bad("1:55", `its FeatureCollection has a second list of features${unread}`),
    ]],
    [`${start}"features":[1],"bbox":[NaN]}`, [
      "1",
      bad("1:52", `a member beside the features is not JSON${unread}`),
    ]],
    [`\x1e${start}"features":[1,{\x1e{"type":"Point"}`, ["1", torn("1:45"), '{"type":"Point"}']],
  ], readGeojson);
});

Deno.test("readJson() counts the line of each record", async () => {
  const text = '[1,\n\n2, 3,\n{\n"a":\n4},\n5]';
  assertEquals((await read(text, 3)).numbers, [1, 3, 3, 4, 7]);
  const collection = '{"type":"FeatureCollection",\n"features":[\n1,\n2]}\n{"type":"Point"}';
  assertEquals((await read(collection, 3, readGeojson)).numbers, [3, 4, 5]);
});

Deno.test("readJson() reads values that are nested deeply or are long", async () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000), long = `"${"é".repeat(300_000)}"`;
  assertEquals((await read(`[${deep}, ${long}]`, 4096)).records, [deep, long]);
});

Deno.test("readJson() yields records before the end of a long list", async () => {
  let given = 0;
  async function* chunks() {
    yield new TextEncoder().encode("[0");
    for (; given < 100_000; given++) yield new TextEncoder().encode(`,${given}`);
  }
  const file = { name: "a", chunks: chunks(), lines: new LineNumbers(), notice: () => {} };
  const { value } = await readJson(file).next();
  assertEquals(new TextDecoder().decode(value).slice(0, 4), "0\n0\n");
  // The beginning of a list is read at once, because it may be the first one of a sequence.
  assert(given < 15_000, `${given} elements were read`);
});

Deno.test("readGeojson() drops the members that are not needed as they are read", async () => {
  const size = 10_000_000, part = new TextEncoder().encode("1,".repeat(50_000));
  async function* chunks() {
    yield new TextEncoder().encode('{"type":"FeatureCollection","x":[');
    for (let given = 0; given < size; given += part.length) yield part;
    yield new TextEncoder().encode('1],"features":[2]}');
  }
  const file = { name: "a", chunks: chunks(), lines: new LineNumbers(), notice: () => {} };
  const [block] = await Array.fromAsync(readGeojson(file));
  assertEquals(new TextDecoder().decode(block), "2\n");
});

Deno.test("readJson() agrees with JSON.parse on random texts in chunks of any size", async () => {
  const random = generator(7);
  for (let round = 0; round < 500; round++) {
    const values = Array.from({ length: random(5) }, () => valueOf(random));
    const text = layout(values, random), size = 1 + random(9);
    assertEquals(
      (await read(text, size)).records,
      values.map((value) => JSON.stringify(value)),
      text,
    );
    await checkChanged(changed(text, random), size);
  }
});

/** Checks a text that may be broken: the first bad record has the place of the first error. */
async function checkChanged(text: string, size: number): Promise<void> {
  const found = await read(text, size), wrong = found.records.filter((line) => !isJson(line));
  assertEquals(await read(text, 1000), found, text);
  if (!text.startsWith("[") || found.notice?.includes("sequence")) return;
  const error = errorOf(text);
  if (error === undefined) {
    assertEquals(wrong, [], text);
    assertEquals(found.records.map((line) => JSON.parse(line)), JSON.parse(text), text);
    return;
  }
  assert(wrong.length > 0, `${text} was accepted`);
  const [, position] = / at position (\d+)/.exec(error) ?? [];
  if (position === undefined) return;
  const before = text.slice(0, Number(position)), line = before.split("\n").length;
  const place = `${line}:${before.length - before.lastIndexOf("\n")}`;
  assert(wrong[0]!.startsWith(`Cannot read a.json:${place}: `), `${text}: ${error}, ${wrong[0]}`);
}

/** Returns a function for random integers below a number. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const SCALARS = [
  ...[0, -1, 1.5, 1e300, 1e-7, 12345678901234567000, true, false, null],
  ...["", "a b", "é", "\u{1f600}", '"', "\\", "\n\t", "[{]}", "a,b:c", "\ud800", "\u2028"],
];

function valueOf(random: (below: number) => number, depth = 0): unknown {
  const kind = random(depth > 3 ? 3 : 5), length = random(4);
  if (kind === 3) return Array.from({ length }, () => valueOf(random, depth + 1));
  if (kind < 4) return SCALARS[random(SCALARS.length)];
  const keys = ["a", "é", "", "features"].slice(0, length);
  return Object.fromEntries(keys.map((key) => [key, valueOf(random, depth + 1)]));
}

/** Returns a list as JSON with random white space. */
function layout(list: readonly unknown[], random: (below: number) => number): string {
  const space = ["", "", " ", "\n", "\r\n", "\t "][random(6)]!;
  const text = JSON.stringify(list, null, 1 + random(3));
  return random(2) === 0
    ? text
    : `[${list.map((one) => JSON.stringify(one)).join(`,${space}`)}]${space}`;
}

/** Returns a text with one character that is added, removed or replaced. */
function changed(text: string, random: (below: number) => number): string {
  const at = random(text.length), char = '"\\{}[],:1x \n-.euté\0'[random(19)]!;
  const kind = random(4), rest = text.slice(kind === 0 ? at : at + 1);
  return (text.slice(0, at) + (kind === 1 ? "" : char) + (kind === 3 ? "" : rest)).toWellFormed();
}

function isJson(text: string): boolean {
  return errorOf(text) === undefined;
}

function errorOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
