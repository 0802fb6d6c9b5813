/**
 * The speed of reading and writing lines of JSON with lib/ndjson, a plain loop and peers.
 *
 * @module
 */

import { type Folder, makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import { denoRun, here, IS_QUICK, roundsOf, runProgram, settleDisk, whyNot } from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(9);
const SCALE = IS_QUICK ? 0.02 : 1;

type Row = Report["rows"][number];

/** A file of lines of one kind. */
interface Kind {
  readonly name: string;
  readonly count: number;
  /** Returns the value for an id, from 1. */
  value(id: number): unknown;
}

const KINDS: readonly Kind[] = [
  {
    name: "40 B lines",
    count: 1_000_000 * SCALE,
    value: (id) => ({ id, x: id / 8, name: "tile" }),
  },
  { name: "10 KB lines", count: 8000 * SCALE, value: (id) => kilobytes(id, 10) },
  { name: "10 MB lines", count: 8, value: (id) => kilobytes(id, 10_000 * SCALE) },
];

const WAYS: readonly (readonly [how: "read" | "write", who: string])[] = [
  ["read", "plain loop"],
  ["read", "dl_jobs read()"],
  ["read", "dl_jobs readBatches()"],
  ["read", "whole file, then split"],
  ["read", "@std/json"],
  ["read", "split2"],
  ["read", "jq"],
  ["write", "plain loop"],
  ["write", "dl_jobs write()"],
  ["write", "@std/json"],
];

/** Reads and writes files of each kind with each program in turn. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder();
  const noJq = await whyNot("jq", "--version");
  for (const kind of KINDS) {
    const title = `ndjson with ${kind.name}, from a file and to a file, each way in a process of ` +
      `its own, without its start; median of ${ROUNDS} rounds`;
    yield { title, rows: await runKind(kind, folder, noJq) };
  }
}

async function runKind(kind: Kind, { path }: Folder, noJq: string | undefined): Promise<Row[]> {
  const input = `${path}/input.ndjson`;
  writeList(input, kind.count, (index) => kind.value(index + 1));
  const { size } = Deno.statSync(input);
  const times = WAYS.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [how, who]] of WAYS.entries()) {
      if (who === "jq" && noJq) continue;
      times[index]!.push(await timeOnce(how, who, kind, path));
    }
  }
  return WAYS.map(([how, who], index) => {
    if (who === "jq" && noJq) return newRow(how, `jq (skipped: ${noJq})`);
    // The times of the plain loop, by round.
    const plain = times[WAYS.findIndex(([same]) => same === how)]!;
    const ms = median(times[index]!);
    return newRow(how, who, {
      "median ms": round(ms),
      "MB/s": round(size / ms / 1000),
      "speed of the plain loop": round(
        median(times[index]!.map((time, round) => plain[round]! / time)),
      ),
    });
  });
}

function newRow(how: string, who: string, figures: Row = {}): Row {
  const none = { "median ms": "", "MB/s": "", "speed of the plain loop": "" };
  return { how, who, ...none, ...figures };
}

async function timeOnce(
  how: string,
  who: string,
  { count }: Kind,
  folder: string,
): Promise<number> {
  const input = `${folder}/input.ndjson`, output = `${folder}/output.ndjson`;
  const sum = `${count * (count + 1) / 2}`;
  if (who === "jq") return await timeJq(input, sum, folder);
  if (how === "write") await settleDisk();
  const last = how === "read" ? sum : output;
  const { stdout } = await runProgram(
    denoRun(here("ndjson_program.ts"), how, who, input, last),
    folder,
  );
  return Number(stdout);
}

/** Returns the time of jq in milliseconds, including a few for the start of the program. */
async function timeJq(input: string, sum: string, folder: string): Promise<number> {
  const args = ["-n", "reduce inputs.id as $id (0; . + $id)", input];
  const { ms, stdout } = await runProgram({ command: "jq", args }, folder);
  if (stdout.trim() === sum) return ms;
  throw new Error(`Cannot time jq: the ids that it read make ${stdout.trim()}, not ${sum}`);
}

const NUMBERS = Array.from({ length: 60 }, (_, index) => Math.round(Math.sin(index) * 1e4) / 1e4);

function kilobyte(id: number): unknown {
  const tags = ["land", "water", "größer"];
  const bounds = { north: 51.5, east: id / 7 };
  return { id, name: `tile ${id}`, tags, bounds, values: NUMBERS, text: "some text, ".repeat(38) };
}

function kilobytes(id: number, count: number): unknown {
  return { id, tiles: Array.from({ length: count }, (_, index) => kilobyte(index)) };
}
