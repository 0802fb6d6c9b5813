/**
 * Tasks that harm their workers, and the check that they harm no other task.
 *
 * @module
 */

import type { JobOptions } from "../../lib/job/options.ts";
import { within } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "./assert.ts";
import { bare, enterFolder, Mark, readEvents, readLines, runJob } from "./jobs.ts";

/** The number of tasks of a job with a hostile task, and the id of that task. */
export const TASKS = 12, HOSTILE = 5;

/** The expected outcome of a hostile task. */
export interface Harm {
  readonly options?: Partial<JobOptions>;
  /** The events of the hostile task; without them it succeeds like all tasks. */
  readonly error?: { readonly message: string | RegExp; readonly type: string };
  readonly class?: string;
  /** The text that must be in the log. */
  readonly log?: RegExp;
}

/** A function with a hostile task: in JavaScript, or the body of `task(x)` in Python. */
export type HostileFunction =
  | { readonly kind: "javascript"; readonly fn: (x: number) => unknown }
  | { readonly kind: "python"; readonly python: string };

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
export function testHarm(name: string, hostile: HostileFunction, harm: Harm): void {
  const kind = hostile.kind === "python" ? "Python" : "JavaScript";
  Deno.test(`${name} harms no other, ${kind}`, async () => {
    const files: Record<string, string> = {};
    if (hostile.kind === "python") {
      files["task.py"] = `${PYTHON}    ${hostile.python}\n    return x\n`;
    }
    await using _folder = await enterFolder(files);
    const target = hostile.kind === "python" ? { moduleName: "task.py" } : { fn: hostile.fn };
    await playHarm(name, target, harm);
  });
}

async function playHarm(
  name: string,
  target: Pick<JobOptions, "fn" | "moduleName">,
  { options = {}, error, class: kind, log }: Harm,
): Promise<void> {
  const mark = new Mark();
  const run = runJob({ ...target, argsList: TASKS, env: mark.env, backoff: 0, ...options });
  const { succeeded, failed, paths } = await within(run, name);
  assertEquals([succeeded, failed], error ? [TASKS - 1, 1] : [TASKS, 0]);
  const events = bare(readEvents(paths.folder)) as { id: number; error?: { message: string } }[];
  assertEquals(
    events.filter(({ id }) => !error || id !== HOSTILE).sort((a, b) => a.id - b.id),
    Array.from({ length: TASKS }, (_, id) => ({ id, attempt: 1, type: "succeeded", result: id }))
      .filter(({ id }) => !error || id !== HOSTILE),
  );
  if (error) {
    const found = events.filter(({ id }) => id === HOSTILE);
    assertMatch(found[0]?.error?.message ?? "", toRegExp(error.message));
    const message = found[0]!.error!.message;
    const expected = { message, type: error.type, class: kind };
    assertEquals(found, [{ id: HOSTILE, attempt: 1, type: "failed", error: expected }] as never);
  }
  if (log) assertMatch(logText(paths.folder), log);
  await mark.untilGone();
}

function toRegExp(text: string | RegExp): RegExp {
  return typeof text === "string" ? new RegExp(`^${RegExp.escape(text)}$`) : text;
}

function logText(folder: string): string {
  return readLines(`${folder}/logs.ndjson`).map((line) => JSON.parse(line).text).join("");
}
