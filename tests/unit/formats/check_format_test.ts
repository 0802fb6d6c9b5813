import { checkFormat } from "../../../lib/formats/check_format.ts";
import type { Format, InputOptions } from "../../../lib/formats/format.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

/** A beginning that has another format: its bytes as Latin-1 text, and the end of the message. */
type Misfit = [name: string, format: Format, head: string, message: string];

function check(format: Format, head: string, isWhole = true, options: InputOptions = {}): void {
  const bytes = Uint8Array.from(head, (char) => char.charCodeAt(0));
  checkFormat("list", format, { head: bytes, isWhole }, options);
}

function utf16(text: string): string {
  return [...text].map((char) => `${char}\0`).join("");
}

const LATIN1 = "text in Latin-1 (line 1 is not UTF-8), pass --encoding latin1 to read it";
const TAR = "list.csv".padEnd(257, "\0") + "ustar\x0000";
const TAR_ADVICE = "a tar archive, unpack a file of it: tar -xOf FILE NAME | dl_jobs map TASK -";

const LONG = JSON.stringify({ a: "x".repeat(100_000) });

Deno.test("checkFormat() recognises JSON with comments in a beginning without its last line", () => {
  const text = "JSON with comments (line 1: // a), remove the comments";
  assertThrows(() => check("json", "// a\n[1, /* b */ 2]", false), UsageError, text);
});

Deno.test("checkFormat() names what a file looks like, and the option that reads it", async (t) => {
  const csv = "a CSV file (line 1: id,name), pass --input csv to read it";
  const json = "pass --input json to read it";
  const cases: Misfit[] = [
    ["a table", "ndjson", "id,name\n1,Oslo\n", csv],
    ["a table after blank lines", "ndjson", "\n\nid,name\n", csv.replace("line 1", "line 3")],
    [
      "a table with another delimiter",
      "ndjson",
      "id;name\n1;Oslo\n",
      "a CSV file (line 1: id;name), pass --input csv --delimiter ';' to read it",
    ],
    [
      "values of Python",
      "ndjson",
      "{'a': 1}\n{'a': None}\n",
      "objects of Python (line 1: {'a': 1}), write them as JSON, with json.dumps()",
    ],
    [
      "a list of Python",
      "json",
      "[{'a': 1,\n  'b': 2}]\n",
      "objects of Python (line 1: [{'a': 1,), write them as JSON, with json.dumps()",
    ],
    [
      "values of JavaScript",
      "ndjson",
      "{ a: 1 }\n{ a: 2 }\n",
      "objects of JavaScript (line 1: { a: 1 }), write them as JSON, with JSON.stringify()",
    ],
    [
      "a comment before an array",
      "json",
      "// cities\n[1, 2, /* 3 */ 4]\n",
      "JSON with comments (line 1: // cities), remove the comments",
    ],
    [
      "paths that begin as comments",
      "ndjson",
      "//host/a.tif\n//host/b.tif\n",
      "lines of text (line 1: //host/a.tif), pass --input lines to read it",
    ],
    [
      "places with commas",
      "ndjson",
      "Oslo, Norway\nBergen, Norway\n",
      "lines of text, or a CSV file (line 1: Oslo, Norway), pass --input lines to read each line " +
      "as a text, or --input csv to read a table",
    ],
    ["a comma without a space", "ndjson", 'id,name\n1,"Oslo, Norway"\n', csv],
    [
      "a table in quotes",
      "ndjson",
      '"id","name"\n"1","a ""b"", c"\n',
      'a CSV file (line 1: "id","name"), pass --input csv to read it',
    ],
    [
      "a table with tabs",
      "ndjson",
      "id\tname\n1\tOslo\n",
      "tab-separated values (line 1: id\tname), pass --input tsv to read it",
    ],
    ["an array", "ndjson", "[1,2]", `one JSON array (line 1: [1,2]), ${json}`],
    ["an array on lines", "ndjson", "[1,\n2]\n", `one JSON array (line 1: [1,), ${json}`],
    ["an indented array", "ndjson", "[\n  1,\n  2\n]\n", `one JSON array (line 1: [), ${json}`],
    ["an object", "ndjson", '{\n  "a": 1\n}\n', `JSON with line breaks (line 1: {), ${json}`],
    [
      "a FeatureCollection",
      "ndjson",
      '{\n"type": "FeatureCollection",\n"features": []}\n',
      "a GeoJSON FeatureCollection (line 1: {), pass --input geojson to read it",
    ],
    [
      "paths",
      "ndjson",
      "./a b.tif\n./c.tif\n",
      "lines of text (line 1: ./a b.tif), pass --input lines to read it",
    ],
    [
      "an error page",
      "ndjson",
      "<!DOCTYPE html>\n<html>\n",
      "an HTML page (line 1: <!DOCTYPE html>), if it is the error of a server, check its address",
    ],
    [
      "an error page as text",
      "lines",
      "<html>\n",
      "an HTML page (line 1: <html>), if it is the error of a server, check its address",
    ],
    [
      "a table with a NUL",
      "csv",
      "a,b\n1,x\0y\n",
      "text with a NUL in it (line 1: a,b), pass --input csv to read it",
    ],
    [
      "UTF-32",
      "lines",
      "\xff\xfe\0\0a\0\0\0",
      "text in UTF-32, convert it: iconv -f UTF-32 -t UTF-8 FILE | dl_jobs map TASK -",
    ],
    [
      "names with NUL",
      "ndjson",
      "a.tif\0b.tif\0",
      "texts that end with a NUL, pass -0 to read it",
    ],
    [
      "UTF-16",
      "ndjson",
      "\xff\xfe" + utf16('{"a":1}\n'),
      "text in UTF-16LE, pass --encoding utf-16le to read it",
    ],
    [
      "UTF-16 without a mark",
      "lines",
      utf16("name\n"),
      "text in UTF-16LE, pass --encoding utf-16le to read it",
    ],
    ["Latin-1", "lines", "caf\xe9\n", LATIN1],
    ["Latin-1 after other lines", "csv", "a,b\ncaf\xe9,1\n", LATIN1.replace("line 1", "line 2")],
    [
      "UTF-8 with one line of Latin-1",
      "csv",
      "name,n\ncaf\xc3\xa9,1\n\ncaf\xe9,2\n",
      "UTF-8 with other bytes (line 4 is not UTF-8), fix the line, or pass --encoding utf-8 so " +
      "that only such records fail",
    ],
    [
      "Latin-1 with one line that is also UTF-8",
      "lines",
      "\xc3\xa9\ncaf\xe9\nth\xe9\n",
      LATIN1.replace("line 1", "line 2"),
    ],
    [
      "an Excel workbook",
      "ndjson",
      "PK\x03\x04\x14\0",
      "a zip archive or an Excel workbook, save each sheet as CSV, or unpack it",
    ],
    [
      "an archive with a line that is JSON",
      "ndjson",
      "PK\x03\x04\x14\0\n1\n",
      "a zip archive or an Excel workbook, save each sheet as CSV, or unpack it",
    ],
    [
      "compressed data in compressed data",
      "ndjson",
      "\x1f\x8b\x08\0\n1\n",
      "compressed twice, unpack it once",
    ],
    [
      "lines of JSON with commas",
      "ndjson",
      '{"a":1},\n{"a":2},\n',
      'lines of JSON that end with commas (line 1: {"a":1},), remove them: ' +
      "sed 's/,$//' FILE | dl_jobs map TASK -",
    ],
    [
      "JSON without line breaks",
      "ndjson",
      '{"a":1,"b":2}{"a":3,"b":4}',
      `several JSON values on one line (line 1: {"a":1,"b":2}{"a":3,"b":4}), ${json}`,
    ],
    [
      "lines with several values",
      "ndjson",
      "[1,2] [3,4]\n[5,6] [7,8]\n",
      `several JSON values on one line (line 1: [1,2] [3,4]), ${json}`,
    ],
    [
      "text with brackets and commas",
      "ndjson",
      "[Oslo],1\n[Lima],2\n",
      "a CSV file (line 1: [Oslo],1), pass --input csv to read it",
    ],
    [
      "an image",
      "ndjson",
      "II*\0\x08\0\0\0",
      "a TIFF image, a list names files in text, one path in each line",
    ],
    [
      "an image whose first byte has another character in Latin-1",
      "ndjson",
      "\x89PNG\r\n\x1a\n",
      "a PNG image, a list names files in text, one path in each line",
    ],
    [
      "other bytes",
      "ndjson",
      "\x01\x02\x03\x04",
      "binary data (byte 0x01 in line 1), pass --input ndjson if it is text",
    ],
    [
      "a table with the end of a DOS file",
      "csv",
      "a,b\r\n1,2\r\n\x1a",
      "binary data (byte 0x1a in line 3), pass --input csv if it is text",
    ],
    ["a tar archive", "ndjson", TAR, TAR_ADVICE],
    ["a tar archive in a table", "csv", TAR, TAR_ADVICE],
    ...[
      ["xz", "\xfd7zXZ\0", "xzcat"],
      ["lzma", "\x5d\0\0\x80\0\xff", "xzcat"],
      ["lz4", "\x04\x22\x4d\x18\x64\x40", "lz4cat"],
      ["lz4", "\x02\x21\x4c\x18\x0c\0", "lz4cat"],
      ["lzip", "LZIP\x01\x0c", "lzip -dc"],
      ["compress", "\x1f\x9d\x90", "zcat"],
      ["zlib", "x\x9c\xab\x56", "pigz -dc"],
    ].map(([name, head, command]): Misfit => [
      `data compressed with ${name}`,
      "csv",
      head!,
      `compressed with ${name}, unpack it: ${command} FILE | dl_jobs map TASK -`,
    ]),
    [
      "an ORC file",
      "ndjson",
      "ORC\x08\x03\x10",
      "an ORC file, convert it to Parquet or CSV",
    ],
    ...[
      ["a shapefile", "\0\0\x27\x0a\0\0\0\0"],
      ["a FlatGeobuf file", "fgb\x03fgb\x01"],
      ["a GeoPackage", "SQLite format 3\0".padEnd(68, "\x01") + "GPKG\0"],
    ].map(([what, head]): Misfit => [
      what!,
      "ndjson",
      head!,
      `${what}, convert it: ogr2ogr -f GeoJSONSeq /vsistdout/ FILE | dl_jobs map TASK -`,
    ]),
    ["a 7z archive", "ndjson", "7z\xbc\xaf\x27\x1c\0", "a 7z archive, unpack it"],
    [
      "a FeatureCollection on one line",
      "ndjson",
      '{"type":"FeatureCollection","features":[]}\n',
      'a GeoJSON FeatureCollection (line 1: {"type":"FeatureCollection","features":[...), ' +
      "pass --input geojson to read it",
    ],
    ["a table in a JSON file", "json", "id,name\n1,Oslo\n", csv],
    [
      "a table in quotes in a JSON file",
      "json",
      '"id","name"\n"1","Oslo"\n',
      'a CSV file (line 1: "id","name"), pass --input csv to read it',
    ],
    [
      "an error page in a GeoJSON file",
      "geojson",
      "<html>\n",
      "an HTML page (line 1: <html>), if it is the error of a server, check its address",
    ],
    [
      "TopoJSON",
      "geojson",
      '{"arcs":[{"type":"x"}],"type":"Topology"}',
      'TopoJSON (line 1: {"arcs":[{"type":"x"}],"type":"Topology"...), ' +
      "convert it to GeoJSON: topo2geo",
    ],
    [
      "another object in a GeoJSON file",
      "geojson",
      '{"a":{"type":"Feature"}}',
      `JSON that is not GeoJSON (line 1: {"a":{"type":"Feature"}}), ${json}`,
    ],
    [
      "bytes in a JSON file",
      "json",
      "\x01\x02",
      "binary data (byte 0x01 in line 1), pass --input json if it is text",
    ],
    [
      "Latin-1 in a JSON file",
      "json",
      '["caf\xe9"]',
      LATIN1,
    ],
    [
      "a table with line breaks in quotes",
      "ndjson",
      'n\tm\n1\t"a\n""b"""\n2\t\n',
      "tab-separated values (line 1: n\tm), pass --input tsv to read it",
    ],
    [
      "words, also of JSON",
      "ndjson",
      "Oslo\ntrue\nLima\n",
      "lines of text (line 1: Oslo), pass --input lines to read it",
    ],
    [
      "lines of an old Mac",
      "lines",
      "a.tif\rb.tif\r",
      "text whose lines end with CR (line 1: a.tif\rb.tif), " +
      "convert it: tr '\\r' '\\n' < FILE | dl_jobs map TASK -",
    ],
    [
      "ndjson of an old Mac",
      "ndjson",
      '{"a":1}\r{"a":2}\r',
      'text whose lines end with CR (line 1: {"a":1}\r{"a":2}), ' +
      "convert it: tr '\\r' '\\n' < FILE | dl_jobs map TASK -",
    ],
    [
      "ndjson in a text file",
      "lines",
      '{"a":1}\n{"a":2}\n',
      'ndjson (line 1: {"a":1}), pass --input ndjson to read it',
    ],
  ];
  for (const [name, format, head, message] of cases) {
    await t.step(name, () => {
      const error = assertThrows(() => check(format, head), UsageError);
      assertEquals(error.message, `Cannot read list as ${format}: it looks like ${message}`);
    });
  }
});

Deno.test("checkFormat() offers no option for YAML, which none reads", () => {
  const check = (name: string, text: string) =>
    checkFormat(name, "ndjson", { head: new TextEncoder().encode(text), isWhole: true }, {});
  for (const text of ["- id: 1\n- id: 2\n", "a: 1, 2\nb: 3, 4\n"]) {
    const error = assertThrows(() => check("list.yaml", text), UsageError);
    assertEquals(
      error.message,
      `Cannot read list.yaml as ndjson: it looks like YAML (line 1: ${text.split("\n", 1)}), ` +
        "convert it to JSON, then pass --input json",
    );
  }
  const list = assertThrows(() => check("list.yml", "[1,\n2]\n"), UsageError);
  assertEquals(list.message.slice(-30), ", pass --input json to read it");
  check("list.yaml", '{"a":1}\n');
});

Deno.test("checkFormat() accepts a file with the format, also with single bad lines", async (t) => {
  const cases: [name: string, format: Format, head: string, isWhole?: boolean][] = [
    ["nothing", "ndjson", ""],
    ["blank lines", "ndjson", "\n \r\n"],
    ["values of all kinds", "ndjson", '1\n"a"\nnull\n[1]\n{"a":1}\n'],
    ["arrays", "ndjson", "[1,2]\n[3,4]\n"],
    ["one array, which more lines may follow", "ndjson", "[1,2]\n", false],
    ["a text sequence", "ndjson", '\x1e{"a":1}\n\x1e{"a":2}\n'],
    ["a bad line first", "ndjson", '{"a" 1}\n{"a":2}\n'],
    ["only a bad line", "ndjson", '{"a" 1}\n'],
    ["a bad line with commas first", "ndjson", '{"a":1,"b" 2}\n{"a":3,"b":4}\n'],
    ["only bad lines with commas", "ndjson", '{"a":NaN,"b":1}\n{"a":NaN,"b":2}\n'],
    ["bad arrays with commas", "ndjson", "[1,NaN]\n[2,NaN]\n"],
    ["a line without its end first", "ndjson", '{"a":1,"b":\n{"a":3,"b":4}\n{"a":5}\n'],
    ["a message before values", "ndjson", 'Hello, world\n{"a":1,"b":2}\n{"a":3,"b":4}\n'],
    ["a line that was joined to another", "ndjson", '{"a":1,"b":2}{"a":3,"b":4}\n{"a":5}\n'],
    ["a line that is not UTF-8", "ndjson", '"caf\xe9"\n{"a":2}\n'],
    ["a line that is longer than the beginning", "ndjson", LONG.slice(0, 70_000), false],
    ["a character that the beginning cuts", "lines", "caf\xc3", false],
    ["arrays in a JSON file", "json", "[\n1,\n2]\n[3]"],
    ["a broken array", "json", "[nope]"],
    ["a value", "json", "12\n"],
    ["features first", "geojson", '{"features":[{"id":1,"type":"Feature"}]}'],
    ["a type after long members", "geojson", `{"a":"${"x".repeat(70_000)}","type":"Point"}`],
    ["a geometry", "geojson", '{"coordinates":[1,2],"type":"Point"}'],
    ["a beginning without a type", "geojson", '{"name":"x', false],
    ["nothing in a JSON file", "json", "\n"],
    ["paths", "lines", "./a b.tif\n{c.tif\n"],
    ["numbers", "lines", "1\n2\n"],
    ["a table that begins as an ORC file", "csv", "ORCID,name\n1,caf\xc3\xa9\n"],
    ["a table that begins as an encrypted Parquet file", "tsv", "PARENT\tCHILD\n1\t2\n"],
    ["a text that begins as a Parquet file", "lines", "PAR1\nPAR2\n"],
  ];
  for (const [name, format, head, isWhole] of cases) {
    await t.step(name, () => check(format, head, isWhole));
  }
});

Deno.test("checkFormat() decodes the text when the encoding is stated", () => {
  check("lines", "caf\xe9\n", true, { encoding: "latin1" });
  check("ndjson", utf16('{"a":1}\n'), true, { encoding: "utf-16le" });
  check("lines", "a.tif\0b.tif\0", true, { isNulSeparated: true });
  const error = assertThrows(() => check("lines", "a", true, { encoding: "klingon" }), UsageError);
  assertEquals(
    error.message,
    "Cannot use --encoding klingon: it is unknown, write utf-8, latin1, utf-16le, utf-16be, " +
      "shift_jis or another name of the Encoding Standard",
  );
});
