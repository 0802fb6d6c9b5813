/**
 * The request for the stacks of running tasks, and the answer, as files in the job's folder.
 *
 * @module
 */

import { delay } from "../util/delay.ts";
import { exists, PRIVATE_FILE, removeIfThere, writeAtomic } from "../util/fs.ts";
import type { ActiveProcess, ActiveTask } from "./running_tasks.ts";

/** The work of a worker. */
export interface WorkerStack extends Pick<ActiveProcess, "worker" | "pid"> {
  /** The ids and the starts of the running tasks. */
  readonly tasks: readonly ActiveTask[];
  /** The description; absent where the engine cannot tell. */
  readonly text?: string | undefined;
}

/** The content of the answer. */
interface Answer {
  readonly asked: string;
  readonly workers: readonly WorkerStack[];
}

function filesIn(folder: string) {
  return { asked: `${folder}/stack.asked`, answer: `${folder}/stack.json` };
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
  const { asked, answer } = filesIn(folder), id = crypto.randomUUID();
  writeAtomic(asked, id, { mode: PRIVATE_FILE, isContended: true });
  try {
    for (const end = Date.now() + ms; Date.now() < end;) {
      await delay(POLL_MS);
      const found = readAnswer(answer);
      if (found?.asked === id) return found.workers;
    }
    return undefined;
  } finally {
    removeIfThere(asked);
    removeIfThere(answer);
  }
}

function readAnswer(path: string): Answer | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined; // The process has not answered yet.
  }
}

/** Answers a request, if there is one. */
export async function answerForStacks(
  folder: string,
  look: () => readonly ActiveProcess[],
): Promise<void> {
  const { asked, answer } = filesIn(folder);
  if (!exists(asked)) return;
  const id = Deno.readTextFileSync(asked);
  removeIfThere(asked);
  const workers = await Promise.all(
    look().map(async ({ worker, pid, tasks, explain }) => ({
      ...{ worker, pid, tasks },
      // A worker that has just ended does not keep the others.
      text: await explain?.().catch(() => undefined),
    })),
  );
  const found: Answer = { asked: id, workers };
  writeAtomic(answer, JSON.stringify(found), { mode: PRIVATE_FILE });
}
