/**
 * The programs that the benches compare.
 *
 * @module
 */

import { type Case, WORKERS } from "./cases.ts";
import { CLI, denoRun, here, type Program, whyNot } from "./process.ts";

/** One pass over a list. */
export interface Run {
  readonly of: Case;
  /** The files of the arguments and of the results. */
  readonly input: string;
  readonly output: string;
}

/** A program that runs tasks. */
export interface Contender {
  readonly who: string;
  /**
   * Returns the number of tasks that the program can run in a few seconds; 0 when it cannot run
   * this case.
   */
  tasks(of: Case): number;
  program(run: Run): Program;
  /**
   * Returns the reason that the program cannot run on this machine; undefined when it can. Absent
   * for a program that always runs.
   */
  whyNot?(folder: string): Promise<string | undefined>;
}

/** The contender that the others are compared with. */
export const FLOOR = "floor";

/** The folder of the peers' programs, below the folder in which all contenders run. */
const PEERS = "peers";

/** The exact versions of the peers from npm. */
const NPM = { tinypool: "2.2.0", piscina: "5.3.2" };

/** The contenders, the floor first. */
export const CONTENDERS: readonly Contender[] = [
  {
    who: FLOOR,
    tasks: (of) => of.method === "spin" ? 0 : of.tasks,
    program: ({ of, input, output }) =>
      denoRun(here("floor.ts"), tasksOf(input), of.method, input, output, `${of.concurrency}`),
  },
  { who: "dl_jobs map", tasks: (of) => of.tasks, program: (run) => mapProgram(run) },
  {
    who: "dl_jobs map, Python",
    tasks: (of) => of.method === "sleep" ? 0 : of.tasks,
    program: (run) => mapProgram(run, peer(run.input, "tasks.py")),
    whyNot: () => whyNot("python3", "--version"),
  },
  { who: "dl_jobs Job.run", tasks: (of) => of.tasks, program: (run) => jobProgram(run, "await") },
  {
    who: "dl_jobs Job.run, results read",
    tasks: (of) => of.method === "square" || of.method === "echo" ? of.tasks : 0,
    program: (run) => jobProgram(run, "read"),
  },
  nodePool("tinypool", { square: 200_000 }, { useAtomics: false }),
  nodePool("piscina", { square: 100_000 }, { atomics: "async", recordTiming: false }),
  pythonPool("multiprocessing.Pool, one by one", "pool", { square: 100_000 }),
  pythonPool("multiprocessing.Pool, chunks", "chunks", { sleep: 0 }),
  {
    ...pythonPool("joblib", "joblib", { square: 300_000 }),
    whyNot: () => whyNot("python3", "-c", "import joblib"),
  },
  shell("GNU parallel", "parallel", { square: 500, sleep: 500 }, ({ concurrency, method }) =>
    // Each job writes its line at once, so grouping the output would only cost time.
    `parallel --ungroup -j ${concurrency} '${COMMAND[method]}'`),
  shell(
    "xargs",
    "xargs",
    { square: 3000, sleep: 3000 },
    ({ concurrency, method }) => `xargs -P ${concurrency} -I{} sh -c '${COMMAND[method]}'`,
  ),
];

/** Installs the peers' programs and packages in a folder. */
export async function preparePeers(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/${PEERS}`);
  for await (const { name, isFile } of Deno.readDir(here("peers"))) {
    if (isFile) await Deno.copyFile(`${here("peers")}/${name}`, `${folder}/${PEERS}/${name}`);
  }
  const packages = Object.entries(NPM).map(([name, version]) => `${name}@${version}`);
  await whyNot("npm", "install", "--silent", "--prefix", `${folder}/${PEERS}`, ...packages);
}

function mapProgram({ of, input, output }: Run, module = tasksOf(input)): Program {
  const task = `${module}#${of.method}`;
  const flags = ["-o", output, "--workers", `${WORKERS}`, "--concurrency", `${perWorker(of)}`];
  return denoRun(CLI, "map", task, input, ...flags);
}

function jobProgram({ of, input, output }: Run, how: string): Program {
  const counts = [`${WORKERS}`, `${perWorker(of)}`];
  return denoRun(here("job.ts"), tasksOf(input), of.method, input, output, ...counts, how);
}

/** The numbers of tasks by method, for contenders that are too slow to run all tasks. */
type Limits = { readonly [Method in Case["method"]]?: number };

function nodePool(who: keyof typeof NPM, limits: Limits, options: object): Contender {
  return {
    who,
    tasks: (of) => limits[of.method] ?? of.tasks,
    // Both pools run in Node, because they are slower in Deno.
    program({ of, input, output }) {
      const { window, ...more } = poolSettings(of);
      const settings = JSON.stringify({ ...options, ...more });
      const counts = [`${WORKERS}`, `${window}`];
      const args = [peer(input, "pool.mjs"), who, of.method, input, output, ...counts, settings];
      return { command: "node", args };
    },
    async whyNot(folder) {
      const missing = await whyNot("node", "--version");
      if (missing) return missing;
      return await whyNot("npm", "ls", "--prefix", `${folder}/${PEERS}`, who) &&
        "npm cannot install it";
    },
  };
}

/** Returns the fastest settings found: many calls in flight for short tasks, few for others. */
function poolSettings(of: Case): { window: number; concurrentTasksPerWorker: number } {
  switch (of.method) {
    case "square":
      return { window: 2000, concurrentTasksPerWorker: 1000 };
    case "echo":
      return { window: 64, concurrentTasksPerWorker: 16 };
    case "spin":
      return { window: 16, concurrentTasksPerWorker: 2 };
    case "sleep":
      return { window: of.concurrency, concurrentTasksPerWorker: perWorker(of) };
  }
}

function pythonPool(who: string, library: string, limits: Limits): Contender {
  return {
    who,
    tasks: (of) => limits[of.method] ?? of.tasks,
    program: ({ of, input, output }) => ({
      command: "python3",
      args: [peer(input, "pool.py"), library, of.method, input, output, `${of.concurrency}`],
    }),
    whyNot: () => whyNot("python3", "--version"),
  };
}

const COMMAND: { readonly [Method in Case["method"]]?: string } = {
  square: "echo $(({} * {}))",
  sleep: "sleep 0.01; echo {}",
};

/** A program that starts a process for each task. */
function shell(
  who: string,
  command: string,
  limits: Limits,
  line: (of: Case) => string,
): Contender {
  return {
    who,
    tasks: (of) => limits[of.method] ?? 0,
    program: ({ of, input, output }) => ({
      command: "sh",
      args: ["-c", `${line(of)} < ${input} > ${output}`],
      env: { SHELL: "/bin/sh" },
    }),
    whyNot: () => whyNot(command, "--version"),
  };
}

function perWorker({ concurrency }: Case): number {
  return concurrency / WORKERS;
}

function tasksOf(input: string): string {
  return peer(input, "tasks.mjs");
}

function peer(input: string, name: string): string {
  return `${input.slice(0, input.lastIndexOf("/"))}/${PEERS}/${name}`;
}
