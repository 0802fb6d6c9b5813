import { commandOf, isSbatchOption, optionOf } from "../../../lib/cli/synonyms.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("commandOf(), optionOf() and isSbatchOption() know the names of other tools", () => {
  assertEquals(commandOf("kill"), "cancel");
  assertEquals(commandOf("cancel"), undefined);
  assertEquals([optionOf("n_jobs"), optionOf("host")], ["workers", "hosts"]);
  assertEquals([isSbatchOption("qos"), isSbatchOption("workers")], [true, false]);
});

Deno.test("optionOf() does not rename an option of a job", () => {
  assertEquals(OPTIONS.filter(({ name }) => optionOf(name) !== undefined), []);
});
