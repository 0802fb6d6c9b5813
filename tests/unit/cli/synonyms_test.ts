import { isSbatchOption, meantCommand, meantOption } from "../../../lib/cli/synonyms.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("meantCommand(), meantOption() and isSbatchOption() know the names of other tools", () => {
  assertEquals(meantCommand("kill"), "cancel");
  assertEquals(meantCommand("cancel"), undefined);
  assertEquals([meantOption("n_jobs"), meantOption("host")], ["workers", "hosts"]);
  assertEquals([isSbatchOption("qos"), isSbatchOption("workers")], [true, false]);
});

Deno.test("meantOption() does not rename an option of a job", () => {
  assertEquals(OPTIONS.filter(({ name }) => meantOption(name) !== undefined), []);
});
