/**
 * The memory and the disk space of a job, as the list grows.
 *
 * @module
 */

import { STORE } from "../lib/job_dir/layout.ts";
import { listJobs } from "../lib/job_dir/find.ts";
import { countLines } from "../lib/util/files/fs.ts";
import { makeFolder } from "../tools/support/files.ts";
import { WORKERS } from "./cases.ts";
import { writeList } from "./lines.ts";
import {
  CLI,
  commandOf,
  denoRun,
  IS_QUICK,
  removeJobs,
  roundsOf,
  settleDisk,
  watchPeak,
} from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(3);
const LENGTHS = IS_QUICK ? [1e4, 1e6] : [1e4, 1e6, 1e7];

/** The cost of one job. */
interface Sizes {
  readonly peak: number;
  readonly journal: number;
  readonly folder: number;
}

/** Runs a job on a list of each length, in turn. */
export async function* bench(): AsyncGenerator<Report> {
  const title = `Peak memory of the controller of map, with ${WORKERS} workers, no-op tasks; ` +
    `median of ${ROUNDS} rounds`;
  // Only Linux reports the memory of another process.
  if (Deno.build.os !== "linux") {
    yield { title: `${title} (skipped: needs /proc)`, rows: [] };
    return;
  }
  await using folder = await makeFolder({ "tasks.js": "export const square = (x) => x * x;\n" });
  for (const length of LENGTHS) {
    writeList(`${folder.path}/${length}.ndjson`, length, (index) => index);
  }
  const found = LENGTHS.map((): Sizes[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, length] of LENGTHS.entries()) {
      found[index]!.push(await runOnce(length, folder.path));
    }
  }
  const peaks = found.map((sizes) => median(sizes.map(({ peak }) => peak)));
  yield {
    title,
    rows: LENGTHS.map((tasks, index) => ({
      tasks,
      "peak MB": round(peaks[index]! / 1e6),
      "times the first": round(peaks[index]! / peaks[0]!),
      "journal bytes/task": round(found[index]!.at(-1)!.journal / tasks),
      "folder bytes/task": round(found[index]!.at(-1)!.folder / tasks),
    })),
  };
}

async function runOnce(length: number, cwd: string): Promise<Sizes> {
  await settleDisk();
  const flags = ["-o", "output.ndjson", "--workers", `${WORKERS}`];
  const map = denoRun(CLI, "map", "tasks.js#square", `${length}.ndjson`, ...flags);
  const child = commandOf(map, cwd, { stderr: "null" }).spawn();
  const peak = await watchPeak(child);
  const { success } = await child.status;
  const results = countLines(`${cwd}/output.ndjson`);
  if (!success || results !== length) {
    throw new Error(`Cannot measure map of ${length} tasks: it gave ${results} results`);
  }
  const [id] = listJobs(cwd);
  const files = [...Deno.readDirSync(`${cwd}/${STORE}/${id}`)]
    .map(({ name }) => [name, Deno.statSync(`${cwd}/${STORE}/${id}/${name}`).size] as const);
  const journal = files.find(([name]) => name === "events.ndjson")![1];
  const sizes = { peak, journal, folder: files.reduce((sum, [, size]) => sum + size, 0) };
  await removeJobs(cwd);
  return sizes;
}
