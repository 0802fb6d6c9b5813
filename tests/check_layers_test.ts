import { checkLayers, type Graph, type Import } from "../scripts/check_layers.ts";
import { assertEquals } from "./assert.ts";

/** A tree in short: each file with its specifiers, one a line, led by `type` or `dynamic`. */
type Tree = Readonly<Record<string, readonly string[]>>;

function toGraph(tree: Tree): Graph {
  return Object.entries(tree).map(([path, lines]) => ({
    path,
    imports: lines.map((line, index) => toImport(path, line, index + 1)),
  }));
}

function toImport(path: string, text: string, line: number): Import {
  const [specifier = "", kind = "static"] = text.split(" ").reverse();
  const { pathname } = new URL(specifier, `file:///${path}`);
  const target = specifier.startsWith(".") ? pathname.slice(1) : undefined;
  return { specifier, target, line, kind: kind as Import["kind"] };
}

interface Case {
  readonly name: string;
  readonly tree: Tree;
  readonly findings: readonly string[];
}

const NO_ROW = "stands in no row: add it to ROWS in scripts/check_layers.ts";
const OUTSIDE = "it is in no row, take what is needed from a file that is";
const THIRD_PARTY = "it is third-party, give it a name in lib/deps.ts";
const BARE = "an import map does not travel, write a relative path or node:";
const UNPINNED = "it is not one exact version, write npm:name@1.2.3";
const EAGER = "it must load on demand, write await import() or import type";

const RIGHT: readonly Case[] = [
  { name: "no file at all", tree: {}, findings: [] },
  {
    name: "rows above and names to the left",
    tree: {
      "lib/errors.ts": ["node:path"],
      "lib/helpers.ts": ["./errors.ts", "dynamic ./deps.ts"],
      "lib/event.ts": ["type ./task.ts", "./helpers.ts", "../deno.json"],
      "lib/job.ts": ["./engines/mod.ts", "type ./engine.ts"],
      "mod.ts": ["./lib/job.ts", "./lib/errors.ts"],
      "cli.ts": ["./lib/cli/mod.ts"],
    },
    findings: [],
  },
  {
    name: "what a folder shares, and what its mod.ts loads on demand",
    tree: {
      "lib/engines/mod.ts": ["dynamic ./local.ts", "type ./slurm.ts"],
      "lib/engines/slurm.ts": ["./_poll.ts"],
      "lib/engines/_poll.ts": ["./_pending.ts"],
      "lib/cli/mod.ts": ["./_usage.ts", "dynamic ./run.ts", "dynamic ../selftest.ts"],
      "lib/cli/repl.ts": ["../../repl/mod.ts"],
      "repl/mod.ts": ["./session.ts"],
    },
    findings: [],
  },
  {
    name: "third-party packages in their one file, and in what nobody imports",
    tree: {
      "lib/deps.ts": ["npm:a@1.2.3/b.js", "dynamic npm:@a/b@1.2.3", "type npm:a@1.2.3-rc.1"],
      "tests/assert.ts": ["npm:a@1.2.3", "dl_jobs"],
      "examples/sum/sum.ts": ["npm:a@1.2.3", "dl_jobs"],
      "scripts/test.ts": ["../tests/assert.ts"],
    },
    findings: [],
  },
];

const WRONG: readonly Case[] = [
  {
    name: "the wrong way, by a static, a dynamic or a type import",
    tree: {
      "lib/task.ts": ["./errors.ts", "./job.ts"],
      "lib/call.ts": ["dynamic ./engines/local.ts"],
      "lib/job.ts": ["type ../mod.ts"],
    },
    findings: [
      "lib/task.ts:2 imports lib/job.ts: row job is below row data, " +
      "move what both need to row data or above",
      "lib/call.ts:1 imports lib/engines/local.ts: row engines is below row steps, " +
      "move what both need to row steps or above",
      "lib/job.ts:1 imports mod.ts: row doors is below row job, " +
      "move what both need to row job or above",
    ],
  },
  {
    name: "within a row, to the right and to a sibling",
    tree: {
      "lib/errors.ts": ["./timer.ts"],
      "lib/engines/slurm.ts": ["./inline.ts"],
      "lib/cli/run.ts": ["./map.ts"],
      "cli.ts": ["./mod.ts"],
    },
    findings: [
      "lib/errors.ts:1 imports lib/timer.ts: in row ground it is not left of lib/errors.ts, " +
      "move what both need to the left",
      "lib/engines/slurm.ts:1 imports lib/engines/inline.ts: in row engines it is not left of " +
      "lib/engines/slurm.ts, move what both need to the left",
      "lib/cli/run.ts:1 imports lib/cli/map.ts: in row commands it is not left of " +
      "lib/cli/run.ts, move what both need to the left",
      "cli.ts:1 imports mod.ts: in row doors it is not left of cli.ts, " +
      "move what both need to the left",
    ],
  },
  {
    name: "at once, what should load on demand",
    tree: { "lib/cli/mod.ts": ["./run.ts"], "lib/engines/mod.ts": ["./local.ts"] },
    findings: [
      `lib/cli/mod.ts:1 imports lib/cli/run.ts: ${EAGER}`,
      `lib/engines/mod.ts:1 imports lib/engines/local.ts: ${EAGER}`,
    ],
  },
  {
    name: "a file in no row, named once",
    tree: { "lib/new.ts": ["./gone.ts"], "lib/job.ts": ["./new.ts"], "new.ts": [] },
    findings: [`lib/new.ts:1 ${NO_ROW}`, `new.ts:1 ${NO_ROW}`],
  },
  {
    name: "a file outside the rows",
    tree: { "lib/job.ts": ["../tests/assert.ts", "../new.ts"] },
    findings: [
      `lib/job.ts:1 imports tests/assert.ts: ${OUTSIDE}`,
      `lib/job.ts:2 imports new.ts: ${OUTSIDE}`,
    ],
  },
  {
    name: "a third-party package outside its one file",
    tree: { "lib/job.ts": ["npm:a@1.2.3", "dynamic jsr:@a/b@1.2.3", "type https://a.test/b.ts"] },
    findings: [
      `lib/job.ts:1 imports npm:a@1.2.3: ${THIRD_PARTY}`,
      `lib/job.ts:2 imports jsr:@a/b@1.2.3: ${THIRD_PARTY}`,
      `lib/job.ts:3 imports https://a.test/b.ts: ${THIRD_PARTY}`,
    ],
  },
  {
    name: "a bare name",
    tree: { "lib/job.ts": ["dl_jobs", "fs", "/etc/a.ts"], "repl/mod.ts": ["type a/b"] },
    findings: [
      `lib/job.ts:1 imports dl_jobs: ${BARE}`,
      `lib/job.ts:2 imports fs: ${BARE}`,
      `lib/job.ts:3 imports /etc/a.ts: ${BARE}`,
      `repl/mod.ts:1 imports a/b: ${BARE}`,
    ],
  },
  {
    name: "a version that is not exact, anywhere",
    tree: {
      "lib/deps.ts": ["npm:a", "npm:a@1", "npm:@a/b@^1.2.3", "jsr:@a/b@1.2.3"],
      "tests/a_test.ts": ["npm:a@1.2"],
      "scripts/bench/main.ts": ["dynamic npm:@a/b/c.js"],
      "examples/sum/sum.ts": ["https://a.test/b.ts"],
    },
    findings: [
      `lib/deps.ts:1 imports npm:a: ${UNPINNED}`,
      `lib/deps.ts:2 imports npm:a@1: ${UNPINNED}`,
      `lib/deps.ts:3 imports npm:@a/b@^1.2.3: ${UNPINNED}`,
      `lib/deps.ts:4 imports jsr:@a/b@1.2.3: ${UNPINNED}`,
      `tests/a_test.ts:1 imports npm:a@1.2: ${UNPINNED}`,
      `scripts/bench/main.ts:1 imports npm:@a/b/c.js: ${UNPINNED}`,
      `examples/sum/sum.ts:1 imports https://a.test/b.ts: ${UNPINNED}`,
    ],
  },
  {
    name: "a cycle, also of one file or of types",
    tree: {
      "repl/mod.ts": ["./loop.ts"],
      "repl/loop.ts": ["node:path", "type ./session.ts"],
      "repl/session.ts": ["dynamic ./mod.ts"],
      "repl/self.ts": ["./self.ts"],
    },
    findings: [
      "repl/session.ts:1 imports repl/mod.ts: it closes the cycle " +
      "repl/mod.ts > repl/loop.ts > repl/session.ts > repl/mod.ts, move what both need up",
      "repl/self.ts:1 imports repl/self.ts: it closes the cycle " +
      "repl/self.ts > repl/self.ts, move what both need up",
    ],
  },
];

Deno.test("checkLayers() allows", async (t) => {
  for (const { name, tree, findings } of RIGHT) {
    await t.step(name, () => assertEquals(checkLayers(toGraph(tree)), findings));
  }
});

Deno.test("checkLayers() finds", async (t) => {
  for (const { name, tree, findings } of WRONG) {
    await t.step(name, () => assertEquals(checkLayers(toGraph(tree)), findings));
  }
});

Deno.test("checkLayers() says which file cannot be read", () => {
  assertEquals(
    checkLayers([{ path: "lib/job.ts", imports: [], error: "SyntaxError: Expected ','" }]),
    ["lib/job.ts:1 cannot be read: SyntaxError: Expected ','"],
  );
});

async function runScript(...args: string[]): Promise<{ code: number; stdout: string }> {
  const script = new URL("../scripts/check_layers.ts", import.meta.url).href;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

Deno.test("check_layers.ts passes on this project", async () => {
  assertEquals(await runScript(), { code: 0, stdout: "" });
});

Deno.test("check_layers.ts reads static, dynamic and type imports and exits with 1", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/lib/testdata`, { recursive: true });
    await Deno.writeTextFile(`${root}/lib/testdata/user.ts`, 'import "anything";');
    await Deno.writeTextFile(
      `${root}/lib/errors.ts`,
      [
        '// import "./in_a_comment.ts";',
        'import type { Job } from "./job.ts";',
        "export const load = (name: string) => import(`./engines/${name}.ts`);",
        'export type Build = typeof import("npm:esbuild@0.28.2");',
        "export type { Job };",
      ].join("\n"),
    );
    await Deno.writeTextFile(`${root}/lib/job.ts`, "export type Job = 1;");
    await Deno.mkdir(`${root}/lib/engines`);
    await Deno.writeTextFile(`${root}/lib/engines/local.ts`, "export {};");
    assertEquals(await runScript(root), {
      code: 1,
      stdout: [
        "lib/errors.ts:2 imports lib/job.ts: row job is below row ground, " +
        "move what both need to row ground or above",
        "lib/errors.ts:3 imports lib/engines/local.ts: row engines is below row ground, " +
        "move what both need to row ground or above",
        `lib/errors.ts:4 imports npm:esbuild@0.28.2: ${THIRD_PARTY}`,
        "",
      ].join("\n"),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
