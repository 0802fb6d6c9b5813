import { brokenText, StartError } from "../../../../lib/engines/shared/start_error.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "../../../support/assert.ts";

Deno.test("brokenText() leaves out the command of the controller's machine", () => {
  const error = new StartError("Cannot start a worker: no memory, free some");
  assertEquals(
    error.message,
    "Cannot start a worker: no memory, free some, then run dl_jobs resume",
  );
  assertEquals(brokenText(error), "Cannot start a worker: no memory, free some");
  // After a usage error, a job without results would be removed.
  assertEquals((error as Error) instanceof UsageError, false);
});

Deno.test("brokenText() passes on errors that do not tell why no task can run", () => {
  assertEquals(brokenText(new UsageError("Cannot load a.ts")), "Cannot load a.ts");
  assertInstanceOf(assertThrows(() => brokenText(new TypeError("no"))), TypeError);
});
