import { cached } from "../../../../lib/bundle/program/cache.ts";
import { shortHash } from "../../../../lib/bundle/modules/hash.ts";
import type { BuiltProgram } from "../../../../lib/bundle/program/program.ts";
import { delay } from "../../../../lib/util/time/delay.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

// Deno returns the time of the last change of a file in whole seconds.
const NEXT_SECOND = 1100;

Deno.test("cached() builds a program once, and again when a file of it has changed", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/a.ts`;
  await writeLongAgo(file, "1");
  let made = 0;
  const make = (): Promise<BuiltProgram> =>
    Promise.resolve({
      code: `program ${++made}\n`,
      hash: `hash ${made}`,
      warnings: [`warning ${made}`],
      inputs: [file],
    });
  const first = await cached(folder.path, "key", make);
  assertEquals(first, {
    code: "program 1\n",
    hash: "hash 1",
    warnings: ["warning 1"],
    inputs: [file],
    file: `${folder.path}/${await shortHash("program 1\n")}.js`,
  });
  assertEquals(await Deno.readTextFile(first.file!), "program 1\n");
  assertEquals(await cached(folder.path, "key", make), first);
  assertEquals((await cached(folder.path, "other key", make)).hash, "hash 2");
  await writeLongAgo(file, "2 3");
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 3");
  assertEquals(exists(first.file!), false);
  await Deno.remove(file);
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 4");
});

Deno.test("cached() builds a program again after a change of the modules that build programs", async () => {
  await using folder = await makeFolder();
  let made = 0;
  const make = (): Promise<BuiltProgram> =>
    Promise.resolve({ code: "", hash: `hash ${++made}`, warnings: [], inputs: [] });
  await cached(folder.path, "key", make);
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 1");
  const [name] = [...Deno.readDirSync(folder.path)].map(({ name }) => name)
    .filter((name) => !name.includes("."));
  const path = `${folder.path}/${name}`, [, text] = (await Deno.readTextFile(path)).split("\n");
  const entry = JSON.parse(text!);
  assertMatch(entry.builders[0][0], /\/lib\/bundle\/$/);
  const folders = [...Deno.readDirSync(entry.builders[0][0])].filter(({ isDirectory }) =>
    isDirectory
  );
  assertEquals(entry.builders.length, 1 + folders.length);
  entry.builders[0][2]--;
  const older = JSON.stringify(entry);
  await Deno.writeTextFile(path, `${await shortHash(older)}\n${older}`);
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 2");
});

Deno.test("cached() does not keep a program whose file was saved during the build", async (t) => {
  for (const [year, wait] of [["1980", NEXT_SECOND], ["2200", 0]] as const) {
    await t.step(`with a time in ${year}`, async () => {
      await using folder = await makeFolder();
      const file = `${folder.path}/a.ts`;
      let made = 0;
      const make = async (): Promise<BuiltProgram> => {
        await delay(wait);
        await Deno.writeTextFile(file, "saved while it is read");
        await Deno.utime(file, new Date(year), new Date(year));
        return { code: "", hash: `hash ${++made}`, warnings: [], inputs: [file] };
      };
      assertEquals((await cached(folder.path, "key", make)).hash, "hash 1");
      assertEquals((await cached(folder.path, "key", make)).hash, "hash 2");
    });
  }
});

Deno.test("cached() builds a program again when another file has the size and time of the first", async (t) => {
  const time = new Date("1980-01-01");
  const changes: { [name: string]: (path: string) => Promise<void> } = {
    "a link leads to another file": async (path) => {
      await Deno.remove(`${path}/current`);
      await Deno.symlink("v2", `${path}/current`);
    },
    "a file is copied with its time": async (path) => {
      await delay(NEXT_SECOND);
      await Deno.writeTextFile(`${path}/v1/a.ts`, "2");
      await Deno.utime(`${path}/v1/a.ts`, time, time);
    },
    "a file is renamed": async (path) => await Deno.rename(`${path}/v2/a.ts`, `${path}/v1/a.ts`),
  };
  for (const [name, change] of Object.entries(changes)) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "v1/a.ts": "1", "v2/a.ts": "2" });
      const file = `${folder.path}/current/a.ts`;
      await Deno.symlink("v1", `${folder.path}/current`);
      for (const version of ["v1", "v2"]) {
        await Deno.utime(`${folder.path}/${version}/a.ts`, time, time);
      }
      const make = async (): Promise<BuiltProgram> => {
        const code = await Deno.readTextFile(file);
        return { code, hash: code, warnings: [], inputs: [file] };
      };
      const build = async () => (await cached(`${folder.path}/cache`, "key", make)).hash;
      assertEquals([await build(), await build()], ["1", "1"]);
      await change(folder.path);
      assertEquals(await build(), "2");
    });
  }
});

Deno.test("cached() works where the cache cannot be written", async () => {
  await using folder = await makeFolder({ "file": "" });
  const made = { code: "program", hash: "hash", warnings: [], inputs: [] };
  assertEquals(
    await cached(`${folder.path}/file/cache`, "key", () => Promise.resolve(made)),
    made,
  );
});

Deno.test("cached() builds a program again when a file appears that it lacked", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/deno.lock`;
  let made = 0;
  const make = (): Promise<BuiltProgram> =>
    Promise.resolve({ code: "", hash: `hash ${++made}`, warnings: [], inputs: [file] });
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 1");
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 1");
  await writeLongAgo(file, "{}");
  assertEquals((await cached(folder.path, "key", make)).hash, "hash 2");
});

Deno.test("cached() builds a program again when a file of its entry is damaged", async (t) => {
  await using folder = await makeFolder();
  let made = 0;
  const make = (): Promise<BuiltProgram> =>
    Promise.resolve({ code: "program\n", hash: `hash ${++made}`, warnings: [], inputs: [] });
  const { file } = await cached(folder.path, "key", make);
  for (const { name } of [...Deno.readDirSync(folder.path)]) {
    await t.step(name, async () => {
      const before = made;
      await Deno.writeTextFile(`${folder.path}/${name}`, "other text\n");
      assertEquals((await cached(folder.path, "key", make)).hash, `hash ${before + 1}`);
      assertEquals(await Deno.readTextFile(file!), "program\n");
      assertEquals((await cached(folder.path, "key", make)).hash, `hash ${before + 1}`);
    });
  }
});

/** Writes a file with an old time: a program built from it is newer. */
async function writeLongAgo(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  const time = new Date(Date.now() - 60_000);
  await Deno.utime(path, time, time);
}
