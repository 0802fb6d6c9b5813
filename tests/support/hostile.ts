/**
 * Tasks that harm their workers, and the check that they harm no other task.
 *
 * @module
 */

import type { JobOptions } from "../../lib/job/options/options.ts";
import { within } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "./assert.ts";
import { KIND_NAMES } from "./conformance/kinds.ts";
import { bare, enterFolder, Mark, readEvents, readLogs, runJob } from "./jobs.ts";

/** The number of tasks of a job with a hostile task, and the id of that task. */
export const TASKS = 12, HOSTILE = 5;

/** The expected outcome of a hostile task. */
export interface Harm {
  readonly options?: Partial<JobOptions>;
  /** The failure of the hostile task; without it the task succeeds like all others. */
  readonly error?: { readonly message: string | RegExp; readonly type: string };
  readonly class?: string;
  /** The text that must be in the log. */
  readonly log?: RegExp;
}

/** The hostile task in one kind of function. */
export type HostileTask =
  | { readonly kind: "javascript"; readonly fn: (x: number) => unknown }
  /** The body of `task(x)`. */
  | { readonly kind: "python"; readonly python: string }
  /** A shell script that runs before the task prints its argument. */
  | { readonly kind: "program"; readonly script: string };

/** The start of a Python module with a hostile task. */
const PYTHON = `import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time


class Error(Exception):
    pass


async def wait(x):
    if x == 5:
        await asyncio.Future()
    return x


def task(x):
`;

/** Registers the test of a hostile task. */
export function testHarm(name: string, hostile: HostileTask, harm: Harm): void {
  Deno.test(`${name} harms no other task, ${KIND_NAMES[hostile.kind]}`, async () => {
    await using _folder = await enterFolder();
    await playHarm(name, hostile, harm);
  });
}

type Target = Pick<JobOptions, "fn" | "moduleName" | "command" | "stdout">;

async function targetOf(hostile: HostileTask): Promise<Target> {
  if (hostile.kind === "javascript") return { fn: hostile.fn };
  if (hostile.kind === "python") {
    await Deno.writeTextFile("task.py", `${PYTHON}    ${hostile.python}\n    return x\n`);
    return { moduleName: "task.py" };
  }
  const script = `if [ $0 = ${HOSTILE} ]; then ${hostile.script}\nfi; echo $0`;
  return { command: ["sh", "-c", script, "{}"], stdout: "json" };
}

async function playHarm(
  name: string,
  hostile: HostileTask,
  { options = {}, error, class: kind, log }: Harm,
): Promise<void> {
  const mark = new Mark(), target = await targetOf(hostile);
  const run = runJob({ ...target, argsList: TASKS, env: mark.env, backoff: 0, ...options });
  const { succeeded, failed, paths } = await within(run, name);
  assertEquals([succeeded, failed], error ? [TASKS - 1, 1] : [TASKS, 0]);
  const events = bare(readEvents(paths.folder)) as { id: number; error?: { message: string } }[];
  const expected = Array.from({ length: TASKS }, (_, id) => {
    if (!error || id !== HOSTILE) return { id, attempt: 1, type: "succeeded", result: id };
    const message = events.find((event) => event.id === id)?.error?.message ?? "";
    assertMatch(message, toRegExp(error.message));
    return { id, attempt: 1, type: "failed", error: { message, type: error.type, class: kind } };
  });
  assertEquals(events.sort((a, b) => a.id - b.id) as unknown[], expected);
  // The output of a child may be logged with another task of its worker; a program has its own.
  const logs = readLogs(paths.folder).filter(({ id }) =>
    id === HOSTILE || hostile.kind !== "program"
  );
  if (log) assertMatch(logs.map(({ text }) => text).join(""), log);
  await mark.untilGone();
}

function toRegExp(text: string | RegExp): RegExp {
  return typeof text === "string" ? new RegExp(`^${RegExp.escape(text)}$`) : text;
}
