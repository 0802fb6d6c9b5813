/**
 * Runs every command block of README.md and of the pages in docs/, and follows their links.
 *
 * A page is tried in a temporary folder with a copy of the project (`dl_jobs`) and an empty folder
 * beside it (`my_project`). README.md runs in a copy of its own, every other page in the empty folder,
 * where `dl_jobs` is installed already. The README of an example runs in its folder of the copy. These
 * pages follow each other at the same path, because the caches of Deno go by path.
 *
 * - `sh` runs in bash, `ts` as a script; a `text` block right below shows the output, in any order,
 *   where `...` means more lines.
 * - `ts` that starts with `// examples/...` shows a file of the project, with any other
 *   `// name.ts` it becomes that file in the reader's folder. So does `py` with `# name.py`.
 * - `yaml` is read as the config file.
 *
 * @module
 */

import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { exists } from "../../lib/util/files/fs.ts";
import { anchorOf } from "../../scripts/reference/page.ts";
import { down } from "../../tools/slurm_cluster/down.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { whyNot } from "../support/cluster.ts";
import { whyNot as whyNoHosts } from "../support/ssh_hosts.ts";
import { makeDenoDir, serveProject } from "../support/server.ts";
import { walk } from "../support/jobs.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

const ROOT = dirname(dirname(import.meta.dirname!));
/** The address of a server in the pages. */
const ADDRESS = "https://example.org/dl_jobs";
const PIN = "npx -y deno@2.9.6";
const FIRST = `seq 5 | ${PIN} run -A cli.ts map examples/square.ts#square -`;
const TESTS = `${PIN} task test --install`;
/** Pages that install the command, which must not be installed before. */
const INSTALLING = ["README.md", "docs/start/getting-started.md"];
/** Examples that `examples_test.ts` tries, with programs from Debian. */
const ELSEWHERE = /^examples\/(ndvi|thumbnails)\//;
const LANGUAGES = ["sh", "ts", "py", "text", "yaml", "json"];

/** A page of the documentation. */
interface Page {
  /** Its path in the project. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A fenced block of a page. */
interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  /** The expected output: the `text` block below, if any. */
  readonly output: string | undefined;
}

/** The folders that a page is tried in. */
interface Place {
  /** The folder above the others, with the installed command in `.bin`. */
  readonly base: string;
  /** The folder that the blocks run in. */
  readonly cwd: string;
  /** The cache of Deno, which the pages share. */
  readonly denoDir: string;
}

const pages = await readPages();
const shared = { path: "", async [Symbol.asyncDispose]() {} };

Deno.test.beforeAll(async () => {
  Object.assign(shared, await makeFolder());
  await makeDenoDir(`${shared.path}/.deno`);
});

Deno.test.afterAll(() => shared[Symbol.asyncDispose]());

const tried = pages.filter(({ path, blocks }) => !ELSEWHERE.test(path) && blocks.some(isTried));

for (const page of tried) {
  Deno.test(`${page.path}: every block runs and prints what is shown below it`, async (t) => {
    const place = await makePlace(page);
    await using server = serveProject();
    for (const block of page.blocks.filter(isTried)) {
      const text = block.text.replaceAll(ADDRESS, server.base);
      const name = `line ${block.line}: ${block.text.split("\n", 1)}`;
      await t.step(name, () => tryBlock({ ...block, text }, place));
    }
  });
}

Deno.test("README.md: its first two commands run a job and the tests, as CI does", async () => {
  const [first, second] = pageAt("README.md").blocks.filter(({ language }) => language === "sh");
  assertEquals([first?.text, second?.text], [FIRST, TESTS]);
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  assertEquals(typeof tasks.test, "string");
  const ci = await Deno.readTextFile(`${ROOT}/.ci/run`);
  assertEquals(ci.trimEnd().split("\n").at(-1), TESTS);
});

Deno.test("README.md: has at most 150 lines", () => {
  const { length } = pageAt("README.md").text.trimEnd().split("\n");
  assert(length <= 150, `${length} lines`);
});

Deno.test("docs: no block leaves the reader in another folder", () => {
  // A test runs each block in a shell of its own, but a reader stays in one.
  const leaving = pages.flatMap(({ path, blocks }) =>
    blocks.filter(({ language, text }) => language === "sh" && /^\s*cd\s/m.test(text))
      .map(({ line }) => `${path}:${line}`)
  );
  assertEquals(leaving, []);
});

Deno.test("docs: every link leads to an existing file or heading", async () => {
  for (const { path, text } of pages) {
    for (const [, link = ""] of text.matchAll(/\]\(([^)]*)\)/g)) {
      if (link.startsWith("https://")) continue;
      const [target = "", anchor] = link.split("#");
      const file = target === "" ? path : Deno.realPathSync(`${ROOT}/${dirname(path)}/${target}`)
        .slice(ROOT.length + 1);
      assert((await Deno.stat(`${ROOT}/${file}`)).isFile, `${path}: ${link} is not a file`);
      if (anchor === undefined) continue;
      assert(anchorsOf(pageAt(file)).includes(anchor), `${path}: no heading for ${link}`);
    }
  }
});

Deno.test("docs/README.md: links to every page", () => {
  const { text } = pageAt("docs/README.md");
  const names = pages.filter(({ path }) => /^docs\/(?!README)/.test(path)).map(({ path }) =>
    path.slice("docs/".length)
  );
  assertEquals(names.filter((name) => !text.includes(`](${name})`)), []);
});

Deno.test("docs: name every command and every option", async () => {
  const { OPTIONS } = await import("../../lib/config/options.ts");
  const { output } = await run(Deno.execPath(), ["run", "-A", "cli.ts", "--help"], { cwd: ROOT });
  const commands = [...output.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
  assert(commands.length >= 4, output);
  const table = pageAt("docs/guides/commands.md").text;
  for (const name of commands) assertMatch(table, new RegExp(`^\\| \`${name}[ \`]`, "m"));
  const rows = pageAt("docs/guides/options.md").text.split("\n").filter((line) =>
    line.startsWith("| `")
  );
  const named = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)]);
  const known: string[] = OPTIONS.map(({ name }) => name);
  assertEquals(named.map(([, name]) => name!).sort(), known.sort());
});

Deno.test("docs: contain no local path, no registry host and no unknown block", () => {
  for (const { path, text, blocks } of pages) {
    assertEquals(text.match(/\/(home|root|work|tmp|usr)\/|registry\.|npmjs|jsr\.io/g), null, path);
    const unknown = blocks.filter(({ language }) => !LANGUAGES.includes(language));
    assertEquals(unknown, [], path);
  }
});

async function readPages(): Promise<Page[]> {
  const names = ["docs", "examples"].flatMap((folder) => walk(`${ROOT}/${folder}`))
    .map((path) => path.slice(ROOT.length + 1));
  const paths = ["README.md", ...names.filter((name) => name.endsWith(".md")).sort()];
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    return { path, text, blocks: readBlocks(text) };
  }));
}

function pageAt(path: string): Page {
  const page = pages.find((page) => page.path === path);
  assert(page, `there is no page ${path}`);
  return page;
}

function readBlocks(text: string): Block[] {
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)\n```$/gms)];
  return fences.map(([, language = "", body = ""], i) => {
    const { index, 0: fence } = fences[i]!, next = fences[i + 1];
    const line = text.slice(0, index).split("\n").length;
    const isNear = text.slice(index + fence.length, next?.index).trim() === "";
    const output = isNear && next?.[1] === "text" ? next[2] : undefined;
    return { language, text: body, line, output };
  });
}

/** True when a block is code that can run here, and not the command of this very test. */
function isTried({ language, text }: Block): boolean {
  if (text === TESTS) return false;
  if (text.includes("slurm_cluster")) return whyNot === undefined;
  if (text.includes("ssh_hosts")) return whyNoHosts === undefined;
  return ["sh", "ts", "py", "yaml"].includes(language);
}

async function makePlace({ path }: Page): Promise<Place> {
  const isTop = path === "README.md", base = `${shared.path}/${isTop ? "top" : "others"}`;
  const project = `${base}/dl_jobs`;
  const cwd = isTop || path.startsWith("examples/")
    ? dirname(`${project}/${path}`)
    : `${base}/my_project`;
  await Deno.mkdir(base, { recursive: true });
  for await (const { name } of Deno.readDir(base)) {
    if (name !== "dl_jobs") await Deno.remove(`${base}/${name}`, { recursive: true });
  }
  await Deno.mkdir(`${base}/.bin/bin`, { recursive: true });
  if (!exists(project)) await copyProject(project);
  await Deno.mkdir(cwd, { recursive: true });
  if (!INSTALLING.includes(path)) await installCommand(base);
  return { base, cwd, denoDir: `${shared.path}/.deno` };
}

async function installCommand(base: string): Promise<void> {
  const script = `#!/bin/sh\nexec deno run -A ${base}/dl_jobs/cli.ts "$@"\n`;
  await Deno.writeTextFile(`${base}/.bin/bin/dl_jobs`, script, { mode: 0o755 });
}

async function tryBlock(block: Block, place: Place): Promise<void> {
  if (block.language === "yaml") return await tryConfig(block, place);
  if (block.language === "sh") return await runShell(block, place);
  const file = /^(?:\/\/|#) (\S+\.(?:ts|py))\n/.exec(block.text)?.[1];
  if (file === undefined) return await runScript(block, place);
  if (file.startsWith("examples/")) return await compareFile(block, file);
  await Deno.mkdir(dirname(`${place.cwd}/${file}`), { recursive: true });
  await Deno.writeTextFile(`${place.cwd}/${file}`, `${block.text}\n`);
}

// On a machine without npm, the block runs without it.
const NPX = `command -v npx > /dev/null || npx() { shift 2; deno "$@"; }`;

async function runShell(block: Block, place: Place): Promise<void> {
  const script = `${NPX}\n${block.text}`;
  // A block that fails must not leave a cluster running.
  await using _cluster = {
    [Symbol.asyncDispose]: async () => {
      if (block.text.includes("slurm_cluster")) await down();
    },
  };
  const { status, output } = await run("bash", ["-euo", "pipefail", "-c", script], place);
  assertEquals(status, 0, output);
  compareOutput(block, output);
}

async function runScript(block: Block, place: Place): Promise<void> {
  const path = `${place.cwd}/script.ts`;
  await Deno.writeTextFile(path, block.text);
  const { status, output } = await run(Deno.execPath(), ["run", "-A", "--check", path], place);
  assertEquals(status, 0, output);
  compareOutput(block, output);
}

/** Checks that the config file in a block is valid. */
async function tryConfig({ text }: Block, place: Place): Promise<void> {
  const cwd = await Deno.makeTempDir({ dir: place.base });
  await Deno.writeTextFile(`${cwd}/dl_jobs.config.yaml`, text);
  const args = ["run", "-A", `${ROOT}/cli.ts`, "config", "--info"];
  const { status, output } = await run(Deno.execPath(), args, { ...place, cwd });
  assertEquals(status, 0, output);
}

/** Checks that a block with a file's path has the whole file, without the comment at the top. */
async function compareFile({ text }: Block, path: string): Promise<void> {
  const file = await Deno.readTextFile(`${ROOT}/${path}`);
  assertEquals(
    text.split("\n").slice(1),
    file.slice(file.indexOf("import ")).trimEnd().split("\n"),
  );
}

/** Compares lines in any order, because tasks end in any order. `...` means any further lines. */
function compareOutput({ output: shown }: Block, output: string): void {
  if (shown === undefined) return;
  const rest = toLines(output);
  const missing = toLines(shown).filter((line) => line !== "..." && !take(rest, line));
  const isAll = !shown.split("\n").includes("...");
  assertEquals({ missing, more: isAll ? rest : [] }, { missing: [], more: [] });
}

function take(lines: string[], line: string): boolean {
  const at = lines.indexOf(line);
  if (at >= 0) lines.splice(at, 1);
  return at >= 0;
}

/** Removes text that differs between runs, and the messages of npm and Deno about their caches. */
function toLines(output: string): string[] {
  const text = stripVTControlCharacters(output)
    .replaceAll(/\d{8}T\d{6}-[0-9a-f]{6}/g, "<id>")
    .replaceAll(/\d{8}T\d{6}(-\d+)?/g, "<time>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3}| [+-]\d\d:\d\d)/g, "<time>")
    .replaceAll(/[A-Z][a-z]{2} \d+ \d{4} \d\d:\d\d:\d\d/g, "<time>")
    .replaceAll(/ <time> to <time>/g, " at <time>")
    .replaceAll(/, in [\d.]+ (ms|s)$/gm, ", in <duration>")
    .replaceAll(/^( {2}times ) .*$/gm, "$1 <times>");
  return text.split("\n").filter((line) =>
    line !== "" && !/^(npm (warn|notice)|Download|Initialize|Check) /.test(line)
  );
}

/** Runs a program and returns its two outputs as one. */
async function run(
  program: string,
  args: readonly string[],
  { cwd, base, denoDir }: Partial<Place>,
): Promise<{ status: number; output: string }> {
  const own = base === undefined ? {} : {
    DENO_DIR: denoDir!,
    DENO_INSTALL_ROOT: `${base}/.bin`,
    // The one file unpacks itself below this folder.
    XDG_CACHE_HOME: `${base}/.cache`,
  };
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: cwd!,
    env: {
      PATH: `${base}/.bin/bin:${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      ...own,
    },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { status: code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Copies the files of a checkout, without results of earlier runs and without these tests. */
async function copyProject(to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(ROOT)) {
    if (/^(\.|tests|results|errors|logs|dist|node_modules)/.test(name)) continue;
    await copy(`${ROOT}/${name}`, `${to}/${name}`);
  }
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    if (!/^\.|^(results|errors|logs)$/.test(name)) {
      await copy(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

/** Returns the link anchors of a page's headings. */
function anchorsOf({ text }: Page): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => anchorOf(title));
}
