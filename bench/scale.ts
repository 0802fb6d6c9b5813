/**
 * The CPU time of the controller: per task, per byte of a result, and per second that a worker is
 * busy. It is what limits the number of workers, see docs/why/scale.md.
 *
 * Each figure is the slope between two jobs that differ in one number, so the start has no part.
 *
 * @module
 */

import { SshHosts } from "../tools/ssh_hosts/hosts.ts";
import { whyNoHosts } from "../tools/ssh_hosts/install.ts";
import { type Folder, makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import { denoRun, here, IS_QUICK, removeJobs, roundsOf, runProgram } from "./process.ts";
import { median, type Report, round } from "./report.ts";

const JOB = here("scale_job.ts");
const ROUNDS = roundsOf(5);
const TASK = `export const task = ({ ms, bytes }) => {
  const result = "x".repeat(bytes);
  return ms === 0 ? result : new Promise((resolve) => setTimeout(resolve, ms, result));
};
`;

/** A job, in which every task takes as long and returns as much. */
interface Shape {
  readonly tasks: number;
  readonly ms: number;
  readonly bytes: number;
  readonly workers: number;
}

/** The small and the large job of a row. */
type Pair = readonly [name: string, small: Shape, large: Shape, unit: (of: Shape) => number];

const tasksOf = ({ tasks }: Shape) => tasks;
const bytesOf = ({ tasks, bytes }: Shape) => tasks * bytes / 1e6;
const workerSeconds = ({ tasks, ms }: Shape) => tasks * ms / 1000;
const short = { ms: 0, bytes: 1, workers: 2 };
const PAIRS: readonly Pair[] = [
  ["us per task of less than 1 ms", ...grown({ ...short, tasks: 250_000 }), tasksOf],
  ["us per task of 1 ms", ...grown({ tasks: 20_000, ms: 1, bytes: 1, workers: 4 }), tasksOf],
  ["us per task of 100 ms", ...grown({ tasks: 1000, ms: 100, bytes: 1, workers: 20 }), tasksOf],
  [
    "us per MB of results of 1 KB",
    { ...short, tasks: 50_000 },
    { ...short, tasks: 50_000, bytes: 1000 },
    bytesOf,
  ],
  [
    "us per MB of results of 1 MB",
    { ...short, tasks: 200 },
    { ...short, tasks: 200, bytes: 1e6 },
    bytesOf,
  ],
  [
    "us per busy second of a worker",
    { tasks: 20, ms: 2000, bytes: 1, workers: 20 },
    { tasks: 20, ms: 12_000, bytes: 1, workers: 20 },
    workerSeconds,
  ],
];

function grown(small: Shape): [Shape, Shape] {
  return [small, { ...small, tasks: small.tasks * 4 }];
}

function scaled(shape: Shape): Shape {
  return IS_QUICK ? { ...shape, tasks: Math.ceil(shape.tasks / 100) } : shape;
}

/** Measures the controller of workers on this machine, and of workers on an ssh host. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder({ "tasks.mjs": TASK });
  const why = whyNoHosts();
  await using hosts = why ? undefined : await SshHosts.up({ install: true });
  const rows = [];
  for (const pair of PAIRS) {
    const local = round(await slopeOf(pair, folder));
    rows.push({
      figure: pair[0],
      local,
      ssh: hosts ? round(await slopeOf(pair, folder, hosts)) : "",
    });
  }
  const note = why ? ` (ssh skipped: ${why})` : "";
  yield { title: `CPU time of the controller; median of ${ROUNDS} rounds${note}`, rows };
}

/** Returns the microseconds for one more unit. */
async function slopeOf([, ...pair]: Pair, folder: Folder, hosts?: SshHosts): Promise<number> {
  const [small, large] = [scaled(pair[0]), scaled(pair[1])], unit = pair[2], slopes: number[] = [];
  for (let number = 0; number < ROUNDS; number++) {
    const before = await cpuOf(small, folder, hosts), after = await cpuOf(large, folder, hosts);
    slopes.push((after - before) * 1000 / (unit(large) - unit(small)));
  }
  return median(slopes);
}

async function cpuOf({ tasks, ms, bytes, workers }: Shape, { path }: Folder, hosts?: SshHosts) {
  writeList(`${path}/list.ndjson`, tasks, () => ({ ms, bytes }));
  const config = hosts ? [hosts.config] : [];
  const { stdout } = await runProgram(denoRun(JOB, "list.ndjson", `${workers}`, ...config), path);
  await removeJobs(path);
  return Number(stdout);
}
