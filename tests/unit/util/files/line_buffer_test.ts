import { LineBuffer } from "../../../../lib/util/files/line_buffer.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("LineBuffer writes nothing after a line that it could write only in part", () => {
  let room = 30, text = "";
  const file = {
    writeSync(bytes: Uint8Array): number {
      if (room === 0) throw new Error("No space left on device (os error 28)");
      const taken = bytes.subarray(0, room);
      text += new TextDecoder().decode(taken);
      room -= taken.length;
      return taken.length;
    },
  };
  const lines = new LineBuffer(file, "/full/events.ndjson");
  lines.write(encode("x".repeat(19) + "\n"));
  lines.flush();
  lines.write(encode("y".repeat(19) + "\n"));
  const message = "Cannot write /full/events.ndjson: No space left on device (os error 28), " +
    "fix this and continue with dl_jobs resume";
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  room = 1000;
  lines.write(encode("z\n"));
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  assertEquals(text, `${"x".repeat(19)}\n${"y".repeat(10)}`);
});

Deno.test("LineBuffer writes lines that follow each other quickly with one call, and all at the end", async () => {
  const writes: string[] = [];
  const file = {
    writeSync(bytes: Uint8Array): number {
      writes.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
  {
    using lines = new LineBuffer(file, "/out.ndjson", undefined, () => 1000);
    lines.write(encode("at once\n"));
    lines.write(encode("1\n"));
    lines.write(encode("2\n"));
    assertEquals(writes, ["at once\n"]);
    while (writes.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    lines.write(encode("3\n"));
  }
  assertEquals(writes, ["at once\n", "1\n2\n", "3\n"]);
});

Deno.test("LineBuffer passes on lines that are longer than its buffer, in their order", () => {
  let text = "";
  const file = {
    writeSync(bytes: Uint8Array): number {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  using lines = new LineBuffer(file, "/out.ndjson");
  const long = "x".repeat(300_000) + "\n";
  for (const line of ["1\n", "2\n", long, "3\n"]) lines.write(encode(line));
  lines.flush();
  assertEquals(text, `1\n2\n${long}3\n`);
});
