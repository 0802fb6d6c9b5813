import { cannotWrite, writeNamed } from "../../../../lib/util/files/named_file.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("writeNamed() replaces the file behind a link, and keeps its mode", () => {
  const dir = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${dir}/a`, "old", { mode: 0o640 });
  Deno.symlinkSync("a", `${dir}/link`);
  writeNamed(`${dir}/link`, "new", { mode: 0o600 });
  writeNamed(`${dir}/b`, "new", { mode: 0o600 });
  assertEquals(Deno.readTextFileSync(`${dir}/a`), "new");
  assertEquals(Deno.statSync(`${dir}/a`).mode! & 0o777, 0o640);
  assertEquals(Deno.statSync(`${dir}/b`).mode! & 0o777, 0o600);
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["a", "b", "link"]);
  Deno.removeSync(dir, { recursive: true });
});

Deno.test("writeNamed() names the file and the way out, not its temporary file", () => {
  const error = assertThrows(() => writeNamed("/no/where.html", "x", { next: "name another" }));
  assertEquals(
    (error as Error).message,
    "Cannot write /no/where.html: No such file or directory (os error 2), name another",
  );
  assertEquals(error instanceof UsageError, true);
});

Deno.test("cannotWrite() blames the disk for what another path cannot mend", () => {
  const full = new Error("Cannot write a.new: No space left on device (os error 28)");
  const error = cannotWrite("a", full, "name another file");
  assertEquals(
    [error.message, error instanceof UsageError],
    ["Cannot write a: No space left on device (os error 28), fix this and try again", false],
  );
});
