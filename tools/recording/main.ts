/**
 * Records the animation in README.md: `deno run -A tools/recording/main.ts`.
 *
 * Runs the countries example in a real terminal and turns its screens into `docs/run.svg`. Each
 * country is slowed down to a realistic task time.
 *
 * @module
 */

import { dirname } from "node:path";
import { Tmux } from "../support/tmux.ts";
import { type Frame, toSvg } from "./svg.ts";

const ROOT = dirname(dirname(import.meta.dirname!));
const COLUMNS = 96, ROWS = 11, EVERY_MS = 150;
const COMMAND = "dl_jobs map countries.measure countries.ndjson > areas.ndjson";

/** The example, slowed down. It fails for shapes that cross the date line. */
const COUNTRIES = `
  import { measure as measureNow } from "${ROOT}/examples/countries/run/countries.ts";
  export async function measure(country) {
    const { geometry: { coordinates }, properties: { name } } = country;
    const points = coordinates.flat(2);
    await new Promise((resolve) => setTimeout(resolve, 20 + points.length / 3));
    if (points.some(([lon]) => Math.abs(lon) > 180)) throw new RangeError("it crosses the date line");
    if (points.length > 500) console.log(name + " has " + points.length + " points");
    return measureNow({ country, digits: 2 });
  }
`;

const frames = await record();
const svg = toSvg(frames, { columns: COLUMNS, rows: ROWS });
await Deno.mkdir(`${ROOT}/docs`, { recursive: true });
await Deno.writeTextFile(`${ROOT}/docs/run.svg`, svg);
console.log(`docs/run.svg: ${frames.length} frames, ${svg.length} bytes`);

/** Returns the screens of the terminal from the start of the job to its end. */
async function record(): Promise<Frame[]> {
  const folder = await Deno.makeTempDir();
  try {
    await prepare(folder);
    Deno.chdir(folder);
    await using tmux = await Tmux.start(["sh", "-c", await script(folder)], {
      columns: COLUMNS,
      rows: ROWS,
    });
    return await watch(tmux);
  } finally {
    Deno.chdir(ROOT);
    await Deno.remove(folder, { recursive: true });
  }
}

async function prepare(folder: string): Promise<void> {
  const { loadCountries } = await import("../../examples/countries/shapes.ts");
  const lines = loadCountries().map((country) => JSON.stringify(country) + "\n");
  await Deno.writeTextFile(`${folder}/countries.ndjson`, lines.join(""));
  await Deno.writeTextFile(`${folder}/countries.ts`, COUNTRIES);
}

/** Returns a shell script that prints the command as if it were typed, and then runs it. */
async function script(folder: string): Promise<string> {
  const cli = `${Deno.execPath()} run -A --no-check ${ROOT}/cli.ts`;
  await Deno.writeTextFile(`${folder}/dl_jobs`, `#!/bin/sh\nexec ${cli} "$@"\n`, { mode: 0o755 });
  return `printf '$ ${COMMAND}\\n'; PATH=.:$PATH; ${COMMAND}`;
}

async function watch(tmux: Tmux): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (const begun = performance.now();;) {
    const rows = await tmux.painted();
    const end = rows.findIndex((row) => row.startsWith("status "));
    frames.push({ ms: performance.now() - begun, rows: end < 0 ? rows : rows.slice(0, end) });
    if (end >= 0) return frames;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
