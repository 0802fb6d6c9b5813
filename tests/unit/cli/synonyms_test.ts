import { isSbatchOption, meantCommand } from "../../../lib/cli/synonyms.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("meantCommand() and isSbatchOption() know the names of other tools", () => {
  assertEquals(meantCommand("kill"), "cancel");
  assertEquals(meantCommand("cancel"), undefined);
  assertEquals([isSbatchOption("qos"), isSbatchOption("workers")], [true, false]);
});
