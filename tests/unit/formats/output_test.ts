/**
 * The formats that names of files state.
 *
 * @module
 */

import { outputKind } from "../../../lib/formats/output.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("outputKind() reads the ending of a name, and takes any other name for ndjson", async (t) => {
  const cases: [name: string, format: string, compression?: "gzip" | "zstd"][] = [
    ["a.ndjson", "ndjson"],
    ["a.jsonl", "ndjson"],
    ["a.json", "json"],
    ["a.csv", "csv"],
    ["a b.CSV", "csv"],
    ["dir.csv/a", "ndjson"],
    ["dir.json/a.tsv", "tsv"],
    ["a.tab", "tsv"],
    ["a.tab.gz", "tsv", "gzip"],
    ["a.pq", "parquet"],
    ["a.geojson", "geojson"],
    ["a.csv.gz", "csv", "gzip"],
    ["a.json.zst", "json", "zstd"],
    ["a.ndjson.gz", "ndjson", "gzip"],
    ["a.gz", "ndjson", "gzip"],
    ["a.txt", "lines"],
    ["a.txt.gz", "lines", "gzip"],
    ["means", "ndjson"],
    ["a.constructor", "ndjson"],
    ["csv", "ndjson"],
    ["/dev/stdout", "ndjson"],
    [".csv", "csv"],
  ];
  for (const [name, format, compression] of cases) {
    await t.step(name, () => assertEquals<unknown>(outputKind(name), { format, compression }));
  }
});
