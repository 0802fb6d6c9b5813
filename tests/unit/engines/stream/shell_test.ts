import { wordsIn } from "../../../../lib/engines/stream/shell.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("wordsIn() returns the lines that tell something, as one line", () => {
  const log = 'E1127 14:43:37.292221   18102 memcache.go:265] "Unhandled Error" err="refused"';
  const cases: Record<string, string> = {
    "": "",
    "@@@@\r\n** Message of the day\r\nPermission denied\n": "Permission denied",
    [`${log}\n${log}\nThe connection to the server was refused\n`]:
      "The connection to the server was refused",
    [`${log}\n`]: log,
  };
  for (const [text, expected] of Object.entries(cases)) assertEquals(wordsIn(text), expected);
});
