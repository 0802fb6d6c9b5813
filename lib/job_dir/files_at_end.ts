/**
 * Checks of a job's files that read nothing when the files are as they were at the end of the job.
 *
 * @module
 */

import { JournalState } from "../journal/state.ts";
import { checkList, type FileDamage, type InspectedJournal, inspectJournal } from "./health.ts";
import { holderOf } from "./lock.ts";
import type { JobRecord } from "./record.ts";
import { areFilesUnchanged } from "./stamps.ts";

/**
 * Reads and checks a journal as {@linkcode inspectJournal}, unless it is as it was at the end of the
 * job. The states are empty then, because the record has the state and the counts.
 */
export function inspectIfChanged(folder: string, record: JobRecord): InspectedJournal {
  if (!isAsAtEnd(folder, record)) return inspectJournal(folder, record);
  return { holder: undefined, states: new JournalState(), damage: undefined };
}

/** Checks a list as {@linkcode checkList}, unless it is as it was at the end of the job. */
export async function checkListIfChanged(
  folder: string,
  record: JobRecord,
): Promise<FileDamage | undefined> {
  return isAsAtEnd(folder, record) ? undefined : await checkList(folder, record);
}

function isAsAtEnd(folder: string, { stamps }: JobRecord): boolean {
  return areFilesUnchanged(folder, stamps) && holderOf(folder) === undefined;
}
