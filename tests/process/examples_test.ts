import { dirname } from "node:path";
import { area, measure } from "../../examples/countries/run/countries.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { endOf } from "../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const ROOT = dirname(dirname(import.meta.dirname!));
const EXAMPLES = `${ROOT}/examples`;

Deno.test("countries.area measures 177 countries that make up the land of the world", async () => {
  await using folder = await makeFolder();
  await copyCountries(folder);
  const { status, stderr } = await dlJobs(["run", "countries.area"], folder);
  assertEquals(status, 0, stderr);
  const results = await readLines(folder, "results");
  assertEquals(results.length, 177);
  const sum = results.reduce((sum, { area }) => sum + area, 0);
  assert(sum > 1.35e14 && sum < 1.55e14, `the areas sum to ${sum}`);
});

Deno.test("countries.area selects countries by the start of their names", async () => {
  await using folder = await makeFolder();
  await copyCountries(folder);
  const { status, stdout, stderr } = await dlJobs(["run", "countries.area", "name=Fra"], folder);
  assertEquals(status, 0, stderr);
  assertEquals(parseLines(stdout), [
    { name: "France", area: 643837591594, centroid: [-10.65, 35.54] },
  ]);
});

Deno.test("borders.measure measures the countries of a GeoJSON file", async () => {
  await using folder = await makeFolder();
  const script = `${EXAMPLES}/countries/write_geojson.ts`;
  const { stdout: geojson } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script],
  })
    .output();
  await Deno.writeFile(`${folder.path}/countries.geojson`, geojson);
  const task = `${EXAMPLES}/countries/borders.ts#measure`;
  const { status, stdout, stderr } = await dlJobs(["map", task, "countries.geojson"], folder);
  assertEquals(status, 0, stderr);
  const notice = "countries.geojson is a FeatureCollection of 177 features, a task each";
  assertStringIncludes(stderr, notice);
  const results = parseLines(stdout);
  const lesotho = results.find(({ name }) => name === "Lesotho");
  assertEquals(lesotho, { name: "Lesotho", area: 27532020033, borders: 654 });
  const areas = area({}).options.argsList as Parameters<typeof measure>[0][];
  const byName = (a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1;
  assertEquals(
    results.map(({ name, area }) => ({ name, area })).sort(byName),
    areas.map(measure).map(({ name, area }) => ({ name, area })).sort(byName),
  );
});

Deno.test("measure() keeps a country that crosses the date line in one piece", () => {
  const areas = ["Fiji", "Russia", "Antarctica"].map((name) => measure(taskOf(name)).area / 1e9);
  const [fiji, russia, antarctica] = areas.map(Math.round);
  // Thousands of square kilometres.
  assertEquals([fiji, russia, antarctica], [19, 16927, 12238]);
});

Deno.test("area() creates tasks that contain all their data", () => {
  const task = taskOf("Fiji");
  assertEquals(JSON.parse(JSON.stringify(task)), task);
  assertEquals(task.country.id, "242");
  assertEquals(task.digits, 2);
});

Deno.test("square.ts squares each number", async () => {
  await using folder = await makeFolder();
  const args = ["map", `${EXAMPLES}/square.ts#square`, "--ordered"];
  const { status, stdout, stderr } = await dlJobs(args, folder, "1\n-2\n0.5\n");
  assertEquals(status, 0, stderr);
  assertEquals(stdout, "1\n4\n0.25\n");
});

Deno.test("shell.ts calls programs with a file's name as one argument", async (t) => {
  await using folder = await makeFolder({ "a.txt": "1\n2\n", "b $c.txt": "" });
  const list = '"a.txt"\n"b $c.txt"\n';
  await t.step("lines", async () => {
    const args = ["map", `${EXAMPLES}/shell.ts#lines`, "--ordered"];
    const { status, stdout, stderr } = await dlJobs(args, folder, list);
    assertEquals(status, 0, stderr);
    assertEquals(parseLines(stdout), [
      { path: "a.txt", lines: 2 },
      { path: "b $c.txt", lines: 0 },
    ]);
  });
  await t.step("digest", async () => {
    const args = ["map", `${EXAMPLES}/shell.ts#digest`, "--ordered"];
    const { status, stdout, stderr } = await dlJobs(args, folder, list);
    assertEquals(status, 0, stderr);
    assertEquals(parseLines(stdout), [
      { path: "a.txt", sha256: await sha256("1\n2\n") },
      { path: "b $c.txt", sha256: await sha256("") },
    ]);
  });
});

Deno.test("shell.ts fails the task whose program fails, and no other", async () => {
  await using folder = await makeFolder({ "a.txt": "1\n" });
  const args = ["map", `${EXAMPLES}/shell.ts#lines`];
  const { status, stdout } = await dlJobs(args, folder, '"nope.txt"\n"a.txt"\n');
  assertEquals(status, 1);
  assertEquals(parseLines(stdout), [{ path: "a.txt", lines: 1 }]);
  const [error, ...more] = await readLines(folder, "errors");
  assertEquals(more, []);
  assertStringIncludes(error!.ERROR, "nope.txt: No such file or directory");
  assertEquals(error!.ARGS, "nope.txt");
});

// Debian's packages belong to Debian's interpreter.
const PYTHON = "/usr/bin/python3";
const whyNoGdal = await whyNoProgram(PYTHON, {
  from: "python3-gdal",
  args: ["-c", "import numpy; from osgeo import gdal"],
});

Deno.test({
  name: `ndvi.py writes an image for each scene, and returns its mean${skipSuffix(whyNoGdal)}`,
  ignore: whyNoGdal !== undefined,
  async fn() {
    await using folder = await makeFolder();
    for (const file of ["ndvi.py", "make_scenes.py"]) {
      await folder.write(file, await Deno.readTextFile(`${EXAMPLES}/ndvi/${file}`));
    }
    const { path: cwd } = folder;
    const make = new Deno.Command(PYTHON, { args: ["make_scenes.py", "4"], cwd });
    const list = new TextDecoder().decode((await make.output()).stdout);
    const args = ["map", "ndvi.py#ndvi", "--ordered", "--python", PYTHON];
    const { status, stdout, stderr } = await dlJobs(args, folder, list);
    assertEquals(status, 0, stderr);
    assertEquals(parseLines(stdout), [
      { path: "ndvi/00.tif", mean: 0.0759, vegetation: 0, pixels: 4032 },
      { path: "ndvi/01.tif", mean: 0.1206, vegetation: 0.0625, pixels: 4032 },
      { path: "ndvi/02.tif", mean: 0.1653, vegetation: 0.125, pixels: 4032 },
      { path: "ndvi/03.tif", mean: 0.2099, vegetation: 0.1875, pixels: 4032 },
    ]);
    const script = "from osgeo import gdal; print(gdal.Info('ndvi/03.tif', computeMinMax=True))";
    const info = await new Deno.Command(PYTHON, { args: ["-c", script], cwd }).output();
    const text = new TextDecoder().decode(info.stdout);
    for (const part of ["WGS 84 / UTM zone 17S", "Computed Min/Max=", "NoData Value=nan"]) {
      assertStringIncludes(text, part);
    }
  },
});

const whyNoGm = await whyNoProgram("gm", { from: "graphicsmagick", args: ["version"] });

Deno.test({
  name: `the commands in thumbnails/README.md write an image for each${skipSuffix(whyNoGm)}`,
  ignore: whyNoGm !== undefined,
  async fn() {
    await using folder = await makeFolder();
    const readme = await Deno.readTextFile(`${EXAMPLES}/thumbnails/README.md`);
    const [, commands = ""] = /```sh\n([^]*?)```/.exec(readme) ?? [];
    const script = "make_photos.sh";
    await folder.write(script, await Deno.readTextFile(`${EXAMPLES}/thumbnails/${script}`));
    const dl = `dl_jobs() { "${Deno.execPath()}" run -A "${ROOT}/cli.ts" "$@"; }\n`;
    const bash = async (text: string) => {
      const { stdout } = await new Deno.Command("bash", { args: ["-euc", text], cwd: folder.path })
        .output();
      return new TextDecoder().decode(stdout);
    };
    await bash(dl + commands);
    const sizes = await bash("gm identify -format '%f %wx%h\\n' small/* | sort");
    assertEquals(
      sizes.trim().split("\n"),
      [1, 2, 3, 4, 5, 6].map((i) => `it's photo ${i}.png 64x48`),
    );
  },
});

Deno.test("the cells of the notebook run in their order", async () => {
  const notebook = JSON.parse(await Deno.readTextFile(`${EXAMPLES}/notebook/collatz.ipynb`));
  const cells = notebook.cells as { cell_type: string; source: string[] }[];
  const code = cells.filter(({ cell_type }) => cell_type === "code")
    .map(({ source }) => source.join("").replace("../../mod.ts", `${ROOT}/mod.ts`)).join("\n");
  await using folder = await makeFolder({ "cells.ts": code });
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--check", "cells.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stdout), "{ n: 871, steps: 178 }\n", decoder.decode(stderr));
});

/** A line of a job's output. */
// deno-lint-ignore no-explicit-any -- whatever the example returns
type Line = any;

/** Returns the task of a country. */
function taskOf(name: string): Parameters<typeof measure>[0] {
  const tasks = area({ name }).options.argsList as Parameters<typeof measure>[0][];
  return tasks.find(({ country }) => country.properties.name === name)!;
}

async function copyCountries(folder: Folder): Promise<void> {
  for (const file of ["run/countries.ts", "shapes.ts"]) {
    await folder.write(file, await Deno.readTextFile(`${EXAMPLES}/countries/${file}`));
  }
}

/** Runs the command in a folder, as a user does. */
async function dlJobs(args: readonly string[], { path }: Folder, input = "") {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}/cli.ts`, ...args],
    cwd: path,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code: status, ...said } = await endOf(child, input);
  return { status, ...said };
}

/** Returns the lines of the only file in a folder. */
async function readLines({ path }: Folder, dir: string): Promise<Line[]> {
  const files = await Array.fromAsync(Deno.readDir(`${path}/${dir}`));
  assertEquals(files.length, 1);
  return parseLines(await Deno.readTextFile(`${path}/${dir}/${files[0]!.name}`));
}

function parseLines(text: string): Line[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
