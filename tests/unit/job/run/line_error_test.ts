import { NOT_TEXT } from "../../../../lib/formats/format.ts";
import { elementError } from "../../../../lib/job/run/line_error.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Returns the message for a failed task. */
function messageOf(
  type: string,
  message: string,
  args: string,
  place = PLACE as typeof PLACE | null,
) {
  const error = { type, message, class: "error" } as const;
  const event = { id: 0, attempt: 1, type: "failed", ms: 0, error } as const;
  const failure = { event, args: new TextEncoder().encode(args) };
  return elementError(failure, place ?? undefined)?.message;
}

const PLACE = { name: "a.ndjson", line: 7 };
const NOT_UTF8 = "its arguments are not UTF-8; convert the list to UTF-8";

Deno.test("elementError() explains the failure of a line that cannot be read", () => {
  assertEquals(
    messageOf("SyntaxError", "no", '{"a" 1}'),
    "Cannot read a.ndjson:7:6: Expected ':' after property name",
  );
  assertEquals(
    messageOf("TypeError", NOT_UTF8, '"\ufffd"'),
    `Cannot read a.ndjson:7: ${NOT_TEXT}`,
  );
  const record = "Cannot read a.csv:2: it has 1 cell, the header has 2";
  assertEquals(messageOf("SyntaxError", "no", record), record);
});

Deno.test("elementError() keeps the message when the place of the line is unknown", () => {
  assertEquals(messageOf("SyntaxError", "no", "{", null), "no");
  assertEquals(messageOf("TypeError", NOT_UTF8, '"\ufffd"', null), NOT_UTF8);
  const record = "Cannot read a.csv:2: it has 1 cell, the header has 2";
  assertEquals(messageOf("SyntaxError", "no", record, null), record);
});

Deno.test("elementError() leaves other failures alone", () => {
  assertEquals(messageOf("SyntaxError", "the function parses", "1"), undefined);
  assertEquals(messageOf("TypeError", "no", "{"), undefined);
});

Deno.test("elementError() names the place of an element that does not fit", () => {
  const error = { type: "ValidationError", message: "year: is missing", class: "invalid" } as const;
  const event = { id: 3, attempt: 1, type: "failed", ms: 0, error } as const;
  const args = new TextEncoder().encode("{}");
  const found = [PLACE, undefined].map((place) => elementError({ event, args }, place));
  assertEquals(found, [
    { ...error, message: "Cannot use a.ndjson:7: year: is missing" },
    { ...error, message: "Cannot use element 3: year: is missing" },
  ]);
  const text = "Cannot use a.ndjson:7: year: is missing";
  const failed = {
    ...event,
    error: { type: "SyntaxError", message: "no", class: "error" },
  } as const;
  const refused = elementError({ event: failed, args: new TextEncoder().encode(text) }, PLACE);
  assertEquals(refused, { ...error, message: text });
});
