import { GlobFile } from "../../../../lib/formats/glob_file.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { findPaths } from "../../../../lib/util/files/glob.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assert, assertEquals, assertThrows } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";

const TREE = ["a/b/1.tif", "a/b/.h/2.tif", "a/x y", "a-b", "c.tif", "é/n\nl.tif", "[z]/{q", ".d/3"];
const LINKS = [["a/loop", ".."], ["b", "a"], ["gone", "nowhere"], ["é/up", "../a/b"]] as const;

/** Returns the paths that bash finds, in the order of their bytes. */
function bashPaths(patterns: readonly string[]): string[][] {
  const script = "shopt -s globstar nullglob\n" +
    patterns.map((pattern) =>
      `f=( ${pattern.replaceAll(" ", "\\ ")} ); printf '%s\\0' "\${f[@]}"; printf '//\\0'\n`
    ).join("");
  const env = { LC_ALL: "C.UTF-8" };
  const { stdout, stderr } = new Deno.Command("bash", { args: ["-c", script], env }).outputSync();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("//\0").slice(0, -1)
    .map((text) => text.split("\0").filter((path) => path !== ""))
    .map((paths) => [...new Set(paths)].sort((a, b) => byteOrder(a, b)));
}

function byteOrder(a: string, b: string): number {
  const [one, other] = [a, b].map((text) => new TextEncoder().encode(text));
  const at = one!.findIndex((byte, i) => byte !== other![i]);
  return at < 0 ? one!.length - other!.length : one![at]! - (other![at] ?? -1);
}

Deno.test("findPaths() finds the paths that bash finds", async () => {
  await using folder = await enterFolder(Object.fromEntries(TREE.map((path) => [path, ""])));
  for (const [path, target] of LINKS) await Deno.symlink(target, path);
  const parts = ["*", "**", "?", "[ab]", "[!a]*", "[^a-c]*", "*.tif", "a*", "*.*", ".*", "x y"];
  const more = ["{a,b}", "{a,é/?}*", "*[[:digit:]]*", "\\[z\\]*", "[]a]*", "*{.tif,}", "b"];
  const hyphens = ["a-*", "*-?", "[-a]-*", "[a\\-]*", "*[z-a]*"];
  const all = [...parts, ...more, ...hyphens, "./*", `${folder.path}/*`];
  const patterns = all.flatMap((one) => [one, ...all.slice(0, -2).map((two) => `${one}/${two}`)]);
  patterns.push(
    "a/**/*.tif",
    "**/*.tif",
    "**/b/*",
    "a/**/**/1*",
    "*/**/*/",
    "b/**/*",
    "**/",
    "../*/c.tif",
  );
  // Bash lists the folder before a last `**` as a path in itself.
  const usable = patterns.filter((pattern) => !/.\/\*\*$/.test(pattern));
  const found = bashPaths(usable);
  assertEquals(found.length, usable.length);
  for (const [i, pattern] of usable.entries()) {
    // Bash does not look for a text without special characters.
    const expected = found[i]!.filter(isThere);
    assertEquals([pattern, ...findPaths(pattern)], [pattern, ...expected]);
  }
  assertEquals([...findPaths("a/**")], ["a/b", "a/b/1.tif", "a/loop", "a/x y"]);
});

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

Deno.test("findPaths() sorts paths by their bytes", async () => {
  const names = ["a-b", "a/x", "a0", "b\u{1f600}", "b\uffee", "é", "Z"];
  await using folder = await makeFolder(Object.fromEntries(names.map((name) => [name, ""])));
  const found = Array.from(
    findPaths(`${folder.path}/**`),
    (path) => path.slice(folder.path.length + 1),
  );
  assertEquals(found, ["Z", "a", "a-b", "a/x", "a0", "b\uffee", "b\u{1f600}", "é"]);
});

Deno.test("findPaths() names a folder that cannot be read, and finds the rest", async () => {
  await using folder = await enterFolder({ "a/x.tif": "" });
  // A path of more than 4096 bytes cannot be read, not even by an administrator.
  const name = "d".repeat(250);
  for (let depth = 0; depth < 17; depth++) {
    Deno.mkdirSync(name);
    Deno.chdir(name);
  }
  Deno.chdir(folder.path);
  const unreadable: string[][] = [];
  const found = [...findPaths("**/*.tif", (...one) => unreadable.push(one))];
  assertEquals(found, ["a/x.tif"]);
  assertEquals(unreadable, [[`${name}/`.repeat(17), "File name too long (os error 36)"]]);
  await new Deno.Command("rm", { args: ["-rf", name] }).output();
});

async function linesOf(glob: GlobFile): Promise<string> {
  return (await Array.fromAsync(await glob.open(), (block) => new TextDecoder().decode(block)))
    .join("");
}

Deno.test("GlobFile reads its copy after the paths have changed", async () => {
  await using folder = await enterFolder({ "a.tif": "", "b\n.tif": "" });
  const glob = new GlobFile("glob:*.tif", {});
  assertEquals(await linesOf(glob), '"a.tif"\n"b\\n.tif"\n');
  await glob.copyTo(`${folder.path}/copy`, () => {});
  await folder.write("c.tif", "");
  assertEquals(await linesOf(glob), '"a.tif"\n"b\\n.tif"\n');
});

Deno.test("GlobFile fails a name that is not UTF-8 alone", async () => {
  await using _folder = await enterFolder({ "b.tif": "", "c\ufffd.tif": "" });
  const done = await new Deno.Command("bash", { args: ["-c", "> $'a\\xff.tif'"] }).output();
  assert(done.success);
  assertEquals(
    await linesOf(new GlobFile("glob:*.tif", {})),
    'Cannot read glob:*.tif:1: a\ufffd.tif is not UTF-8, rename it\n"b.tif"\n"c\ufffd.tif"\n',
  );
});

Deno.test("GlobFile refuses a pattern without a match, and options for files", async () => {
  await using folder = await enterFolder({ "b.tif": "" });
  const message = (name: string, options = {}) =>
    assertThrows(() => new GlobFile(name, options), UsageError).message;
  assertEquals(
    message("glob:*.csv"),
    `Cannot read glob:*.csv: no path matches (relative paths start at ${folder.path})`,
  );
  assertEquals(
    message("glob:*", { format: "csv" }),
    "Cannot read glob:* with --input, --encoding or -0: its records are paths, to read the files " +
      "write the pattern without glob: and quotes",
  );
});
