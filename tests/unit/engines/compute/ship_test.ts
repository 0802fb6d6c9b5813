import { loadFflate } from "../../../../lib/deps.ts";
import { ENTRYPOINT } from "../../../../lib/engines/compute/entrypoint.ts";
import { ship } from "../../../../lib/engines/compute/ship.ts";
import type { Shipment } from "../../../../lib/job_dir/record.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { enterFolder } from "../../../support/jobs.ts";

type Files = Readonly<Record<string, string>>;

/** Files that every job has. */
const JOB: Files = { ".dl_jobs/job/bundle.js": "export default 1;" };

/** Ships from the working directory. */
async function pack(shipment: Partial<Shipment> = {}) {
  const folder = `${Deno.cwd()}/.dl_jobs/job`;
  const given = { modules: [], requirements: [], data: [], ...shipment };
  return await ship({ folder, bundle: `${folder}/bundle.js`, ship: given }, "2.9.6");
}

/** Returns the content of the zip of some files. */
async function unpack(files: Files, shipment: Partial<Shipment>, env: Files = {}) {
  await using _folder = await enterFolder({ ...JOB, ...files });
  using _env = useEnv(env);
  const { zip, names, warnings } = await pack(shipment);
  const { unzipSync, strFromU8 } = await loadFflate();
  const members = Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, strFromU8(bytes)]);
  assertEquals<readonly unknown[]>(members.map(([name]) => name), names);
  return { members: Object.fromEntries(members) as Files, warnings };
}

const OWN = [
  ...["__dlentrypoint__.py", "dl_jobs/__init__.py", "dl_jobs/bundle.js"],
  ...["dl_jobs/on_platform.js", "requirements.txt"],
];

/** Returns the paths in a zip besides those of every job. */
async function namesOf(files: Files, shipment: Partial<Shipment>, env?: Files): Promise<string[]> {
  const { members } = await unpack(files, shipment, env);
  return Object.keys(members).filter((name) => !OWN.includes(name)).sort();
}

async function refusal(files: Files, shipment: Partial<Shipment>): Promise<string> {
  await using folder = await enterFolder({ ...JOB, ...files });
  const { message } = await assertRejects(() => pack(shipment), UsageError);
  return message.replaceAll(folder.path, "HERE");
}

Deno.test("ship() packs the programs, and no other files", async () => {
  const { members, warnings } = await unpack({ "other.py": "" }, {});
  assertEquals(Object.keys(members).sort(), OWN);
  assertEquals([members["__dlentrypoint__.py"], warnings], [ENTRYPOINT, []]);
  assertEquals(members["dl_jobs/bundle.js"], "export default 1;");
  assertEquals(members["requirements.txt"], "deno==2.9.6");
});

Deno.test("ship() packs the same sources to the same bytes, in any folder", async () => {
  const files = { "p/__init__.py": "", "p/b.py": "2", "p/a.py": "1", "p/c/d.py": "3", "x.csv": "" };
  const shipment = { modules: ["p"], data: ["*.csv"] };
  const zipOf = async (files: Files) => {
    await using folder = await enterFolder({ ...JOB, ...files });
    const { zip, names } = await pack(shipment);
    // The time of a file has no effect.
    for (const name of Object.keys(files)) {
      await Deno.utime(`${folder.path}/${name}`, 1e9, 1e9);
    }
    assertEquals((await pack(shipment)).zip, zip);
    return { zip, names };
  };
  const one = await zipOf(files);
  const two = await zipOf(Object.fromEntries(Object.entries(files).reverse()));
  assertEquals(two.zip, one.zip);
  assertEquals(one.names, one.names.toSorted(), "in an order that no disk decides");
});

Deno.test("ship() writes the requirements as pip reads them", async (t) => {
  const file = "# for maps\n\nnumpy>=2\n  \n  scipy [all] ~= 1.1 ; python_version > '3'\r\n";
  const deno = "deno==2.9.6";
  const cases: [name: string, given: readonly string[] | string, lines: string[]][] = [
    ["a list", ["numpy", "torch==2.1+cpu"], [deno, "numpy", "torch==2.1+cpu"]],
    ["options and addresses", ["-i x", "https://x.org/a.whl", "a @ https://x.org/a.whl"], [
      ...[deno, "-i x", "https://x.org/a.whl", "a @ https://x.org/a.whl"],
    ]],
    ["repositories", ["git+https://x.org/a.git@v1", "git+ssh://git@x.org/a.git"], [
      ...[deno, "git+https://x.org/a.git@v1", "git+ssh://git@x.org/a.git"],
    ]],
    ["a file", "needs.txt", [
      ...[deno, "# for maps", "numpy>=2", "scipy [all] ~= 1.1 ; python_version > '3'"],
    ]],
    ["a version of Deno", ["Deno==2.8.0", "numpy"], ["Deno==2.8.0", "numpy"]],
    ["what is called like it", ["deno-tools", "denot"], [deno, "deno-tools", "denot"]],
  ];
  for (const [name, requirements, lines] of cases) {
    await t.step(name, async () => {
      const { members } = await unpack({ "needs.txt": file }, { requirements });
      assertEquals(members["requirements.txt"]!.split("\n"), lines);
    });
  }
  for (const wrong of ["numpy 2", "numpy>=", "=2", "a b", "./local"]) {
    await t.step(`not "${wrong}"`, async () => {
      assertEquals(
        await refusal({}, { requirements: ["scipy", wrong] }),
        `Cannot use the requirement "${wrong}": write it as pip accepts it, such as numpy>=2`,
      );
    });
  }
  await t.step("a missing file", async () => {
    const message = await refusal({}, { requirements: "none.txt" });
    assertStringIncludes(message, "Cannot read the requirements in none.txt: ");
    assertStringIncludes(message, ", write the path of a file or folder, or a list");
  });
});

Deno.test("ship() packs modules at the paths by which they are imported", async (t) => {
  const files = {
    "top.py": "",
    "p/__init__.py": "",
    "p/a.py": "",
    "p/fast.pyx": "",
    "p/notes.txt": "",
    "p/q/__init__.py": "",
    "p/q/b.py": "",
    "bare/c.py": "",
    "elsewhere/far.py": "",
  };
  const cases: [name: string, modules: string[], names: string[], env?: Files][] = [
    ["a file", ["top"], ["top.py"]],
    ["a package with all below it", ["p"], [
      ...["p/__init__.py", "p/a.py", "p/fast.pyx", "p/q/__init__.py", "p/q/b.py"],
    ]],
    ["a module with what is around it", ["p.q.b"], [
      ...["p/__init__.py", "p/q/__init__.py", "p/q/b.py"],
    ]],
    ["a package in a package", ["p.q"], ["p/__init__.py", "p/q/__init__.py", "p/q/b.py"]],
    ["one that is compiled", ["p.fast"], ["p/__init__.py", "p/fast.pyx"]],
    ["several, once each", ["p.a", "p.fast", "p.a"], ["p/__init__.py", "p/a.py", "p/fast.pyx"]],
    ["below PROJECT_DIR", ["far", "top"], ["far.py", "top.py"], { PROJECT_DIR: "elsewhere" }],
  ];
  for (const [name, modules, names, env] of cases) {
    await t.step(name, async () => assertEquals(await namesOf(files, { modules }, env), names));
  }
  const wrong: [module: string, message: string][] = [
    ["none", "there is no none.py and no none/__init__.py in HERE"],
    ["p.none", "there is no p/none.py and no p/none/__init__.py in HERE"],
    ["bare", "there is no bare.py and no bare/__init__.py in HERE"],
    ["bare.c", "HERE/bare/__init__.py is missing, create an empty file there"],
  ];
  for (const [module, message] of wrong) {
    await t.step(`not ${module}`, async () => {
      const said = await refusal(files, { modules: [module] });
      assertEquals(said, `Cannot ship the module ${module}: ${message}`);
    });
  }
});

Deno.test("ship() packs data at their paths below the import root", async (t) => {
  const files = { "d/a.csv": "", "d/b.csv": "", "d/sub/c.csv": "", "requirements.txt": "" };
  const cases: [name: string, data: string[], names: string[], warnings?: string[]][] = [
    ["a file", ["d/a.csv"], ["d/a.csv"]],
    ["a pattern", ["d/*.csv"], ["d/a.csv", "d/b.csv"]],
    ["a pattern that finds a folder, too", ["d/*"], ["d/a.csv", "d/b.csv"]],
    ["at any depth", ["d/**/c.csv"], ["d/sub/c.csv"]],
    ["one twice", ["d/a.csv", "./d/a.csv"], ["d/a.csv"]],
    ["a pattern that finds nothing", ["*.tif"], [], ["no data file matches *.tif"]],
  ];
  for (const [name, data, names, warnings = []] of cases) {
    await t.step(name, async () => {
      const found = await unpack(files, { data });
      const more = Object.keys(found.members).filter((name) => !OWN.includes(name)).sort();
      assertEquals([more, found.warnings], [names, warnings]);
    });
  }
  const wrong: [data: string, message: string][] = [
    ["none.csv", "no such file (relative paths start at HERE)"],
    ["d", "it is a folder, write d/*"],
    ["requirements.txt", "dl_jobs uses this path in the zip, rename the file"],
    [Deno.execPath(), "it is not in HERE"],
  ];
  for (const [data, message] of wrong) {
    await t.step(`not ${data}`, async () => {
      const said = await refusal(files, { data: [data] });
      assertEquals(said, `Cannot ship the data ${data}: ${message}`);
    });
  }
});

Deno.test("ship() packs folders without __init__.py for a function in Python", async (t) => {
  await using folder = await enterFolder({ "bundle.py": "", "bare/a.py": "", "bare/b/c.py": "" });
  const cases = { "bare": ["bare/a.py", "bare/b/c.py"], "bare.b": ["bare/b/c.py"] };
  for (const [name, expected] of Object.entries(cases)) {
    await t.step(name, async () => {
      const shipment = { modules: [name], requirements: [], data: [] };
      const bundle = `${folder.path}/bundle.py`;
      const { names } = await ship({ folder: folder.path, bundle, ship: shipment }, "2.9.6");
      assertEquals(names.filter((path) => path.startsWith("bare/")), expected);
    });
  }
});
