import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { down } from "../../tools/slurm_cluster/down.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { whyNot } from "../support/cluster.ts";
import { makeDenoDir, serveProject } from "../support/server.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

const ROOT = dirname(dirname(import.meta.dirname!));
/** What stands in the README for the address of a server. */
const ADDRESS = "https://example.org/dl_jobs";
const PIN = "npx -y deno@2.9.6";

/** A fenced block of the README. */
interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  /** What it prints, where a `text` block behind it says so. */
  readonly output?: string;
}

const readme = await Deno.readTextFile(`${ROOT}/README.md`);
const blocks = readBlocks(readme);

Deno.test("README: every block runs and prints what stands below it", async (t) => {
  await using copy = await makeFolder();
  await copyProject(copy.path);
  await makeDenoDir(`${copy.path}/.deno`);
  await using server = serveProject();
  const here = (block: Block) => ({ ...block, text: block.text.replaceAll(ADDRESS, server.base) });
  const steps = blocks.map(here).filter((block) => stepOf(block, copy.path) !== undefined);
  assert(steps.length >= 6, "the blocks are not found");
  for (const block of steps) {
    const name = `line ${block.line}: ${block.text.split("\n", 1)}`;
    await t.step(name, stepOf(block, copy.path)!);
  }
});

Deno.test("README: the second command is the one that CI runs", async () => {
  const command = `${PIN} task test`;
  const [first, second] = blocks.filter(({ language }) => language === "sh");
  assertEquals(first?.text, `${PIN} run -A cli.ts test 2 a b c hello=world`);
  assertEquals(second?.text, command);
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  assertEquals(typeof tasks.test, "string");
  const ci = await Deno.readTextFile(`${ROOT}/.ci/run`);
  assertEquals(ci.trimEnd().split("\n").at(-1), `${command} --install`);
});

Deno.test("README: every link leads to a file or a heading that is there", async () => {
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title]) => toAnchor(title!));
  for (const [, target = ""] of readme.matchAll(/\]\(([^)]*)\)/g)) {
    if (target.startsWith("#")) assert(anchors.includes(target), `no heading for ${target}`);
    else if (!target.startsWith("https://")) await Deno.stat(`${ROOT}/${target}`);
  }
});

Deno.test("README: names every command, and only options that there are", async () => {
  const { OPTIONS } = await import("../../lib/config/options.ts");
  const help = await run(Deno.execPath(), ["run", "-A", "cli.ts", "--help"], ROOT);
  const commands = [...help.output.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
  assert(commands.length >= 4, help.output);
  const table = section("Commands");
  for (const name of commands) assertMatch(table, new RegExp(`\`${name}[ \`]`));
  const known: string[] = OPTIONS.map(({ name }) => name);
  const rows = section("Options").split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)]);
  assertEquals(named.filter(([, name]) => !known.includes(name!)), []);
});

Deno.test("README: holds no path of a machine and no host of a registry", () => {
  assertEquals(readme.match(/\/(home|root|work|tmp|usr)\/|registry\.|npmjs|jsr\.io/g), null);
});

function readBlocks(text: string): Block[] {
  const fences = [...text.matchAll(/^```(\w+)\n(.*?)\n```$/gms)];
  return fences.map(([, language = "", body = ""], i) => {
    const { index, 0: fence } = fences[i]!, next = fences[i + 1];
    const line = text.slice(0, index).split("\n").length;
    const isNear = text.slice(index + fence.length, next?.index).trim() === "";
    const output = isNear && next?.[1] === "text" ? { output: next[2]! } : {};
    return { language, text: body, line, ...output };
  });
}

/** How a block is tried; nothing where it is no code, or where it would run this very test. */
function stepOf(block: Block, cwd: string): (() => Promise<void>) | undefined {
  if (block.text === `${PIN} task test`) return undefined;
  if (block.text.includes("slurm_cluster")) {
    return whyNot ? undefined : () => runWithCluster(block, cwd);
  }
  if (block.language === "sh") return () => runShell(block, cwd);
  if (block.language !== "ts") return undefined;
  const path = /^\/\/ (examples\/.*)\n/.exec(block.text)?.[1];
  return path ? () => compareFile(block, path) : () => runScript(block, cwd);
}

// Who has Deno need not have npm: then the block is tried without it.
const NPX = `command -v npx > /dev/null || npx() { shift 2; deno "$@"; }`;

async function runShell(block: Block, cwd: string): Promise<void> {
  const script = `${NPX}\n${block.text}`;
  const { status, output } = await run("bash", ["-euo", "pipefail", "-c", script], cwd);
  assertEquals(status, 0, output);
  compareOutput(block, output);
}

/** A block that fails must leave no cluster behind. */
async function runWithCluster(block: Block, cwd: string): Promise<void> {
  try {
    await runShell(block, cwd);
  } finally {
    await down();
  }
}

async function runScript(block: Block, cwd: string): Promise<void> {
  const path = `${cwd}/readme_${block.line}.ts`;
  await Deno.writeTextFile(path, block.text);
  const { status, output } = await run(Deno.execPath(), ["run", "-A", "--check", path], cwd);
  assertEquals(status, 0, output);
  compareOutput(block, output);
}

/** A block that shows a file shows all of it, but for the comment on top. */
async function compareFile({ text }: Block, path: string): Promise<void> {
  const file = await Deno.readTextFile(`${ROOT}/${path}`);
  assertEquals(
    text.split("\n").slice(1),
    file.slice(file.indexOf("import ")).trimEnd().split("\n"),
  );
}

/** The same lines in any order, as tasks end in any order; `...` stands for more of them. */
function compareOutput({ output: shown }: Block, output: string): void {
  if (shown === undefined) return;
  const rest = toLines(output);
  const missing = toLines(shown).filter((line) => line !== "..." && !take(rest, line));
  const endedCleanly = !shown.split("\n").includes("...");
  assertEquals({ missing, more: endedCleanly ? rest : [] }, { missing: [], more: [] });
}

function take(lines: string[], line: string): boolean {
  const at = lines.indexOf(line);
  if (at >= 0) lines.splice(at, 1);
  return at >= 0;
}

/** Without what differs from run to run, and what npm and Deno say about their caches. */
function toLines(output: string): string[] {
  const text = stripVTControlCharacters(output)
    .replaceAll(/\d{8}T\d{6}-[0-9a-f]{6}/g, "<id>")
    .replaceAll(/\d{8}T\d{6}(-\d+)?/g, "<time>")
    .replaceAll(/, in [\d.]+ (ms|s)$/gm, ", in <duration>")
    .replaceAll(/^( {2}times ) .*$/gm, "$1 <times>");
  return text.split("\n").filter((line) =>
    line !== "" && !/^(npm (warn|notice)|Download|Initialize|Check) /.test(line)
  );
}

/** Runs a program and gives its two outputs as one. */
async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ status: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: {
      PATH: `${cwd}/.bin/bin:${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      // The one file unpacks itself below the second; the project itself stays as it is.
      ...cwd === ROOT ? {} : { DENO_DIR: `${cwd}/.deno`, XDG_CACHE_HOME: `${cwd}/.cache` },
      DENO_INSTALL_ROOT: `${cwd}/.bin`,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { status: code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What a checkout has and a reader runs: no results of earlier runs, and not these tests. */
async function copyProject(to: string): Promise<void> {
  for await (const { name } of Deno.readDir(ROOT)) {
    if (/^(\.|tests|results|errors|logs|dist|node_modules)/.test(name)) continue;
    await copy(`${ROOT}/${name}`, `${to}/${name}`);
  }
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    if (!/^(\.|results|errors|logs)/.test(name) || /\.tsx?$/.test(name)) {
      await copy(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

/** The text below a heading, up to the next one. */
function section(title: string): string {
  const [, text] = new RegExp(`^## ${title}\n(.*?)^## `, "ms").exec(readme) ?? [];
  assert(text, `there is no section ${title}`);
  return text;
}

/** How a heading is called in a link. */
function toAnchor(title: string): string {
  return "#" + title.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-");
}
