import type { Graph, Import } from "../../../scripts/import_graph.ts";
import { checkLayers } from "../../../scripts/check_layers.ts";
import { assertEquals } from "../../support/assert.ts";

/** A tree in short: each file with its specifiers, one a line, after `type` or `dynamic`. */
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

const NO_LAYER = "is in no layer: add it to scripts/check_layers.ts";
const THIRD_PARTY = "it is third-party, give it a name in lib/deps.ts";
const BARE = "an import map does not travel, write a relative path or node:";
const UNPINNED = "it is not one exact version, write npm:name@1.2.3";
const EAGER = "it must load on demand, write await import() or import type";

const RIGHT: readonly Case[] = [
  { name: "no file at all", tree: {}, findings: [] },
  {
    name: "places below",
    tree: {
      "lib/util/errors.ts": ["node:path", "./fs.ts"],
      "lib/journal/format.ts": ["type ../util/errors.ts", "../../deno.json"],
      "lib/job/plan/plan.ts": ["../../engines/mod.ts", "type ../../engines/engine.ts"],
      "lib/engines/slurm/slurm.ts": ["../batch/scheduler.ts", "../local/local.ts"],
      "mod.ts": ["./lib/api/job.ts", "./lib/util/errors.ts"],
      "cli.ts": ["./lib/cli/mod.ts"],
      "tests/unit/a_test.ts": ["../../tools/a.ts", "../../lib/job/plan/plan.ts"],
    },
    findings: [],
  },
  {
    name: "private files of the own folder, and files that load on demand",
    tree: {
      "lib/engines/mod.ts": ["dynamic ./local/local.ts", "type ./slurm/slurm.ts"],
      "lib/job/plan/plan.ts": ["./_parts.ts"],
      "lib/cli/mod.ts": ["dynamic ./run.ts", "./output.ts"],
      "lib/cli/repl.ts": ["../../repl/mod.ts"],
    },
    findings: [],
  },
  {
    name: "third-party packages in their one file, and in files that no user imports",
    tree: {
      "lib/deps.ts": ["npm:a@1.2.3/b.js", "dynamic npm:@a/b@1.2.3", "type npm:a@1.2.3-rc.1"],
      "tests/assert.ts": ["npm:a@1.2.3", "dl_jobs"],
      "examples/sum/sum.ts": ["npm:a@1.2.3", "dl_jobs"],
    },
    findings: [],
  },
];

const WRONG: readonly Case[] = [
  {
    name: "a folder above, within lib/job",
    tree: {
      "lib/job/report/summary.ts": ["../run/start.ts"],
      "lib/job/inspect/why.ts": ["../query/sql_rows.ts", "../run/start.ts"],
    },
    findings: [
      "lib/job/report/summary.ts:1 imports lib/job/run/start.ts: lib/job/run is above " +
      "lib/job/report, move what both need to lib/job/report or below",
      "lib/job/inspect/why.ts:1 imports lib/job/query/sql_rows.ts: lib/job/query is beside " +
      "lib/job/inspect, move what both need below both",
    ],
  },
  {
    name: "a place above, by a static, a dynamic or a type import",
    tree: {
      "lib/tasks/source.ts": ["../util/errors.ts", "../job/plan/plan.ts"],
      "lib/worker/invoke.ts": ["dynamic ../engines/local/local.ts"],
      "lib/job/plan/plan.ts": ["type ../../../mod.ts"],
      "scripts/test.ts": ["../tests/support/assert.ts"],
    },
    findings: [
      "lib/tasks/source.ts:2 imports lib/job/plan/plan.ts: lib/job/plan is above lib/tasks, " +
      "move what both need to lib/tasks or below",
      "lib/worker/invoke.ts:1 imports lib/engines/local/local.ts: lib/engines/local is above " +
      "lib/worker, move what both need to lib/worker or below",
      "lib/job/plan/plan.ts:1 imports mod.ts: mod.ts is above lib/job/plan, " +
      "move what both need to lib/job/plan or below",
      "scripts/test.ts:1 imports tests/support/assert.ts: tests is above scripts, " +
      "move what both need to scripts or below",
    ],
  },
  {
    name: "a place beside",
    tree: {
      "lib/engines/slurm/slurm.ts": ["../compute/http.ts"],
      "cli.ts": ["./mod.ts"],
    },
    findings: [
      "lib/engines/slurm/slurm.ts:1 imports lib/engines/compute/http.ts: lib/engines/compute " +
      "is beside lib/engines/slurm, move what both need below both",
      "cli.ts:1 imports mod.ts: mod.ts is beside cli.ts, move what both need below both",
    ],
  },
  {
    name: "a private file of another folder, also within one layer",
    tree: {
      "lib/job/plan/plan.ts": ["../../tasks/_counts.ts"],
      "tests/unit/a_test.ts": ["../support/_files.ts"],
    },
    findings: [
      "lib/job/plan/plan.ts:1 imports lib/tasks/_counts.ts: it is private to its folder",
      "tests/unit/a_test.ts:1 imports tests/support/_files.ts: it is private to its folder",
    ],
  },
  {
    name: "at once, what should load on demand",
    tree: { "lib/cli/mod.ts": ["./run.ts"], "lib/engines/mod.ts": ["./local/local.ts"] },
    findings: [
      `lib/cli/mod.ts:1 imports lib/cli/run.ts: ${EAGER}`,
      `lib/engines/mod.ts:1 imports lib/engines/local/local.ts: ${EAGER}`,
    ],
  },
  {
    name: "a file in no layer, and an import of one",
    tree: { "lib/new.ts": ["./gone.ts"], "lib/job/plan/plan.ts": ["../../new.ts"], "new.ts": [] },
    findings: [
      `lib/new.ts:1 ${NO_LAYER}`,
      "lib/job/plan/plan.ts:1 imports lib/new.ts: it is in no layer",
      `new.ts:1 ${NO_LAYER}`,
    ],
  },
  {
    name: "a third-party package outside its one file",
    tree: {
      "lib/job/plan/plan.ts": ["npm:a@1.2.3", "dynamic jsr:@a/b@1.2.3", "type https://a.test/b.ts"],
    },
    findings: [
      `lib/job/plan/plan.ts:1 imports npm:a@1.2.3: ${THIRD_PARTY}`,
      `lib/job/plan/plan.ts:2 imports jsr:@a/b@1.2.3: ${THIRD_PARTY}`,
      `lib/job/plan/plan.ts:3 imports https://a.test/b.ts: ${THIRD_PARTY}`,
    ],
  },
  {
    name: "a bare name",
    tree: { "lib/job/plan/plan.ts": ["dl_jobs", "fs", "/etc/a.ts"], "repl/mod.ts": ["type a/b"] },
    findings: [
      `lib/job/plan/plan.ts:1 imports dl_jobs: ${BARE}`,
      `lib/job/plan/plan.ts:2 imports fs: ${BARE}`,
      `lib/job/plan/plan.ts:3 imports /etc/a.ts: ${BARE}`,
      `repl/mod.ts:1 imports a/b: ${BARE}`,
    ],
  },
  {
    name: "a version that is not exact, anywhere",
    tree: {
      "lib/deps.ts": ["npm:a", "npm:a@1", "npm:@a/b@^1.2.3", "jsr:@a/b@1.2.3"],
      "tests/a_test.ts": ["npm:a@1.2"],
      "bench/main.ts": ["dynamic npm:@a/b/c.js"],
      "examples/sum/sum.ts": ["https://a.test/b.ts"],
    },
    findings: [
      `lib/deps.ts:1 imports npm:a: ${UNPINNED}`,
      `lib/deps.ts:2 imports npm:a@1: ${UNPINNED}`,
      `lib/deps.ts:3 imports npm:@a/b@^1.2.3: ${UNPINNED}`,
      `lib/deps.ts:4 imports jsr:@a/b@1.2.3: ${UNPINNED}`,
      `tests/a_test.ts:1 imports npm:a@1.2: ${UNPINNED}`,
      `bench/main.ts:1 imports npm:@a/b/c.js: ${UNPINNED}`,
      `examples/sum/sum.ts:1 imports https://a.test/b.ts: ${UNPINNED}`,
    ],
  },
  {
    name: "a cycle, also of one file or of types, in the tests too",
    tree: {
      "repl/mod.ts": ["./loop.ts"],
      "repl/loop.ts": ["node:path", "type ./session.ts"],
      "repl/session.ts": ["dynamic ./mod.ts"],
      "tests/self.ts": ["./self.ts"],
    },
    findings: [
      "repl/session.ts:1 imports repl/mod.ts: it closes the cycle " +
      "repl/mod.ts > repl/loop.ts > repl/session.ts > repl/mod.ts",
      "tests/self.ts:1 imports tests/self.ts: it closes the cycle " +
      "tests/self.ts > tests/self.ts",
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

Deno.test("checkLayers() names a file that cannot be read", () => {
  assertEquals(
    checkLayers([{
      path: "lib/job/plan/plan.ts",
      imports: [],
      error: "SyntaxError: Expected ','",
    }]),
    ["lib/job/plan/plan.ts:1 cannot be read: SyntaxError: Expected ','"],
  );
});

async function runScript(...args: string[]): Promise<{ code: number; stdout: string }> {
  const script = new URL("../../../scripts/check_layers.ts", import.meta.url).href;
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
    await Deno.mkdir(`${root}/lib/util`);
    await Deno.writeTextFile(
      `${root}/lib/util/errors.ts`,
      [
        '// import "./in_a_comment.ts";',
        'import type { Job } from "../job/plan/plan.ts";',
        'export const load = () => import("../engines/local/local.ts");',
        'export type Build = typeof import("npm:esbuild@0.28.2");',
        "export type { Job };",
      ].join("\n"),
    );
    await Deno.mkdir(`${root}/lib/job/plan`, { recursive: true });
    await Deno.writeTextFile(`${root}/lib/job/plan/plan.ts`, "export type Job = 1;");
    await Deno.mkdir(`${root}/lib/engines/local`, { recursive: true });
    await Deno.writeTextFile(`${root}/lib/engines/local/local.ts`, "export {};");
    assertEquals(await runScript(root), {
      code: 1,
      stdout: [
        "lib/util/errors.ts:2 imports lib/job/plan/plan.ts: lib/job/plan is above lib/util, " +
        "move what both need to lib/util or below",
        "lib/util/errors.ts:3 imports lib/engines/local/local.ts: lib/engines/local is above " +
        "lib/util, move what both need to lib/util or below",
        `lib/util/errors.ts:4 imports npm:esbuild@0.28.2: ${THIRD_PARTY}`,
        "",
      ].join("\n"),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
