import { type Format, formatOfName } from "../../../../lib/formats/format.ts";
import { inspect } from "../../../../lib/formats/inspect.ts";
import { jsonFormatOf } from "../../../../lib/formats/json/json_format.ts";
import { assertEquals } from "../../../support/assert.ts";

const COLLECTION = '{"type":"FeatureCollection","features":[{"type":"Feature"}]}';

function formatOf(name: string, text: string, isWhole = true): Format | undefined {
  return jsonFormatOf(formatOfName(name), { head: new TextEncoder().encode(text), isWhole }, {});
}

Deno.test("jsonFormatOf() looks into files whose name states JSON or no format", async (t) => {
  const cases: [name: string, text: string, format: Format | undefined, isWhole?: boolean][] = [
    ["a.json", "[1]", "json"],
    ["a.json", "[1]\n\n", "json"],
    ["a.json", '{"a":1}\n', "json"],
    ["a.json", '{"a":1}\n{"a":2}\n', "ndjson"],
    ["a.json", '{"a":1}\n{"a" 2}\n{"a":3}\n', "ndjson"],
    ["a.json", "[1]\n[2]\n", "ndjson"],
    ["a.json", "[1]\nend\n", "json"],
    ["a.json", "[1,\n2,\n3]\n", "json"],
    ["a.json", '{}\n{\n  "a": 1\n}\n', "json"],
    ["a.json", COLLECTION, "geojson"],
    ["a.json", '{"crs":{"type":"name"},"type":"FeatureCollection","features":[', "geojson", false],
    ["a.json", '{"bbox":[1],"features":[{"id":1,"type":"Feature"}]', "geojson", false],
    ["a.json", '{"features":[{"geometry":{"coordinates":[[1,2],[', "geojson", false],
    ["a.json", '{"features":[],"type":"FeatureCollection"}', "geojson"],
    ["a.json", '{"features":[{"properties":{"features":[]},"type":"Feature"}]', "geojson", false],
    ["a.json", '{"x":{"features":[{"type":"Feature"}]}}', "json"],
    ["a.json", '{"features":[{"x":{"type":"Feature"}}]}', "json"],
    ["a.json", '{"features":[1],"a":[{"type":"Feature"}]}', "json"],
    ["a.json", '{"name":"plan","features":["fast"]}', "json"],
    ["a.json", '{"a":{"type":"FeatureCollection"}}', "json"],
    ["a.json.gz", COLLECTION, "geojson"],
    ["a.geojson", COLLECTION, "geojson"],
    ["a.geojson", '{"type":"Point"}\n{"type":"Point"}\n', "ndjson"],
    ["a.geojson", `${COLLECTION}\n${COLLECTION}\n`, "geojson"],
    ["a.geojsonl", '{"type":"Point"}\n', "ndjson"],
    ["a.ndgeojson", '{"type":"Point"}\n', "ndjson"],
    ["a.geojsonseq", '\x1e{"type":\n"Point"}\n', "geojson"],
    ["a.geojsons", '\x1e{"type":"Point"}\n\x1e{"type":"Point"}\n', "ndjson"],
    ["stdin", COLLECTION, "geojson"],
    ["stdin", `${COLLECTION}\n`, "geojson"],
    ["stdin", `${COLLECTION}\n{"ty`, "ndjson", false],
    ["stdin", '{"a":1}', undefined],
    ["stdin", "[1]", undefined],
    ["a.ndjson", COLLECTION, "ndjson"],
    ["a.txt", COLLECTION, "lines"],
  ];
  for (const [name, text, format, isWhole] of cases) {
    await t.step(`${name} ${JSON.stringify(text)}`, () => {
      assertEquals(formatOf(name, text, isWhole), format);
    });
  }
});

Deno.test("jsonFormatOf() reads lines of JSON as ndjson also when an option states JSON", () => {
  const of = (text: string, format: Format) =>
    jsonFormatOf(undefined, { head: new TextEncoder().encode(text), isWhole: true }, { format });
  assertEquals(of("1\n2\n", "json"), "ndjson");
  assertEquals(of(COLLECTION, "json"), "json");
  assertEquals(of("1\n2\n", "lines"), "lines");
});

Deno.test("jsonFormatOf() decodes the beginning", () => {
  const head = Uint8Array.from(`\xff\xfe${[...COLLECTION].join("\0")}\0`, (c) => c.charCodeAt(0));
  const options = { encoding: "utf-16le" };
  assertEquals(jsonFormatOf("json", { head, isWhole: true }, options), "geojson");
});

Deno.test("inspect() recognises GeoJSON in a stream, whatever its chunks", async (t) => {
  const pretty = JSON.stringify(JSON.parse(COLLECTION), null, 2);
  const cases: [name: string, text: string, format: Format][] = [
    ["on one line", COLLECTION, "geojson"],
    ["with line breaks", pretty, "geojson"],
    ["with the type at the end", pretty.replace(/("type".*),(.*)\n}$/s, "$2,$1\n}"), "geojson"],
    ["lines", `${COLLECTION}\n${COLLECTION}\n`, "ndjson"],
  ];
  const marked = cases.map(([name, text, format]) => [`${name}, marked`, "\ufeff" + text, format]);
  for (const [name, text, format] of [...cases, ...marked] as typeof cases) {
    await t.step(name, async () => {
      for (const size of [1, 10, 1000]) {
        const parts = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
        const chunks = ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)));
        const file = await inspect(chunks, {});
        assertEquals(file.format, format, `chunks of ${size} bytes`);
      }
    });
  }
});
