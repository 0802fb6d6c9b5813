import { UsageError } from "../../../../lib/util/errors.ts";
import { assertNoDiskFault, placeError } from "../../../../lib/util/files/disk_fault.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("placeError() asks for another place, unless the disk is at fault", () => {
  const told = (reason: string, next?: string) => {
    const error = placeError(`Cannot write a: ${reason}`, new Error(reason), next);
    return [error instanceof UsageError, error.message];
  };
  const denied = "Permission denied (os error 13)", full = "No space left on device (os error 28)";
  assertEquals(told(denied), [true, `Cannot write a: ${denied}`]);
  assertEquals(told(denied, "name another"), [true, `Cannot write a: ${denied}, name another`]);
  assertEquals(told(full, "name another"), [
    false,
    `Cannot write a: ${full}, fix this and try again`,
  ]);
});

Deno.test("assertNoDiskFault() throws only for an error of the disk", () => {
  assertNoDiskFault("a", new Deno.errors.NotFound("No such file (os error 2): stat 'a'"));
  const fault = new Error("Input/output error (os error 5): stat '/b/a'");
  const { message } = assertThrows(() => assertNoDiskFault("a", fault), Error);
  assertEquals(
    message,
    "Cannot read a: Input/output error (os error 5), check the disk and try again",
  );
});
