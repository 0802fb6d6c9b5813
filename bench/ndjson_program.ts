/**
 * Reads or writes one ndjson file with one library, and prints the milliseconds after startup.
 *
 * `deno run -A ndjson_program.ts read who input sum-of-ids`
 * `deno run -A ndjson_program.ts write who input output`
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { JsonParseStream, JsonStringifyStream } from "npm:deno-std@1.4.0/json/mod.js";
import { TextLineStream } from "npm:deno-std@1.4.0/streams/mod.js";
import split2 from "npm:split2@4.2.0";
import { read, readBatches, write } from "../lib/ndjson/mod.ts";
import { eachLine, LineWriter } from "./lines.ts";

/** A value in the files. */
interface Value {
  readonly id: number;
}

/** Reads all values of a file and passes each to `see`. */
type Reader = (path: string, see: (value: unknown) => void) => unknown;

/** Writes all values to a file. */
type Writer = (values: readonly unknown[], path: string) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  "plain loop": (path, see) => eachLine(path, (line) => void see(JSON.parse(line))),
  "dl_jobs read()": (path, see) => seeEach(read(path), see),
  "dl_jobs readBatches()": async (path, see) => {
    for await (const values of readBatches(path)) for (const value of values) see(value);
  },
  "whole file, then split": (path, see) => {
    for (const line of Deno.readTextFileSync(path).trimEnd().split("\n")) see(JSON.parse(line));
  },
  "@std/json": async (path, see) =>
    seeEach(
      (await Deno.open(path)).readable.pipeThrough(new TextDecoderStream())
        .pipeThrough(new TextLineStream()).pipeThrough(new JsonParseStream()),
      see,
    ),
  split2: (path, see) => seeEach(createReadStream(path).pipe(split2(JSON.parse)), see),
};

const WRITERS: Readonly<Record<string, Writer>> = {
  "plain loop": (values, path) => {
    using writer = new LineWriter(path);
    for (const value of values) writer.write(JSON.stringify(value));
  },
  "dl_jobs write()": (values, path) => write(values, path, { overwrite: true }),
  "@std/json": async (values, path) => {
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    await ReadableStream.from(values).pipeThrough(new JsonStringifyStream())
      .pipeThrough(new TextEncoderStream()).pipeTo(file.writable);
  },
};

async function seeEach(
  values: AsyncIterable<unknown>,
  see: (value: unknown) => void,
): Promise<void> {
  for await (const value of values) see(value);
}

async function timeRead(who: string, input: string, expected: number): Promise<number> {
  let sum = 0;
  // Keeps a value until the next one arrives, as the variable of a loop does.
  let last: unknown;
  const start = performance.now();
  await READERS[who]!(input, (value) => {
    last = value;
    sum += (value as Value).id;
  });
  const ms = performance.now() - start;
  if (sum === expected && last) return ms;
  throw new Error(`Cannot time ${who}: the ids that it read make ${sum}, not ${expected}`);
}

async function timeWrite(who: string, input: string, output: string): Promise<number> {
  const text = Deno.readTextFileSync(input);
  const values = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const start = performance.now();
  await WRITERS[who]!(values, output);
  const ms = performance.now() - start;
  if (Deno.readTextFileSync(output) === text) return ms;
  throw new Error(`Cannot time ${who}: its output is not its input`);
}

if (import.meta.main) {
  const [how, who = "", input = "", last = ""] = Deno.args;
  const isRead = how === "read";
  console.log(await (isRead ? timeRead(who, input, Number(last)) : timeWrite(who, input, last)));
}
