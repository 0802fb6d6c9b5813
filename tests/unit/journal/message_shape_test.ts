import { messageShape } from "../../../lib/journal/message_shape.ts";
import { assertEquals } from "../../support/assert.ts";

const CASES: Readonly<Record<string, string>> = {
  // The reason is kept.
  "HTTP 404": "HTTP 404",
  "503 Service Unavailable": "503 Service Unavailable",
  "HTTP/1.1 502 Bad Gateway": "HTTP/1.1 502 Bad Gateway",
  "HTTP Error 429: Too Many Requests": "HTTP Error 429: Too Many Requests",
  "Request failed with status code 404": "Request failed with status code 404",
  "fetch failed (503)": "fetch failed (503)",
  "statusCode: 500": "statusCode: 500",
  "404": "404",
  "[Errno 13] Permission denied: '/data/12.csv'": "[Errno 13] Permission denied: '<path>'",
  "ENOENT: no such file, open 'tile_12.tif'": "ENOENT: no such file, open '<path>'",
  "not found (os error 2): readfile 'a/b.csv'": "not found (os error 2): readfile '<path>'",
  "sh exited with status 3": "sh exited with status 3",
  "ORA-00942: no table 7": "ORA-00942: no table #",
  "E11000 duplicate key 12": "E11000 duplicate key #",
  "TS2322: type of column 3": "TS2322: type of column #",
  "cannot cast int32 to float64": "cannot cast int32 to float64",
  'no key "12" in row 7': 'no key "12" in row #',
  "killed by SIGKILL": "killed by SIGKILL",
  // What differs from task to task is not.
  "tile 404 is missing": "tile # is missing",
  "row 500 not found": "row # not found",
  "item 200 returned 3 rows": "item # returned # rows",
  "error 17 of 20": "error # of #",
  "it has 5 cells, the header has 4": "it has # cells, the header has #",
  'no key "12345"': 'no key "#"',
  "-5 is not 1,234,567.5 or 1e-7": "# is not # or #",
  "no user 550e8400-e29b-41d4-a716-446655440000": "no user <id>",
  "commit 9f86d081884c7d65 at 0x7ffe": "commit <id> at <id>",
  "order AB123456789012345678901 is gone": "order <id> is gone",
  "cannot read /data/a b": "cannot read <path> b",
  "cannot read C:\\data\\x.tif": "cannot read <path>",
  "can't read /data/x.tif, it isn't there": "can't read <path>, it isn't there",
  "connect ECONNREFUSED 127.0.0.1:8080": "connect ECONNREFUSED #:#",
  "got 429 for https://api.example.com/tiles/8?x=3": "got 429 for https://api.example.com/...",
  "no object s3://bucket/key12/part": "no object s#://bucket/...",
  "expired 2024-01-02T03:04:05.123Z": "expired #-#-#T#:#:#Z",
  "took 12ms": "took #ms",
  // Words are words.
  "and/or I/O in km/h": "and/or I/O in km/h",
  "a decade of facade": "a decade of facade",
  "": "",
};

Deno.test("messageShape() keeps the reason, and folds ids, paths and numbers", () => {
  const shapes = Object.keys(CASES).map((text) => [text, messageShape(text)]);
  assertEquals(Object.fromEntries(shapes), CASES);
});

Deno.test("messageShape() reads the beginning of a long message only", () => {
  assertEquals(messageShape(`${"a ".repeat(1000)}17`), "a ".repeat(1000));
});
