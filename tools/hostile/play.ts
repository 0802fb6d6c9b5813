/**
 * Rounds of jobs whose tasks start hostile children.
 *
 * @module
 */

import { Job } from "../../lib/api/job.ts";
import { enterFolder } from "../support/files.ts";
import { randomBelow, randomItem, randomOf } from "../support/random.ts";
import type { RoundsOptions } from "../support/rounds.ts";
import { type HostileArgs, WAY_NAMES } from "./task.ts";

/** The modules of the task, each with its ways to start a child. */
const MODULES = {
  "task.ts": WAY_NAMES,
  "task.py": [
    ...["spawn", "output", "all_files", "left", "detached"],
    ...["spawnp", "fork", "fork_only", "write_self"],
  ],
} as const;

/** Options of a series of rounds. */
export interface HostileOptions extends RoundsOptions {
  /** The module of the task. */
  readonly module: keyof typeof MODULES;
}

/** Plays rounds and returns the number of findings. Prints a line for each, and a summary. */
export async function playHostile(options: HostileOptions): Promise<number> {
  const { module, rounds, tasks, seed } = options;
  await using _folder = await enterFolder();
  const random = randomOf(seed);
  let wrong = 0, children = 0;
  for (let round = 1; round <= rounds; round++) {
    const argsList = Array.from({ length: tasks }, (_, x) => hostileArgs(x, options, random));
    const found = await findingsOf(module, argsList, 1 + randomBelow(random, 3));
    for (const finding of found) console.log(`round ${round}: ${finding}`);
    wrong += found.length;
    children += argsList.filter(({ child }) => child).length;
  }
  console.log(
    `${rounds} rounds of ${tasks} tasks (${module}), seed ${seed}: ` +
      `${children} hostile children, ${wrong} things wrong`,
  );
  return wrong;
}

/** Runs one job, and returns what is wrong with its results. */
async function findingsOf(
  module: string,
  argsList: HostileArgs[],
  concurrency: number,
): Promise<string[]> {
  const { succeeded, failed, commonErrors, paths } = await new Job({
    moduleName: new URL(module, import.meta.url).href,
    methodName: "square",
    argsList,
    concurrency,
    workers: 2,
    maxAttempts: 1,
    ordered: true,
    noisy: false,
    printLogs: false,
    log: false,
  }).run();
  const results = (await Deno.readTextFile(paths.results!)).split("\n").slice(0, -1);
  // The result of a failed task is missing, which moves all results after it.
  if (failed > 0) {
    return [`${succeeded} succeeded, ${failed} failed: ${JSON.stringify(commonErrors)}`];
  }
  const misplaced = argsList.filter(({ x }) => results[x] !== `${x * x}`).length;
  return misplaced > 0 ? [`${misplaced} misplaced`] : [];
}

function hostileArgs(
  x: number,
  { module, tasks }: HostileOptions,
  random: () => number,
): HostileArgs {
  if (random() > 4 / tasks) return { x };
  const way = randomItem<string>(random, MODULES[module]);
  const bytes = hostileBytes(x, tasks, random);
  const write = Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)).toBase64();
  return { x, child: { way, read: randomBelow(random, 3000), write } };
}

/** Returns bytes that a careless reader takes for responses, or that stop it. */
function hostileBytes(x: number, tasks: number, random: () => number): string {
  const any = () => randomBelow(random, tasks);
  const block = (head: object, body: string, token = "") =>
    `\x1e${token}${JSON.stringify({ ...head, bytes: body.length })}\n${body}\x1e\n`;
  const tokens = ["", crypto.randomUUID(), `${crypto.randomUUID()}00000000`];
  const token = randomItem(random, tokens);
  const kinds = [
    () => "\x1e",
    () => "\0".repeat(4096),
    () => String.fromCharCode(...Array.from({ length: 500 }, () => random() * 256)),
    () => block({ id: any(), count: 3 }, "666\n666\n666\n", token),
    () => block({ id: x + 1, count: -1 }, "666\n", token),
    () => block({ id: -1, count: 1 }, "null\n", token),
    () => block({}, `{"id":${x + 1},"result":666}\n`, token),
    () => block({}, `{"id":${x},"attempt":1,"type":"failed","ms":0,"error":null}\n`, token),
    () => block({}, `{"id":${x},"type":"nothing"}\n`, token),
    () => block({}, `{"idle":${any()}}\n`, token),
    () => `\x1e${token}{"bytes":1e300}\n`,
    () => `\x1e${any()} 1\n666\n`,
    () => `{"id":${any()},"result":666}\n`,
  ];
  return Array.from(
    { length: 1 + random() * 4 },
    () => randomItem(random, kinds)(),
  ).join("");
}
