import { countLines, exists, writeAll, writeAtomic } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const names = (path: string) => Array.from(Deno.readDirSync(path), ({ name }) => name);

Deno.test("exists() finds files and folders, by path or URL", async () => {
  await using folder = await makeFolder({ a: "" });
  const url = new URL(`file://${folder.path}/a`);
  assertEquals([folder.path, `${folder.path}/a`, url, `${folder.path}/b`].map(exists), [
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("writeAll() continues after a partial write", () => {
  let written = "";
  const file = {
    writeSync(bytes: Uint8Array) {
      const part = bytes.subarray(0, 3);
      written += new TextDecoder().decode(part);
      return part.length;
    },
  };
  writeAll(file, new TextEncoder().encode("0123456789"), "some.file");
  assertEquals(written, "0123456789");
});

Deno.test("writeAll() repeats a call that a signal has interrupted", () => {
  let calls = 0;
  const file = {
    writeSync(bytes: Uint8Array) {
      if (calls++ === 0) throw new Deno.errors.Interrupted("Interrupted system call (os error 4)");
      return bytes.length;
    },
  };
  writeAll(file, new Uint8Array(3), "some.file");
  assertEquals(calls, 2);
});

Deno.test("writeAll() names a file and the way out once, also when the file writes with it", () => {
  const full = {
    writeSync: () => {
      throw new Error("No space left");
    },
  };
  const outer = { writeSync: () => (writeAll(full, new Uint8Array(1), "in", ""), 1) };
  const bytes = new Uint8Array(1);
  assertThrows(
    () => writeAll(full, bytes, "a"),
    Error,
    "Cannot write a: No space left, fix this and",
  );
  const { message } = assertThrows(() => writeAll(outer, bytes, "out"), Error);
  assertEquals(message, "Cannot write in: No space left");
});

Deno.test("writeAtomic() replaces a file as a whole", async (t) => {
  for (
    const options of [{}, { sync: "file" as const }, { sync: true }, {
      isContended: true,
    }, { mode: 0o600 }]
  ) {
    await t.step(JSON.stringify(options), async () => {
      await using folder = await makeFolder({ a: "old and longer" });
      writeAtomic(`${folder.path}/a`, "new", options);
      writeAtomic(`${folder.path}/b`, new TextEncoder().encode("bytes"), options);
      assertEquals(await Deno.readTextFile(`${folder.path}/a`), "new");
      assertEquals(await Deno.readTextFile(`${folder.path}/b`), "bytes");
      assertEquals(names(folder.path).sort(), ["a", "b"]);
      if ("mode" in options) {
        assertEquals(Deno.statSync(`${folder.path}/a`).mode! & 0o777, options.mode);
      }
    });
  }
});

Deno.test("writeAtomic() leaves the old file and nothing else when it fails", async () => {
  await using folder = await makeFolder({ "a/b": "a folder that is not empty" });
  assertThrows(() => writeAtomic(`${folder.path}/a`, "new"), Error);
  assertEquals(names(folder.path), ["a"]);
  assertEquals(await Deno.readTextFile(`${folder.path}/a/b`), "a folder that is not empty");
});

Deno.test("countLines() counts whole lines", async () => {
  await using folder = await makeFolder({
    none: "",
    torn: "torn",
    two: "a\n\nb",
    many: "x\n".repeat(100_000),
  });
  const counts = ["none", "torn", "two", "many", "not there"].map((name) =>
    countLines(`${folder.path}/${name}`)
  );
  assertEquals(counts, [0, 0, 2, 100_000, 0]);
});
