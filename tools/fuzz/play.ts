/**
 * Rounds in which one file of an ended job is damaged. No command may then return a wrong result,
 * or leave out a result without an error.
 *
 * @module
 */

import { cached } from "../../lib/bundle/program/cache.ts";
import { isSoundProgram } from "../../lib/bundle/program/check_program.ts";
import { errorsOf, logsOf, resultsOf } from "../../lib/job/inspect/history.ts";
import { resumeJob } from "../../lib/job/resume/resume.ts";
import { assertJournal, assertList } from "../../lib/job_dir/health.ts";
import { jobFiles } from "../../lib/job_dir/layout.ts";
import { readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { JobSummary } from "../../lib/web/summaries.ts";
import { randomItem, randomOf } from "../support/random.ts";
import { asDied, type FuzzJob, makeJob, restore } from "./job.ts";
import { mutate, type Mutation } from "./mutate.ts";
import { makePythonJob, playPython, type PythonJob } from "./python.ts";

/** The number of rounds for each file. */
export const ROUNDS: Readonly<Record<FuzzedFile, number>> = {
  events: 2000,
  tasks: 500,
  sums: 500,
  record: 500,
  bundle: 500,
  logs: 500,
  spans: 500,
  cache: 500,
  python: 500,
};

/** A file that is damaged. */
export type FuzzedFile =
  | "events"
  | "tasks"
  | "sums"
  | "record"
  | "bundle"
  | "logs"
  | "spans"
  | "cache"
  | "python";

/** Options of the rounds. */
export interface FuzzOptions {
  /** The part of all rounds to play, from 0 to 1. */
  readonly part: number;
  /** The seed of the damage. */
  readonly seed: number;
}

/** Plays rounds in the working directory. Returns the problems that were found. */
export async function play({ part, seed }: FuzzOptions): Promise<string[]> {
  const python = await makePythonJob(), job = { ...await makeJob(), python };
  const random = randomOf(seed), wrong: string[] = [];
  for (const [file, rounds] of Object.entries(ROUNDS) as [FuzzedFile, number][]) {
    for (let round = 0; round < rounds * part; round++) {
      const name = `${file} round ${round}, seed ${seed}`;
      wrong.push(...(await playRound(job, file, random)).map((text) => `${name}: ${text}`));
    }
  }
  return wrong;
}

async function playRound(
  job: FuzzJob & { readonly python: PythonJob },
  file: FuzzedFile,
  random: () => number,
): Promise<string[]> {
  if (file === "cache") return await playCache(job, random);
  if (file === "python") return await playPython(job.python, random);
  restore(job);
  const hasDied = file !== "record" && random() < 0.3;
  if (hasDied) writeRecord(job.folder, asDied(job.record, random() < 0.5));
  const path = jobFiles(job.folder)[file];
  const before = job.files.get(path) ?? new TextEncoder().encode(LINES);
  const mutation = mutate(before, random);
  Deno.writeFileSync(path, mutation.bytes);
  const found = [
    ...await checkReaders(job, hasDied),
    ...hasDied ? [] : await checkRecord(job),
    ...await checkResume(job, file, random),
  ];
  return found.map((text) => `${mutation.kind}: ${text}`);
}

const LINES = '{"id":1,"attempt":1,"stream":"stdout","text":"a"}\n'.repeat(200);

/** Reads the results, the errors and the page of a damaged job. */
async function checkReaders(
  { folder, results, errors }: FuzzJob,
  hasDied: boolean,
): Promise<string[]> {
  const read = async (lines: AsyncIterable<string>) =>
    (await Array.fromAsync(lines)).join("").split("\n").slice(0, -1);
  const wrong: string[] = [];
  // The journal of a job that died may end early, because its tasks are pending.
  const isSound = await passes(() => assertJournal(folder)) && !hasDied;
  const withArgs = { withArgs: true };
  const isListSound = await passes(() => assertList(folder));
  const lines = await unlessRefused(() => read(resultsOf(folder, withArgs)));
  if (lines?.some((line) => !results.has(line))) wrong.push("a result is wrong");
  if (lines && new Set(lines).size < lines.length) wrong.push("a result is there twice");
  if (isSound && isListSound && lines?.length !== results.size) wrong.push("a result is missing");
  const plain = await unlessRefused(() => read(resultsOf(folder)));
  if (isSound && plain && plain.length !== results.size) wrong.push("a plain result is missing");
  if (isSound && isListSound) {
    const found = (await read(errorsOf(folder))).map((line) => {
      const { ARGS, task, ERROR } = JSON.parse(line);
      return ARGS === task ? `${task} ${ERROR}` : "wrong arguments";
    });
    if (new Set(found).symmetricDifference(errors).size > 0) wrong.push("the errors are wrong");
  }
  if (!isSound) return wrong;
  await Array.fromAsync(logsOf(folder));
  const summary = new JobSummary(folder);
  while (summary.read());
  summary.snapshot();
  return wrong;
}

async function checkRecord({ folder, files, record: known }: FuzzJob): Promise<string[]> {
  const found = await unlessRefused(() => readRecord(folder));
  const isSame = !found || JSON.stringify(found) === JSON.stringify(known);
  const code = files.get(jobFiles(folder).bundle)!;
  const isProgram = await isSoundProgram(jobFiles(folder).bundle, known.code);
  const isCode = !isProgram ||
    withoutMap(Deno.readFileSync(jobFiles(folder).bundle)) === withoutMap(code);
  return [...isSame ? [] : ["the record is wrong"], ...isCode ? [] : ["the program is wrong"]];
}

function withoutMap(code: Uint8Array): string {
  return new TextDecoder().decode(code).replace(/\/\/# sourceMappingURL=[^]*$/, "");
}

/** Resumes a damaged job. The results must then be complete, unless the command refused. */
async function checkResume(
  { folder, results }: FuzzJob,
  file: FuzzedFile,
  random: () => number,
): Promise<string[]> {
  const isGone = random() < 0.2, list = `${Deno.cwd()}/list.ndjson`;
  if (isGone) Deno.renameSync(list, `${list}.gone`);
  try {
    const summary = await unlessRefused(() => resumeJob(folder));
    if (!summary) return REPAIRED.includes(file) && !isGone ? ["resume refuses"] : [];
    await assertJournal(folder);
    await assertList(folder);
    const blocks = await Array.fromAsync(resultsOf(folder, { withArgs: true }));
    const found = new Set(blocks.join("").split("\n").slice(0, -1));
    const missing = results.symmetricDifference(found);
    const output = Deno.readTextFileSync(summary.paths.results!).split("\n").length - 1;
    return [
      ...missing.size > 0 ? [`${missing.size} results are missing or wrong after resume`] : [],
      ...output === results.size ? [] : [`the results file has ${output} lines after resume`],
    ];
  } finally {
    if (isGone) Deno.renameSync(`${list}.gone`, list);
  }
}

/** The files whose damage a resumed job repairs. */
const REPAIRED: readonly FuzzedFile[] = ["events", "tasks", "sums", "logs", "spans"];

async function playCache({ folder }: FuzzJob, random: () => number): Promise<string[]> {
  const cache = `${folder}/../cache-fuzz`, source = jobFiles(folder).tasks;
  Deno.utimeSync(source, 1, 1);
  const made = { code: "code;\n".repeat(1000), hash: "hash", inputs: [source] };
  const make = () => Promise.resolve(made);
  await cached(cache, "key", make);
  const names = [...Deno.readDirSync(cache)].map(({ name }) => name).sort();
  const path = `${cache}/${randomItem(random, names)}`;
  const before = Deno.readFileSync(path), mutation: Mutation = mutate(before, random);
  Deno.writeFileSync(path, mutation.bytes);
  const isChanged = new TextDecoder().decode(mutation.bytes) !== new TextDecoder().decode(before);
  const other = { ...made, code: "other" };
  const { code } = await cached(cache, "key", () => Promise.resolve(other));
  Deno.removeSync(cache, { recursive: true });
  // A file with the same bytes has another time, and may be used or not.
  const isUsed = isChanged && code !== other.code;
  return isUsed ? [`${mutation.kind}: a damaged program was used`] : [];
}

async function passes(check: () => void | Promise<void>): Promise<boolean> {
  return await unlessRefused(async () => (await check(), true)) ?? false;
}

/** Returns `undefined` when a command refuses a damaged job with a message. */
async function unlessRefused<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && /^Cannot [a-z ]+/.test(error.message)) return undefined;
    throw error;
  }
}
