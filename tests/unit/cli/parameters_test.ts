/**
 * The parameters of a command line.
 *
 * @module
 */

import { parseCommand } from "../../../lib/cli/args.ts";
import { mapCommand } from "../../../lib/cli/map.ts";
import { parameterList } from "../../../lib/cli/parameters.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";

const FILES = {
  "bands.txt": "nir\nred\n",
  "tiles.ndjson": '{"path":"a.tif"}\n\n{"path":"b.tif"}\n',
  "names.txt": "a b\n",
  "empty.txt": "",
  "bad.ndjson": "1\n{\n",
};

/** Returns the elements of the list of a command line as JSON texts. */
async function linesOf(words: readonly string[]): Promise<string[]> {
  const call = await parseCommand(mapCommand, words), lines: string[] = [];
  const files = call.positional.filter((word) => word === "-" || word in FILES);
  const options = call.flags.input ? { format: "lines" } as const : {};
  for await (const { bytes } of toTasks(await parameterList(call, files, options))) {
    lines.push(...new TextDecoder().decode(bytes).trimEnd().split("\n"));
  }
  return lines;
}

Deno.test("--grid, --zip and ::: define combinations", async (t) => {
  await using _folder = await enterFolder(FILES);
  const cases: [args: readonly string[], lines: readonly string[]][] = [
    [
      ["m.ts#same", "--grid", "y=2020..2021", "m=01..02", "-j2"],
      [
        '{"y":2020,"m":"01"}',
        '{"y":2020,"m":"02"}',
        '{"y":2021,"m":"01"}',
        '{"y":2021,"m":"02"}',
      ],
    ],
    [
      ["--grid", 'a=nir, 5,"5",true,null,1.10,007,"x,y",../z', "m.ts#same"],
      ['"nir"', "5", '"5"', "true", "null", "1.10", '"007"', '"x,y"', '"../z"'].map((v) =>
        `{"a":${v}}`
      ),
    ],
    [
      ["m.ts#same", "--grid=a:=[[1],{}]", 'b:={"c":[2]}'],
      ['{"a":[1],"b":{"c":[2]}}', '{"a":{},"b":{"c":[2]}}'],
    ],
    [
      ["m.ts#same", "--zip", "a=1,2", "b=@bands.txt", "--zip", "c=9", "--grid", "d=0"],
      ['{"d":0,"a":1,"b":"nir","c":9}', '{"d":0,"a":2,"b":"red","c":9}'],
    ],
    [["--grid", "a=@tiles.ndjson", "--input", "lines"], [
      '{"a":"{\\"path\\":\\"a.tif\\"}"}',
      '{"a":"{\\"path\\":\\"b.tif\\"}"}',
    ]],
    [["m.ts#same", ":::", "a", "b", "--ordered"], ['"a"', '"b"']],
    [["m.ts#same", ":::", "a", "b", ":::", "1"], ['["a","1"]', '["b","1"]']],
    [["m.ts#same", ":::", "a", "b", ":::+", "1", "2"], ['["a","1"]', '["b","2"]']],
    [["m.ts#same", "names.txt", "::::", "bands.txt"], ['["a b","nir"]', '["a b","red"]']],
    [["--", "echo", "{1}", "{0}", ":::", "-q", "", ":::", "--"], ['["-q","--"]', '["","--"]']],
    [[":::", "a", "--", "echo", "{}"], ['"a"']],
    [
      ["m.ts#same", "tiles.ndjson", "--grid", "z=1..2"],
      [
        '{"path":"a.tif","z":1}',
        '{"path":"a.tif","z":2}',
        '{"path":"b.tif","z":1}',
        '{"path":"b.tif","z":2}',
      ],
    ],
    [["m.ts#same", "names.txt", "--grid", "z=1"], ['{"row":"a b","z":1}']],
  ];
  for (const [args, lines] of cases) {
    await t.step(args.join(" "), async () => assertEquals(await linesOf(args), lines));
  }
});

Deno.test("parameterList() says that a version is a number, unless a program gets its digits", async (t) => {
  const text = (name: string, version: string, value: string) =>
    `${name}=${version} is a number, ${value} for a function: for a text, write '"${version}"' ` +
    "with both quotes";
  const cases: [words: readonly string[], notices: readonly string[]][] = [
    [["m.ts#same", "--grid", "v=3.9,3.10"], [text("v", "3.10", "3.1")]],
    [["m.ts#same", "--zip", "v=3.8,3.10", "n=1.20,1.3"], [
      text("v", "3.10", "3.1"),
      text("n", "1.20", "1.2"),
    ]],
    [
      ["m.ts#same", "--grid", 'v=3.9,"3.10"', "amount=1.25,1.50", "x=0.5,1.0,2.00", "n=10,1e10"],
      [],
    ],
    [["m.ts#same", "--grid", "v=0.0..0.3..0.10"], []],
    [["--grid", "v=3.9,3.10", "--", "echo", "{v}"], []],
    [["--grid", "v=3.9,3.10", "--command", "echo {v}"], []],
  ];
  for (const [words, expected] of cases) {
    await t.step(words.join(" "), async () => {
      const notices: string[] = [], notice = (text: string) => void notices.push(text);
      const list = await parameterList(await parseCommand(mapCommand, words), [], {});
      for await (const _ of toTasks(list, { notice }));
      assertEquals(notices, expected);
    });
  }
});

Deno.test("parameterList() names what is wrong with parameters", async (t) => {
  await using folder = await enterFolder(FILES);
  const cases: [args: readonly string[], message: string][] = [
    [
      ["--grid", "year"],
      'Cannot use "year" with --grid: write NAME=VALUES, such as year=2020..2024 or band=nir,red',
    ],
    [
      ["--grid", "a="],
      'Cannot use a=: a value is empty, write "" with its quotes for an empty text',
    ],
    [["--grid", "a=[1]"], "Cannot use a=[1]: [1] looks like JSON, write 'a:=JSON'"],
    [["--grid", "a:=[]"], "Cannot use a:=[]: the list is empty, write at least one value"],
    [["--grid", 'a="x"y'], 'Cannot use a="x"y: "x"y is not a text in quotes'],
    [["--grid", "a=1", "a=2"], "Cannot combine parameters: two of them have the name a"],
    [
      ["--grid", "a=@no.txt"],
      "Cannot read no.txt: no such file (relative paths start at DIR); for a text, write " +
      "'\"@no.txt\"' with both quotes",
    ],
    [["--grid", "a=@empty.txt"], "Cannot use the values in empty.txt: it has none"],
    [
      ["--grid", "a=@bad.ndjson"],
      "Cannot read bad.ndjson:2:2: Expected property name or '}'",
    ],
    [
      ["--zip", "a=1,2", "b=1..3"],
      "Cannot combine a with b: they have 2 and 3 values, and need the same number",
    ],
    [[":::"], 'Cannot use ":::": no values follow it'],
    [[":::+", "a"], "Cannot use :::+: no list comes before it, write :::"],
    [
      ["--grid", "a=1", ":::", "b"],
      "Cannot use ::: with --grid or --zip: write --grid NAME=A,B for the values after :::",
    ],
    [["-", "--grid", "a=@-"], "Cannot read two lists from stdin: name a file for one of them"],
    [
      ["-", "--grid", "a=@/dev/stdin"],
      "Cannot read two lists from stdin: name a file for one of them",
    ],
    [
      ["--grid", "a=0..99999", "b=0..99999"],
      "Cannot make a list of 10000000000 combinations: a job has at most 4294967296 tasks, divide " +
      "it into several jobs",
    ],
  ];
  for (const [args, message] of cases) {
    await t.step(args.join(" "), async () => {
      const error = await assertRejects(() => linesOf(args), UsageError);
      assertEquals(error.message, message.replace("DIR", folder.path));
    });
  }
});
