/**
 * The command as one program, which replaces its modules.
 *
 * @module
 */

import { fromFileUrl } from "../../../lib/util/paths.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url).href);

Deno.test("the command becomes one program, until a module of it changes", async (t) => {
  await using folder = await makeFolder({ "task.ts": "export const task = (n: number) => n + 1;" });
  const library = `${folder.path}/library`, cache = `${library}/.dl_jobs/cache`;
  await copyLibrary(library);
  const deno = async (...args: string[]) => {
    const command = new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    });
    const { stdout, stderr } = await command.output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  };
  const dlJobs = (...args: string[]) => deno("run", "-A", "--quiet", `${library}/cli.ts`, ...args);
  const map = () => dlJobs("map", "task.ts", "list.ndjson", "--quiet");
  const found = async (...args: string[]) => {
    const part = args.includes("--help") ? "help" : "all";
    const code =
      `const { findCommand } = await import("file://${library}/lib/bundle/program/cli_program.ts");
      console.log(await findCommand("${part}", ${JSON.stringify(args)}));`;
    return (await deno("eval", code)).trim();
  };
  await folder.write("list.ndjson", "1\n");

  await t.step("the first build of a function also builds the program", async () => {
    assertEquals(await found("map"), "undefined");
    assertEquals(await map(), "2\n");
    const program = await found("map");
    assertEquals(program.replace(/[\da-f]{16}\.js$/, "HASH.js"), `file://${cache}/HASH.js`);
    assertEquals(await map(), "2\n");
  });

  await t.step("the worker is built once, and does not depend on a project", async () => {
    await using other = await makeFolder({
      "task.ts": "export const task = (n: number) => n * 10;",
      "deno.json": '{ "compilerOptions": { "jsx": "react" } }',
    });
    const first = await programsIn(`${folder.path}/.dl_jobs/cache`);
    const args = ["run", "-A", "--quiet", `${library}/cli.ts`, "map", "task.ts", "-", "--quiet"];
    const process = new Deno.Command("sh", {
      args: ["-c", 'echo 2 | "$@"', "map", Deno.execPath(), ...args],
      cwd: other.path,
    });
    assertEquals(new TextDecoder().decode((await process.output()).stdout), "20\n");
    const second = await programsIn(`${other.path}/.dl_jobs/cache`);
    // The project of the first build keeps a copy, for libraries that it may not write to.
    assertEquals([first.length, second.length], [2, 1]);
    const texts = await programsIn(cache);
    assertEquals(first.filter((text) => texts.includes(text)).length, 1);
  });

  await t.step("commands that load modules of the user do not use the program", async () => {
    assertEquals(await found("run", "work.sum"), "undefined");
  });

  await t.step(
    "the help of commands is a program of its own, of less than a quarter of the size",
    async () => {
      const [all, help] = [await found("map"), await found("run", "--help")].map(fromFileUrl);
      const sizes = [all, help].map((path) => Deno.statSync(path!).size);
      assertEquals(sizes[1]! < sizes[0]! / 4, true);
      const usage = async (...args: string[]) => (await dlJobs(...args)).split(" [")[0];
      assertEquals(await usage("map", "--help"), "Usage: dl_jobs map");
      assertEquals(await usage("help", "--all", "run"), "Usage: dl_jobs run METHOD");
      const wrong = 'Error: Cannot find command "maps": did you mean map?';
      assertEquals((await dlJobs("maps", "--help")).slice(0, wrong.length), wrong);
    },
  );

  for (const args of [["map"], ["--help"]]) {
    await t.step(`the program of ${args} imports nothing at its start`, async () => {
      const program = await found(...args),
        info = JSON.parse(await deno("info", "--json", program));
      const own = info.modules.find((one: { specifier: string }) => one.specifier === program);
      assertEquals([own.kind, own.dependencies], ["esm", undefined]);
    });
  }

  await t.step("programs are ASCII, which V8 keeps in one byte for each character", async () => {
    for (const args of [["map"], ["run", "--help"]]) {
      const text = await Deno.readTextFile(fromFileUrl(await found(...args)));
      assertEquals(text.match(/.{0,20}[^\0-\x7f]/), null);
    }
  });

  await t.step("errors have the lines of the modules", async () => {
    const code = `import { main } from ${JSON.stringify(await found("map"))};
      await main(new Proxy([], { get: () => { console.log(new Error().stack); } }));`;
    const frames = (await deno("eval", code)).match(/library\/lib\/cli\/mod\.ts:\d+:\d+/g)?.length;
    assertEquals(frames !== undefined && frames > 0, true);
  });

  await t.step("errors show no frames of the program without its source map", async () => {
    const maps = (await Array.fromAsync(Deno.readDir(cache))).map(({ name }) => name)
      .filter((name) => name.endsWith(".map"));
    for (const name of maps) await Deno.rename(`${cache}/${name}`, `${library}/${name}`);
    const text = await dlJobs("map", "task.ts", "none.ndjson");
    for (const name of maps) await Deno.rename(`${library}/${name}`, `${cache}/${name}`);
    const frames = text.split("\n").filter((line) => line.startsWith("    at "));
    assertEquals([maps.length > 0, frames], [true, []]);
  });

  await t.step("a program that cannot be loaded is not used", async () => {
    const path = fromFileUrl(await found("map"));
    const text = await Deno.readTextFile(path), { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "?".repeat(text.length));
    await Deno.utime(path, mtime!, mtime!);
    assertEquals([await found("map") === "undefined", await map()], [false, "2\n"]);
    await Deno.writeTextFile(path, text);
    await Deno.utime(path, mtime!, mtime!);
  });

  await t.step("a changed module runs at once, and is in the next program", async () => {
    const path = `${library}/lib/cli/help.ts`, text = await Deno.readTextFile(path);
    const edited = text.replace("Usage: dl_jobs ", "Usage: edited ");
    await Deno.writeTextFile(path, edited);
    assertEquals(await found("--help"), "undefined");
    assertEquals((await dlJobs("map", "--help")).split(" ")[1], "edited");
    await folder.write("task.ts", "export const task = (n: number) => n + 2;");
    assertEquals(await map(), "3\n");
    assertEquals(await found("--help") === "undefined", false);
    assertEquals((await dlJobs("map", "--help")).split(" ")[1], "edited");
  });
});

/** Returns the texts of the programs in a cache. */
async function programsIn(folder: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const programs = names.filter((name) => name.endsWith(".js"));
  return await Promise.all(programs.map((name) => Deno.readTextFile(`${folder}/${name}`)));
}

/** Copies the library, as old as if it had been installed before. */
async function copyLibrary(to: string): Promise<void> {
  const { success } = await new Deno.Command("sh", {
    args: [
      "-c",
      'mkdir "$1" && cp -R cli.ts mod.ts deno.json lib repl python "$1" && ' +
      'find "$1" -type f -exec touch -t 202001010000 {} +',
      "copy",
      to,
    ],
    cwd: ROOT,
  }).output();
  assertEquals(success, true);
}
