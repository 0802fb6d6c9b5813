import { gzipSync } from "node:zlib";
import { gunzip } from "../../../lib/formats/gzip_members.ts";
import { concatBytes } from "../../../lib/util/bytes/bytes.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const FIRST = gzipSync("1\n2\n"), SECOND = gzipSync("3\n"), ZEROS = new Uint8Array(100);
const toError = (cause: unknown) => new TypeError((cause as Error).message);

/** Returns the content of chunks, each in memory that is valid until the next one is requested. */
async function content(chunks: readonly Uint8Array[]): Promise<string> {
  const memory = new Uint8Array(1024);
  const reused = async function* () {
    for (const chunk of chunks) {
      memory.set(chunk);
      yield memory.subarray(0, chunk.length);
    }
  };
  const decoder = new TextDecoder();
  const parts = await Array.fromAsync(gunzip(reused(), toError), (part) => decoder.decode(part));
  return parts.join("");
}

/** Cuts bytes in two at each place, and into single bytes. */
function divisions(bytes: Uint8Array): Uint8Array[][] {
  const pairs = Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [...pairs, Array.from(bytes, (byte) => Uint8Array.of(byte))];
}

Deno.test("gunzip() reads all members, also after zeros", async (t) => {
  const cases: [name: string, parts: Uint8Array[], text: string][] = [
    ["one member", [FIRST], "1\n2\n"],
    ["members", [FIRST, SECOND], "1\n2\n3\n"],
    ["zeros at the end", [FIRST, ZEROS], "1\n2\n"],
    ["zeros between members", [FIRST, ZEROS, SECOND, ZEROS, FIRST], "1\n2\n3\n1\n2\n"],
    ["nothing", [], ""],
  ];
  for (const [name, parts, text] of cases) {
    await t.step(name, async () => {
      assertEquals(await content(parts), text);
      for (const chunks of divisions(concatBytes(parts))) assertEquals(await content(chunks), text);
    });
  }
});

Deno.test("gunzip() refuses bytes that are not gzip, or end early", async (t) => {
  const other = new TextEncoder().encode("other");
  const cases: [name: string, parts: Uint8Array[], message: string][] = [
    ["after a member", [FIRST, other], "incorrect header check"],
    ["after zeros", [FIRST, ZEROS, other], "incorrect header check"],
    ["a member without its end", [FIRST, SECOND.subarray(0, -1)], "unexpected end of file"],
    [
      "a member without its end, after zeros",
      [FIRST, ZEROS, SECOND.subarray(0, 12)],
      "unexpected end of file",
    ],
  ];
  for (const [name, parts, message] of cases) {
    await t.step(name, async () => {
      for (const chunks of divisions(concatBytes(parts))) {
        assertEquals((await assertRejects(() => content(chunks), TypeError)).message, message);
      }
    });
  }
});

Deno.test("gunzip() throws the error of its chunks", async () => {
  const chunks = async function* () {
    yield FIRST;
    await Promise.reject(new RangeError("no more chunks"));
  };
  const { message } = await assertRejects(
    () => Array.fromAsync(gunzip(chunks(), toError)),
    RangeError,
  );
  assertEquals(message, "no more chunks");
});
