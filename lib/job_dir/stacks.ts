/**
 * Requests for the stacks of running tasks, and the answers, as files in `stack/` in the folder of a
 * job. Each process that asks has its own files, so that several can ask at the same time.
 *
 * @module
 */

import { delay } from "../util/time/delay.ts";
import {
  exists,
  makePrivateFolder,
  PRIVATE_FILE,
  removeIfThere,
  writeAtomic,
} from "../util/files/fs.ts";
import type { ActiveProcess, ActiveTask } from "./running_tasks.ts";

/** The work of a worker. */
export interface WorkerStack extends Pick<ActiveProcess, "worker" | "pid"> {
  /** The ids and the starts of the running tasks. */
  readonly tasks: readonly ActiveTask[];
  /** The description; absent where the engine cannot tell. */
  readonly text?: string | undefined;
}

const ASKED = ".asked";

/** Returns the folder of all requests. */
function requestsIn(folder: string): string {
  return `${folder}/stack`;
}

const POLL_MS = 50;

/**
 * Asks the process that runs a job for the stacks of its running tasks.
 *
 * @param ms the longest wait, in milliseconds
 * @returns `undefined` when the process has not answered.
 */
export async function askForStacks(
  folder: string,
  ms: number,
): Promise<readonly WorkerStack[] | undefined> {
  const requests = requestsIn(folder), name = `${requests}/${crypto.randomUUID()}`;
  const asked = name + ASKED, answer = `${name}.json`;
  try {
    await writeRequest(requests, asked);
    for (const end = performance.now() + ms; performance.now() < end;) {
      await delay(POLL_MS);
      const found = readAnswer(answer);
      if (found) return found;
    }
    return undefined;
  } finally {
    removeIfThere(asked);
    removeIfThere(answer);
    // It may contain the request of another process.
    await Deno.remove(requests).catch(() => {});
  }
}

const MOST_TRIES = 100;

async function writeRequest(requests: string, asked: string): Promise<void> {
  for (let tries = 1;; tries++) {
    makePrivateFolder(requests);
    try {
      return await Deno.writeTextFile(asked, "", { mode: PRIVATE_FILE });
    } catch (error) {
      // Another process has received its answer, and has removed the empty folder in between.
      if (!(error instanceof Deno.errors.NotFound) || tries === MOST_TRIES) throw error;
    }
  }
}

function readAnswer(path: string): readonly WorkerStack[] | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined; // The process has not answered yet.
  }
}

/** Answers the requests, if there are any. */
export async function answerForStacks(
  folder: string,
  look: () => readonly ActiveProcess[],
): Promise<void> {
  const asked = requestsOf(folder);
  if (asked.length === 0) return;
  asked.forEach(removeIfThere);
  const text = JSON.stringify(await Promise.all(look().map(explained)));
  for (const path of asked) answer(path, text);
}

function requestsOf(folder: string): string[] {
  const requests = requestsIn(folder);
  if (!exists(requests)) return [];
  try {
    return Array.from(Deno.readDirSync(requests), ({ name }) => `${requests}/${name}`)
      .filter((path) => path.endsWith(ASKED));
  } catch (error) {
    return ignoreMissing(error, []);
  }
}

function answer(asked: string, text: string): void {
  try {
    writeAtomic(`${asked.slice(0, -ASKED.length)}.json`, text, { mode: PRIVATE_FILE });
  } catch (error) {
    ignoreMissing(error, undefined);
  }
}

/** The last process that asked may remove the folder at any moment. */
function ignoreMissing<T>(error: unknown, otherwise: T): T {
  if (error instanceof Deno.errors.NotFound) return otherwise;
  throw error;
}

async function explained({ worker, pid, tasks, explain }: ActiveProcess): Promise<WorkerStack> {
  // A worker that has just ended does not keep the others.
  return { worker, pid, tasks, text: await explain?.().catch(() => undefined) };
}
