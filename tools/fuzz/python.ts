/**
 * Rounds in which the program of a job in Python is damaged. The job must then not run.
 *
 * @module
 */

import { Job } from "../../lib/api/job.ts";
import { resumeJob } from "../../lib/job/resume/resume.ts";
import { jobFiles } from "../../lib/job_dir/layout.ts";
import { programFile, readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { Journal } from "../../lib/journal/writer.ts";
import { asDied } from "./job.ts";
import { mutate } from "./mutate.ts";

/** A job in Python whose controller has died before the first task. */
export interface PythonJob {
  /** The job's folder. */
  readonly folder: string;
  /** The path of the program. */
  readonly path: string;
  /** The program. */
  readonly code: Uint8Array;
}

/** Creates the job in the working directory. */
export async function makePythonJob(): Promise<PythonJob> {
  Deno.writeTextFileSync("square.py", "def square(x):\n    return x * x\n");
  const { paths: { folder } } = await new Job({
    moduleName: `${Deno.cwd()}/square.py`,
    methodName: "square",
    argsList: [1, 2],
    workers: 1,
    noisy: false,
    log: false,
  }).run();
  const { events } = jobFiles(folder), record = readRecord(folder);
  Deno.removeSync(events);
  Journal.create(events, record.id)[Symbol.dispose]();
  writeRecord(folder, asDied(record, false));
  const path = programFile(folder, record);
  return { folder, path, code: Deno.readFileSync(path) };
}

/** Damages the program and resumes the job, which must refuse to run the program. */
export async function playPython(
  { folder, path, code }: PythonJob,
  random: () => number,
): Promise<string[]> {
  const { kind, bytes } = mutate(code, random);
  if (textOf(bytes) === textOf(code)) return [];
  Deno.writeFileSync(path, bytes);
  try {
    await resumeJob(folder);
    return [`${kind}: a damaged program has run`];
  } catch (error) {
    const { message } = error as Error;
    return message.includes(`its program ${path} is damaged`) ? [] : [`${kind}: ${message}`];
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
