/**
 * The cost of a job on ssh hosts that are namespaces of this machine, so that they share its CPUs
 * with the controller.
 *
 * @module
 */

import { SshHosts } from "../tools/ssh_hosts/hosts.ts";
import { whyNoHosts } from "../tools/ssh_hosts/install.ts";
import { type Folder, makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import {
  CLI,
  commandOf,
  denoRun,
  IS_QUICK,
  type Program,
  removeJobs,
  roundsOf,
  runProgram,
  timeMap,
} from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(5);
const SIZES = [1, 200_000, 10_000_000].filter((tasks) => !IS_QUICK || tasks === 1);
const TASK = `export const square = (x: number) => x * x;
export const slow = (x: number) => new Promise((resolve) => setTimeout(resolve, 100, x));
`;

/** Runs lists of several lengths on two hosts and on this machine, in turn. */
export async function* bench(): AsyncGenerator<Report> {
  const why = whyNoHosts();
  if (why) return yield { title: `ssh (skipped: ${why})`, rows: [] };
  await using folder = await makeFolder({ "task.ts": TASK });
  await using hosts = await SshHosts.up({ install: true });
  // The hosts get the program of dl_jobs once.
  await firstResult(folder, hosts);
  yield await compareSizes(folder, hosts);
  yield await compareStarts(folder, hosts);
}

/** The flags of an engine, by its name in the report. */
function engines({ config }: SshHosts): Record<string, string[]> {
  const ssh = ["hosts=h1*1,h2*1", `command=ssh -F ${config}`].flatMap((one) => ["--ssh", one]);
  return {
    local: ["--engine", "local", "--workers", "2"],
    ssh: ["--engine", "ssh", ...ssh],
  };
}

async function compareSizes(folder: Folder, hosts: SshHosts): Promise<Report> {
  const rows = [];
  for (const tasks of SIZES) {
    writeList(`${folder.path}/${tasks}.ndjson`, tasks, (index) => index);
    const times = Object.values(engines(hosts)).map((flags) => ({ flags, ms: [] as number[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { flags, ms } of times) ms.push(await timeMap(tasks, flags, folder.path));
    }
    const [local, ssh] = times.map(({ ms }) => median(ms)) as [number, number];
    rows.push({
      tasks,
      "local s": round(local / 1000),
      "ssh s": round(ssh / 1000),
      "times local": round(ssh / local),
    });
  }
  return {
    title: `No-op tasks on two ssh hosts with a worker each, and on local with two workers, from ` +
      `a file to a file; median of ${ROUNDS} rounds`,
    rows,
  };
}

async function compareStarts(folder: Folder, hosts: SshHosts): Promise<Report> {
  const bare: number[] = [], first: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const args = ["-F", hosts.config, "h1", "true"];
    bare.push((await runProgram({ command: "ssh", args }, folder.path)).ms);
    first.push(await firstResult(folder, hosts));
  }
  return {
    title: `The first result of 40 tasks of 100 ms on three ssh hosts; median of ${ROUNDS} rounds`,
    rows: [{
      "ssh host true s": round(median(bare) / 1000),
      "first result s": round(median(first) / 1000),
      "beyond s": round((median(first) - median(bare)) / 1000),
    }],
  };
}

/** Returns the time from the start of a command to its first result, in milliseconds. */
async function firstResult({ path }: Folder, { config }: SshHosts): Promise<number> {
  writeList(`${path}/40.ndjson`, 40, (index) => index);
  const ssh = ["hosts=h1,h2,h3", `command=ssh -F ${config}`].flatMap((one) => ["--ssh", one]);
  const program = denoRun(CLI, "map", "task.ts#slow", "40.ndjson", "--engine", "ssh", ...ssh);
  const ms = await untilFirstByte(program, path);
  await removeJobs(path);
  return ms;
}

async function untilFirstByte(program: Program, cwd: string): Promise<number> {
  const start = performance.now();
  const child = commandOf(program, cwd, { stdout: "piped", stderr: "null" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const ms = performance.now() - start;
  while (!(await reader.read()).done);
  if ((await child.status).success) return ms;
  throw new Error("Cannot time ssh: the job failed");
}
