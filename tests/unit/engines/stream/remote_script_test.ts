import { parseFacts } from "../../../../lib/engines/stream/deploy.ts";
import {
  attachCommand,
  denoFile,
  storeCommand,
} from "../../../../lib/engines/stream/remote_script.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertNotEquals } from "../../../support/assert.ts";

/** Runs a command as the login shell of a host does. */
async function run(command: string, home: string, input = "", path = "/usr/bin:/bin") {
  const child = new Deno.Command("sh", {
    args: ["-c", command],
    env: { HOME: home, PATH: path },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await output,
    decode = (b: Uint8Array) => new TextDecoder().decode(b);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

const FAR = { folder: "~/my jobs", version: "1.2.3", program: "far-1.js" };

Deno.test("attachCommand() tells what a host does not have, then starts the program", async () => {
  await using folder = await makeFolder();
  const home = folder.path, root = `${home}/my jobs`;
  const { stdout } = await run(attachCommand(FAR), home);
  const { free, system, ...facts } = parseFacts(`motd\n${stdout}`)!;
  assertEquals(facts.root, root);
  assertEquals([facts.deno, facts.program], ["", ""]);
  assertMatch(`${system}|${free}`, /^\w+ \w+\|\S+ +\d+ +\d+ +\d+ /);
  const deno = `${root}/${denoFile("1.2.3", system)}`;
  await Deno.writeTextFile(deno, '#!/bin/sh\necho deno 1.2.3 "$@" $X\n');
  await Deno.chmod(deno, 0o700);
  await Deno.writeTextFile(`${root}/far-1.js`, "//");
  const setup = `X='it is "set"'; export X`;
  assertEquals(
    (await run(attachCommand({ ...FAR, setup }), home)).stdout,
    [
      `deno 1.2.3 run -A --quiet --no-lock --no-config ${root}/far-1.js`,
      ` attach ${root} far-1.js it is "set"\n`,
    ].join(""),
  );
});

Deno.test("hosts of several systems, or with the same process ids, may share a folder", async () => {
  await using folder = await makeFolder();
  const home = folder.path, deno = `${home}/my jobs/${denoFile("1.2.3", "Linux other")}`;
  await Deno.mkdir(`${home}/my jobs`);
  await Deno.writeTextFile(deno, "#!/bin/sh\necho deno 1.2.3\n", { mode: 0o700 });
  const { stdout } = await run(attachCommand(FAR), home);
  assertEquals(parseFacts(stdout)!.deno, "");
  const file = { name: "tool", size: 6, sha256: SHA };
  const [first, second] = [1, 2].map(() => storeCommand("~/x", file).replaceAll("$$", "23"));
  assertNotEquals(first, second);
});

Deno.test("attachCommand() finds the C library of a system without getconf", async () => {
  const none = "#!/bin/sh\nexit 127\n", ldd = "#!/bin/sh\necho ldd '(GNU libc)' 2.36\necho more\n";
  await using folder = await makeFolder({ "bin/getconf": none, "bin/ldd": ldd });
  for (const name of ["getconf", "ldd"]) await Deno.chmod(`${folder.path}/bin/${name}`, 0o755);
  const path = `${folder.path}/bin:/usr/bin:/bin`;
  const { stdout } = await run(attachCommand(FAR), folder.path, "", path);
  assertEquals(parseFacts(stdout)!.libc, "ldd (GNU libc) 2.36");
});

Deno.test("the commands have no character that a shell treats in its own way", () => {
  const store = storeCommand("~/x", { name: "a", size: 1, sha256: "b", test: '"$F" --version' });
  for (const command of [attachCommand({ ...FAR, setup: "a 'b' \\ ! c" }), store]) {
    assertMatch(command, /^exec sh -c '[^'\\!\n]*'$/);
  }
});

const SHA = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"; // "hello\n"

Deno.test("storeCommand() keeps only a file that arrived whole", async () => {
  await using folder = await makeFolder();
  const home = folder.path;
  const file = { name: "tool", size: 6, sha256: SHA };
  const names = () => Array.from(Deno.readDirSync(`${home}/my jobs`), ({ name }) => name);
  const store = async (more: object, input: string) => {
    const { code, stderr } = await run(
      storeCommand("~/my jobs", { ...file, ...more }),
      home,
      input,
    );
    return [code, stderr, names()];
  };
  assertEquals(await store({}, "hell"), [3, "it arrived incomplete\n", []]);
  assertEquals(await store({}, "hellO\n"), [3, "it arrived damaged\n", []]);
  assertEquals(await store({ test: "echo too old >&2; false" }, "hello\n"), [3, "too old\n", []]);
  assertEquals(await store({}, "hello\n"), [0, "", ["tool"]]);
});
