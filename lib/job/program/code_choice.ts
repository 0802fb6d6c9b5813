/**
 * The choice between the programs of a job that runs again: its first one, its last one, or one from
 * the current sources. The rules are the same for the tasks of a job and for its reduce.
 *
 * @module
 */

import type { Bundle } from "../../bundle/program/program.ts";
import { changedSources, type Sources } from "../../bundle/modules/sources.ts";
import { directoryOf } from "../../job_dir/layout.ts";
import type { ProgramRecord } from "../../job_dir/record.ts";
import { formatTime } from "../../util/time/duration.ts";
import { UsageError } from "../../util/errors.ts";
import { isFile } from "../../util/files/fs.ts";

/** The program of a resumed job: that of its start, or one from the current sources. */
export type CodeChoice = "original" | "current";

/** A request to choose the program of a resumed job. */
export interface ProgramRequest {
  /** The user's choice. @default {current for a retry if the sources differ, else the last program} */
  readonly code?: CodeChoice | undefined;
  /** True when failed tasks run again, which makes sense with the code that the user has mended. */
  readonly isRetry: boolean;
  /** Tells the user that the sources differ from the program. */
  readonly warn: (text: string) => void;
  /** Tells the user that the sources are still those of the program. @default {nothing is told} */
  readonly note?: ((text: string) => void) | undefined;
}

/** The use of a program, for messages. */
interface ProgramUse {
  /** The words before "the code", such as `runs`. */
  readonly verb: string;
  /** The same words in a second clause. */
  readonly verbAgain: string;
  /** The reason why the program lasts although its sources differ. @default {it can be built} */
  readonly lasting: string | undefined;
}

/** The program that runs next. */
interface ChosenCode {
  readonly code: "first" | "last" | "today";
  /** Tells the user of the choice, once the current program differs from the last one. */
  readonly tell: () => void;
}

/**
 * Chooses the program that runs next. Only a retry uses the current sources by itself, because its
 * user has mended them.
 *
 * @param last the last program
 * @param folder the job's folder
 */
export async function chooseCode(
  last: ProgramRecord,
  folder: string,
  { verb, verbAgain, lasting }: ProgramUse,
  { code, isRetry, warn, note }: ProgramRequest,
): Promise<ChosenCode> {
  const keep = { code: "last", tell() {} } as const;
  if (code === "original") return { ...keep, code: "first" };
  const change = await changeOf(last, folder);
  if (code === undefined && change === undefined) {
    if (Object.keys(last.sources ?? {}).length > 0) note?.(unchangedText(last));
    return keep;
  }
  const old = `${isRetry ? "retry" : "resume"} ${verb} the code of the job: ${change}`;
  if (lasting !== undefined) {
    if (change !== undefined) warn(`${old}, and ${lasting}`);
    return keep;
  }
  if (code === "current") return { ...keep, code: "today" };
  if (isRetry) {
    const news = `retry ${verb} the current code: ${change}, --code original ${verbAgain}`;
    return { code: "today", tell: () => warn(`${news} the old code`) };
  }
  warn(`${old}, --code current ${verbAgain} the current code`);
  return keep;
}

function unchangedText({ since }: ProgramRecord): string {
  return `retry runs the same code: it has not changed since ${formatTime(new Date(since))}`;
}

/**
 * Describes the sources of a program that have changed since it was built.
 *
 * @param folder the job's folder
 * @returns `undefined` when they are the same.
 */
export async function changeOf(
  { sources = {}, since }: ProgramRecord,
  folder: string,
): Promise<string | undefined> {
  const changed = await changedSources(absolute(sources, folder));
  const [there = [], missing = []] = [true, false].map((is) =>
    changed.filter((path) => isFile(path) === is)
  );
  const parts = [
    there.length > 0 && `${namesOf(there)} changed since ${formatTime(new Date(since))}`,
    missing.length > 0 && `${namesOf(missing)} ${missing.length === 1 ? "is" : "are"} missing`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(", and ") : undefined;
}

/** Waits for a current program. When it cannot be built, adds the way out to the error. */
export async function orAdvice(built: Promise<Bundle>, advice: string): Promise<Bundle> {
  try {
    return await built;
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${cause.message}\n${advice}`, { cause });
  }
}

function absolute(sources: Sources, folder: string): Sources {
  const entries = Object.entries(sources).map(([path, hash]) =>
    [path.startsWith("/") ? path : `${directoryOf(folder)}/${path}`, hash] as const
  );
  return Object.fromEntries(entries);
}

function namesOf(changed: readonly string[]): string {
  const here = `${Deno.cwd()}/`;
  const names = changed.map((path) => path.startsWith(here) ? path.slice(here.length) : path);
  return names.length < 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and others`;
}
