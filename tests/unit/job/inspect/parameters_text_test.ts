import { parametersText } from "../../../../lib/job/inspect/parameters_text.ts";
import type { ListedParameter } from "../../../../lib/job_dir/record.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("parametersText() returns the options that make a list", async (t) => {
  const one = (name: string, ...values: (string | number)[]): ListedParameter[] => [
    { name, values },
  ];
  const listed = (...all: string[]) => all.map((text) => ({ values: [text] }));
  const cases: [
    dimensions: readonly (readonly ListedParameter[])[],
    text: string,
    rows?: number,
  ][] = [
    [
      [one("year", "2020..2024"), one("band", '["nir"]', '["red"]')],
      "--grid year=2020..2024 band=nir,red",
    ],
    [[one("a", '["5","x,y","true"]', "[1.50,null]")], `--grid 'a="5","x,y","true",1.50,null'`],
    [[one("size", '[[1,2],"x"]')], `--grid 'size:=[[1,2],"x"]'`],
    [[one("b", 0, '["c d"]')], "--grid 'b=@/a/t 1.csv,c d'"],
    [[one("b", 1)], "'/a/t 1.csv' --grid b=@/b.txt", 1],
    [
      [
        one("z", "1..2"),
        [...one("x", "1..2"), ...one("y", '["a","b"]')],
        [...one("p", "[1]"), ...one("q", "[2]")],
      ],
      "--grid z=1..2 --zip x=1..2 y=a,b --zip p=1 q=2",
    ],
    [[listed('["a","b c"]', '["1","2"]'), listed('["x"]')], "::: a 'b c' :::+ 1 2 ::: x"],
    [[listed(`["${"a".repeat(100)}"]`)], `::: ${"a".repeat(80)}...`],
  ];
  const files = ["/a/t 1.csv", "/b.txt"].map((path) => ({ path, size: 1, modified: 1 }));
  for (const [dimensions, text, rows] of cases) {
    await t.step(text, () => {
      assertEquals(parametersText({ kind: "parameters", dimensions, files, rows }), text);
    });
  }
});
