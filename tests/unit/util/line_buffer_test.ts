import { LineBuffer } from "../../../lib/util/line_buffer.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

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
    "repair that and continue with dl_jobs resume";
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  room = 1000;
  lines.write(encode("z\n"));
  assertEquals(assertThrows(() => lines.flush(), Error).message, message);
  assertEquals(text, `${"x".repeat(19)}\n${"y".repeat(10)}`);
});
