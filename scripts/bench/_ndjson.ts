/**
 * One way to read or write one ndjson file, and the milliseconds that it took, without the start.
 *
 * `deno run -A _ndjson.ts read|write who input output`
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { JsonParseStream, JsonStringifyStream } from "npm:deno-std@1.4.0/json/mod.js";
import { TextLineStream } from "npm:deno-std@1.4.0/streams/mod.js";
import split2 from "npm:split2@4.2.0";
import { read, readBatches, write } from "../../lib/ndjson.ts";
import { eachLine, LineWriter } from "./_lines.ts";

/** Reads all values of a file, and gives how many there were. */
type Reader = (path: string) => number | Promise<number>;

/** Writes all values to a file. */
type Writer = (values: readonly unknown[], path: string) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  "plain loop": async (path) => {
    let count = 0;
    await eachLine(path, (line) => {
      if (JSON.parse(line) !== undefined) count++;
      return undefined;
    });
    return count;
  },
  "dl_jobs read()": (path) => countEach(read(path)),
  "dl_jobs readBatches()": async (path) => {
    let count = 0;
    for await (const values of readBatches(path)) count += values.length;
    return count;
  },
  "whole file, then split": (path) => {
    const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
    return lines.filter((line) => JSON.parse(line) !== undefined).length;
  },
  "@std/json": async (path) =>
    countEach(
      (await Deno.open(path)).readable.pipeThrough(new TextDecoderStream())
        .pipeThrough(new TextLineStream()).pipeThrough(new JsonParseStream()),
    ),
  split2: (path) => countEach(createReadStream(path).pipe(split2(JSON.parse))),
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

async function countEach(values: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of values) count++;
  return count;
}

async function timeRead(who: string, input: string): Promise<[ms: number, count: number]> {
  const start = performance.now();
  const count = await READERS[who]!(input);
  return [performance.now() - start, count];
}

async function timeWrite(who: string, input: string, output: string): Promise<[number, number]> {
  const values = await Array.fromAsync(read(input));
  const start = performance.now();
  await WRITERS[who]!(values, output);
  return [performance.now() - start, values.length];
}

if (import.meta.main) {
  const [how, who = "", input = "", output = ""] = Deno.args;
  const measured = how === "read"
    ? await timeRead(who, input)
    : await timeWrite(who, input, output);
  console.log(JSON.stringify(measured));
}
