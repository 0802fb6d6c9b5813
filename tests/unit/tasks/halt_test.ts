import { parseHalt } from "../../../lib/tasks/halt.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("parseHalt() reads a number of failures or a part of the list", () => {
  assertEquals(parseHalt("10"), { most: 10, isPart: false });
  assertEquals(parseHalt(" 2.5% "), { most: 0.025, isPart: true });
  assertEquals(parseHalt("100%"), { most: 1, isPart: true });
  for (
    const text of [
      "",
      "0",
      "0%",
      "-1",
      "many",
      "5 %",
      "101%",
      "2.5",
      "1e5",
      "99999999999999999999",
      "NaN",
    ]
  ) {
    const { message } = assertThrows(() => parseHalt(text), UsageError);
    assertEquals(
      message,
      `Cannot halt after "${text}": write a number or share of failures, such as 10 or 5%`,
    );
  }
});
