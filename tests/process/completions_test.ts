import { OUTPUT_FORMATS } from "../../lib/formats/output.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const COMMANDS =
  "run map test init jobs status results errors query verify why stack logs resume retry cancel rm clean set pause continue replay ui report doctor repl config docs completions";

/** A project with earlier jobs, and the command `dl_jobs` in `bin`. */
async function makeProject(): Promise<Folder> {
  const record = (id: string, name: string) => ({
    [`.dl_jobs/${id}/job.json`]: JSON.stringify({ id, name, state: "failed" }),
  });
  const folder = await makeFolder({
    "run/tiles.ts": `
import { x } from "./x.ts";
export const area = () => 1;
export async function* list() {}
export type Size = number;
const mean = 1, hidden = 2;
export { hidden as shown, mean };
// export const commented = 1;
`,
    "run/north/towns.js": "export async function towns() {}",
    "bands.py":
      "def setup(ctx): pass\ndef mean(x):\n  def inner(): pass\nasync def later(x): pass\n",
    "land.ts": "export const größe = () => 1;\nconst ñ = 1;\nexport { ñ as 高さ };\n",
    "land.py": "def größe(x): pass\ndef _own(x): pass\n",
    "work.ts": "export default function task() {}\nexport class Work {}",
    ...record("20261123T062803-414d11", "tiles.area"),
    ...record("20261124T062803-414d12", "towns"),
    "bin/dl_jobs": `#!/bin/sh\nexec '${Deno.execPath()}' run -A --quiet '${CLI}' "$@"\n`,
  });
  await Deno.chmod(`${folder.path}/bin/dl_jobs`, 0o755);
  return folder;
}

/** Returns the words that can complete a line, from its last word break. */
const WORDS: Readonly<Record<string, string>> = {
  "": `${COMMANDS} --help --version`,
  "re": "results resume retry replay report repl",
  "--v": "--version",
  "help ma": "map",
  "nonsense ": "",
  "run ": "tiles.area tiles.list tiles.shown tiles.mean north.towns.towns",
  "run tiles.a": "tiles.area",
  "run n": "north.towns.towns",
  "map w": "work.Work",
  "map ./run/tiles.ts#l": "./run/tiles.ts#list",
  "map work.ts": "work.ts#Work",
  "map none.ts#": "",
  "map bands": "bands.mean bands.later",
  "map bands.py#m": "bands.py#mean",
  "map land.ts#": "land.ts#größe land.ts#高さ",
  "map land.py#": "land.py#größe",
  "map https://example.org/tiles.ts#": "",
  "run tiles.area x": "",
  "run tiles.area --eng": "--engine",
  "run tiles.area --max-at": "--max-attempts",
  "run --max_at": "--max_attempts",
  "run --no-no": "--no-noisy",
  "run --allow-r": "--allow-read --allow-run",
  "init ": "ts py",
  "run -j": "-j",
  "run -q": "-q",
  "run --results-ti": "--results-timestamp",
  "run --results_ti": "--results_timestamp",
  "run -j ": "",
  "run -qj ": "",
  "run -q n": "north.towns.towns",
  "run -j4 n": "north.towns.towns",
  "run --slurm wo": "workers=",
  "run --slurm workers=2,container=a": "workers=2,container=apptainer",
  "run --compute=me": "--compute=memory=",
  "run --engine ": "inline local ssh kubernetes slurm compute",
  "run --engine=l": "--engine=local",
  "run --noisy=": "--noisy=true --noisy=false",
  "run --gpu-image=py27": "--gpu-image=py27 --gpu-image=py27_gpu",
  "run --engine local n": "north.towns.towns",
  "run --dev n": "north.towns.towns",
  "run --workers ": "",
  "run -- n": "north.towns.towns",
  "results --format ": `${OUTPUT_FORMATS.join(" ")} table`,
  "status ": "last 20261124T062803-414d12 20261123T062803-414d11",
  "logs 20261123": "20261123T062803-414d11",
  "replay last ": "",
  "set wo": "workers=",
  "set last ti": "timeout=",
  "doctor ssh k": "kubernetes",
  "completions ": "bash zsh fish",
  "config --inf": "--info",
};

Deno.test("completions include commands, flags, values, methods and jobs", async (t) => {
  await using folder = await makeProject();
  for (const [line, words] of Object.entries(WORDS)) {
    await t.step(`dl_jobs ${line}`, async () => {
      const said = await inFolder(folder, "dl_jobs", [
        "completions",
        "words",
        "--",
        ...line.split(" "),
      ]);
      assertEquals(said.split("\n").map((line) => line.split("\t")[0]).join(" ").trim(), words);
    });
  }
});

Deno.test("completions describe each word", async () => {
  await using folder = await makeProject();
  const ask = (...words: string[]) =>
    inFolder(folder, "dl_jobs", ["completions", "words", "--", ...words]);
  assertStringIncludes(await ask("jo"), "jobs\tList the jobs of this folder: id, name, state,");
  assertStringIncludes(await ask("status", "2"), "20261124T062803-414d12\ttowns failed\n");
  assertStringIncludes(await ask("run", "--eng"), "--engine\tThe engine that runs the tasks.\n");
});

Deno.test("completions for an unknown shell are refused", async () => {
  await using folder = await makeProject();
  const { code, stderr } = await start(folder, "dl_jobs", ["completions", "tcsh"]).output();
  assertEquals(
    new TextDecoder().decode(stderr),
    'Error: Cannot print completions of "tcsh": the shells are bash, zsh, fish\n',
  );
  assertEquals(code, 2);
});

/** Returns the words that a shell offers, or the line that a single word completes. */
interface ShellCase {
  readonly line: string;
  readonly bash: string;
  readonly zsh: string;
  readonly fish: string;
}

const LINES: readonly ShellCase[] = [
  { line: "dl_jobs stat", ...each("status") },
  { line: "dl_jobs run til", ...each("tiles."), ...offers("area list shown mean", "tiles.") },
  { line: "dl_jobs logs 20261123", ...each("20261123T062803-414d11") },
  { line: "dl_jobs run --engine l", ...each("local") },
  { line: "dl_jobs run --engine=l", ...each("--engine=local"), bash: "local" },
  { line: "dl_jobs map ./work.ts#", ...each("./work.ts#Work"), zsh: "./work.ts\\#Work" },
  // The value follows without a space.
  { line: "dl_jobs set wo", ...each("workers="), bash: "nospace workers=" },
  // The shell's own completion of file names.
  { line: "dl_jobs map run/north/to", ...each("run/north/towns.js"), bash: "" },
  { line: "dl_jobs map --output=run/no", ...each("--output=run/north/"), bash: "" },
];

function each(word: string): Omit<ShellCase, "line"> {
  return { bash: word, zsh: word, fish: word };
}

/** Returns all words that a shell lists before the user chooses one. */
function offers(ends: string, start: string): Pick<ShellCase, "bash" | "fish"> {
  const words = ends.split(" ").map((end) => start + end);
  return { bash: words.join(" "), fish: words.toSorted().join(" ") };
}

const SCRIPTS: { readonly [name: string]: (line: string) => string } = {
  bash: (line) => `
    eval "$(dl_jobs completions bash)"
    compopt() { printf '%s ' "$2"; }
    COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${line}) COMP_CWORD=2
    _dl_jobs dl_jobs
    printf '%s' "\${COMPREPLY[*]}"`,
  // Completion needs a terminal. A key prints the completed line.
  zsh: (line) => `
    zmodload zsh/zpty
    zpty shell 'TERM=dumb zsh -f -i'
    zpty -w shell 'autoload -Uz compinit && compinit -u -D; eval "$(dl_jobs completions zsh)"
      show() { print -r -- "LINE<$BUFFER>" }; zle -N show; bindkey "^X" show
      unsetopt automenu autolist beep; print -r -- READ""Y'
    while zpty -r shell text; do [[ $text == *READY* ]] && break; done
    zpty -w -n shell '${line}'$'\\t\\x18'
    while zpty -r shell text; do
      [[ $text == *'= >'* ]] && print -rn -- 'a space after '
      [[ $text =~ 'LINE<(.*)>' ]] && { print -r -- \${\${(z)match[1]}[-1]}; break }
    done
    zpty -d shell`,
  fish: (line) => `
    dl_jobs completions fish | source
    complete -C '${line}' | string split -f 1 \\t | sort`,
};

for (const name of ["bash", "zsh", "fish"] as const) {
  const whyNot = await whyNoProgram(name);
  Deno.test({
    name: `completions in ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: (t) => testShell(t, name),
  });
}

async function testShell(t: Deno.TestContext, name: "bash" | "zsh" | "fish"): Promise<void> {
  await using folder = await makeProject();
  await t.step("the script parses", async () => {
    const script = await inFolder(folder, "dl_jobs", ["completions", name]);
    await folder.write(`completions.${name}`, script);
    assertEquals(await inFolder(folder, name, ["-n", `completions.${name}`]), "");
  });
  for (const { line, ...words } of LINES) {
    await t.step(line, async () => {
      const said = await inFolder(folder, name, ["-c", SCRIPTS[name]!(line)]);
      assertEquals(said.trim().replaceAll("\n", " "), words[name]);
    });
  }
}

async function inFolder(
  folder: Folder,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await start(folder, program, args).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals({ code, err }, { code: 0, err: "" });
  return out!;
}

function start({ path }: Folder, program: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(program === "dl_jobs" ? `${path}/bin/dl_jobs` : program, {
    args: [...args],
    cwd: path,
    env: { PATH: `${path}/bin:${Deno.env.get("PATH")}`, NO_COLOR: "1", HOME: path },
    stdin: "null",
    // A shell that waits for more input must end, too.
    signal: AbortSignal.timeout(60_000),
  });
}
